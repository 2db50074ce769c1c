"""Färdiga svar: the ready-made replies, which all who answer chats may change; and how easy a text is to read."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from bot import bell as bells
from bot.console.desk import Visit, not_found
from bot.languages import Language
from bot.livechat.canned import GAPS, MAX_TEXT, MAX_TITLE, UnfitReply, all_of, check
from bot.livechat.models import CannedReply
from bot.plain import read

_FIELDS = ("title", "text_sv", "text_en")


def show(visit: Visit) -> Response:
    """List all replies, each with its form."""
    return _page(visit)


def add(visit: Visit) -> Response:
    """Add a reply."""
    fault = _fault(visit)
    if fault is not None:
        return _page(visit, 422, fault=fault, at="new")
    with visit.desk.services.db.transaction() as session:
        row = CannedReply(active=True)
        _fill(row, visit)
        session.add(row)
    return _done(visit)


def change(visit: Visit) -> Response:
    """Change a reply, or put it away."""
    fault = _fault(visit)
    if fault is not None:
        return _page(visit, 422, fault=fault, at=visit.path("reply"))
    with visit.desk.services.db.transaction() as session:
        row = session.get(CannedReply, visit.path("reply"), with_for_update=True)
        if row is None:
            raise not_found()
        _fill(row, visit)
        row.active = visit.form.has("active")
    return _done(visit)


def measure(visit: Visit) -> Response:
    """Say how easy a text is to read. It is measured and forgotten: neither stored nor logged."""
    language = Language.EN if visit.form.one("language") == Language.EN else Language.SV
    found = read(visit.form.one("text"), language)
    name = "LIX" if found.measure == "LIX" else "Årskurs"
    return JSONResponse(
        {
            "label": f"{name} {max(found.value, 0):.0f}",
            "easy": found.value <= found.limit,
            "faults": list(found.faults),
        }
    )


def _fault(visit: Visit) -> str | None:
    try:
        check(*(visit.form.one(name) for name in _FIELDS))
    except UnfitReply as unfit:
        return str(unfit)
    return None


def _fill(row: CannedReply, visit: Visit) -> None:
    row.title, row.text_sv, row.text_en = (visit.form.one(name).strip() for name in _FIELDS)
    row.changed_at, row.changed_by = visit.now, visit.visitor.staff_id


def _done(visit: Visit) -> Response:
    visit.desk.ring(bells.STAFF)
    return visit.go("/console/replies?said=saved")


def _page(visit: Visit, status: int = 200, *, fault: str = "", at: str = "") -> Response:
    with visit.desk.services.db.reading() as session:
        rows = all_of(session)
    given = {name: visit.form.one(name) for name in _FIELDS}
    return visit.page(
        "replies.html", status, rows=rows, gaps=GAPS, max_title=MAX_TITLE, max_text=MAX_TEXT, fault=fault, at=at,
        given=given, said=visit.query("said"),
    )  # fmt: skip
