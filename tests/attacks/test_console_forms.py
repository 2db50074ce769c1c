"""Every form of the console as it stands on its page, one field at a time filled with what breaks programs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

import httpx
import pytest
from bs4 import BeautifulSoup, Tag
from sqlalchemy import select

from bot.handover.models import Handover as HandoverRow
from bot.handover.models import Reason
from bot.handover.service import Claimed, Handover
from bot.plan import service as plans
from tests.attacks.conftest import Target, built
from tests.attacks.test_console_routes import browser, console_routes, csrf_of, is_stream
from tests.conftest import NOW

HOSTILE = ("²", "9" * 4400, "1" + "0" * 20, "9999-12-31", "0001-01-01T00:00", "<script>alert(1)</script>\x00")
# These end the session with which the others are sent.
_ENDS = ("/sign-out", "/password", "/second-factor", "/off")
# These end the chat whose other forms come first.
_LAST = ("/hand-back", "/put-back", "/offer", "/close")


@dataclass(frozen=True)
class Shown:
    """A form as it stands on a page."""

    action: str
    fields: dict[str, list[str]]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, keys: None) -> Iterator[Target]:
    """A program of its own, whose counsellor has a chat of Motala with a plan of one step: forms change things."""
    with built(tmp_path_factory.mktemp("forms")) as target:
        services = target.services
        handover = Handover(services.db, services.clock, services.texts)
        handover.request(conversation_id=target.own, reason=Reason.ASKED, request_key="own")
        with services.db.transaction() as session:
            request = session.scalars(select(HandoverRow.id).where(HandoverRow.conversation_id == target.own)).one()
            plans.add_step(session, target.own, "ring skolan", plans.YOUTH, NOW)
        assert isinstance(handover.claim(request, target.staff["counsellor"]), Claimed)
        yield target


def forms_of(page: httpx.Response) -> Iterator[Shown]:
    """Yield the forms of a page with what a browser would send."""
    for form in BeautifulSoup(page.text, "html.parser").find_all("form", method="post"):
        fields: dict[str, list[str]] = {}
        for one in form.find_all(["input", "textarea", "select"]):
            name = str(one.get("name") or "")
            if name and (one.get("type") not in ("checkbox", "radio") or one.has_attr("checked")):
                fields.setdefault(name, []).append(value_of(one))
        yield Shown(str(form["action"]).split("#")[0], fields)


def value_of(field: Tag) -> str:
    """Return what a browser would send of a field that nobody has touched."""
    if field.name != "select":
        return field.get_text() if field.name == "textarea" else str(field.get("value") or "")
    options = field.find_all("option")
    chosen = [option for option in options if option.has_attr("selected")] or options
    return str(chosen[0].get("value") or "") if chosen else ""


async def all_forms(client: httpx.AsyncClient, target: Target) -> list[Shown]:
    """Return every form that somebody sees, once for each address."""
    paths = [
        path.replace("{conversation}", target.own).replace("{staff}", target.staff["reviewer"])
        for path, route in console_routes(list(target.app.routes)) if "GET" in (route.methods or ())
    ]  # fmt: skip
    index = await client.get("/console/catalogue")
    for kind in ("provider", "municipality", "fact", "season"):
        paths += re.findall(rf'href="(/console/catalogue/{kind}/[^"#?]+)', index.text)[:1]
    paths += ["/console/catalogue/provider/new"]
    found: dict[str, Shown] = {}
    for path in paths:
        if "{" not in path and not is_stream(path):
            for form in forms_of(await client.get(path)):
                # One of each kind is enough: rows of a list and days of a week have equal forms and fields.
                found.setdefault(re.sub(r"[0-9a-f-]{36}", "*", form.action), form)
    return sorted(found.values(), key=lambda form: form.action.endswith(_LAST))


@pytest.mark.parametrize("role", ["counsellor", "editor", "admin", "dpo"])
async def test_no_field_of_any_form_breaks_a_page(prepared: Target, role: str) -> None:
    async with browser(prepared, role) as client:
        forms = [form for form in await all_forms(client, prepared) if not form.action.endswith(_ENDS)]
        names = {name for form in forms for name in form.fields} - {"csrf"}
        for form in forms:
            for name in {re.sub(r"\d", "*", name): name for name in form.fields if name != "csrf"}.values():
                for value in HOSTILE:
                    answer = await client.post(form.action, data=form.fields | {name: [value]})
                    assert answer.status_code < 500, f"{form.action} {name}={value[:20]!r}"
                    assert "<script>alert" not in answer.text
    if role == "counsellor":
        assert {"minutes", "first_day", "text", "at", "step", "until"} <= names, "the forms are not found"


async def test_no_address_below_a_chat_of_ones_own_breaks_a_page(prepared: Target) -> None:
    token = csrf_of(prepared, "counsellor")
    async with browser(prepared, "counsellor") as client:
        for path, route in console_routes(list(prepared.app.routes)):
            own = path.replace("{conversation}", prepared.own)
            if own == path or "{" not in own or "POST" not in (route.methods or ()):
                continue
            for value in HOSTILE:
                hostile = re.sub(r"\{\w+\}", quote(value[:300], safe=""), own)
                answer = await client.post(hostile, data={"csrf": token})
                assert answer.status_code < 500, f"{path} {value[:20]!r}"
