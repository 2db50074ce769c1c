"""Orosanmälan: a guide with a checklist for whoever must report a concern for a child, and keeping the papers.

And unmasking: seeing names and numbers of a conversation that is not one's own, for a reason.
"""

from __future__ import annotations

from starlette.responses import PlainTextResponse, Response

from bot.console.access import may_open, place_of, record_opening
from bot.console.desk import Visit, not_found
from bot.console.dpo_pages import records_of
from bot.conversations import outbox
from bot.conversations.models import Conversation
from bot.people import preserve
from bot.people.models import PreservedRecord
from bot.people.vault import values_of

MIN_REASON, MAX_REASON = 10, 500


def guide(visit: Visit) -> Response:
    """Show the guide for one conversation."""
    with visit.desk.services.db.reading() as session:
        conversation = _conversation(visit, session.get(Conversation, visit.path("conversation")))
        return visit.page(
            "report.html",
            conversation=conversation,
            municipality=place_of(session, conversation.id),
            records=preserve.records(session, conversation.id),
            said=visit.query("said"),
        )


def keep(visit: Visit) -> Response:
    """Keep the conversation until it is registered: neither erasure nor retention takes it."""
    desk = visit.desk
    with desk.services.db.reading() as session:
        conversation = _conversation(visit, session.get(Conversation, visit.path("conversation")))
    record_opening(desk.services.db, visit.visitor, conversation.id, "preserve", visit.now)
    with desk.services.db.transaction() as session:
        held = outbox.lock_conversation(session, conversation.id)
        if held is None or held.blanked_at is not None:
            # Erased while the page was open: nothing is left that could be kept.
            raise not_found()
        marked = preserve.mark(
            session, held, staff_id=visit.visitor.staff_id, municipality=place_of(session, held.id), now=visit.now
        )
    return visit.go(f"/console/reports/{conversation.id}?said={marked.kept}")


def index(visit: Visit) -> Response:
    """List the records that are kept for reports in one's municipalities."""
    with visit.desk.services.db.reading() as session:
        records = records_of(session, visit)
    return visit.page("reports.html", records=records, said=visit.query("said"), fault="")


def papers(visit: Visit) -> Response:
    """Give the kept text as a file, to be registered; written down as a reading with names and numbers."""
    with visit.desk.services.db.reading() as session:
        mine = [record for record, _ in records_of(session, visit) if record.record_id == visit.path("record")]
        if not mine:
            raise not_found()
        text = session.get_one(PreservedRecord, mine[0].record_id).document
    record_opening(visit.desk.services.db, visit.visitor, mine[0].conversation_id, "preserve", visit.now)
    headers = {"content-disposition": 'attachment; filename="underlag.txt"'}
    return PlainTextResponse("\ufeff" + text, headers=headers)


def ask_unmask(visit: Visit) -> Response:
    """Show the form: why?"""
    with visit.desk.services.db.reading() as session:
        conversation = _conversation(visit, session.get(Conversation, visit.path("conversation")))
    return _unmask_page(visit, conversation)


def unmask(visit: Visit) -> Response:
    """Write down the reason, then show the names and numbers, this once."""
    reason = visit.form.one("reason").strip()
    desk = visit.desk
    with desk.services.db.reading() as session:
        conversation = _conversation(visit, session.get(Conversation, visit.path("conversation")))
    if not MIN_REASON <= len(reason) <= MAX_REASON:
        fault = f"Skriv varför, {MIN_REASON} till {MAX_REASON} tecken. Dataskyddsombudet läser det."
        return _unmask_page(visit, conversation, 422, fault=fault, reason=reason[:MAX_REASON])
    record_opening(desk.services.db, visit.visitor, conversation.id, "unmask", visit.now, reason=reason)
    with desk.services.db.reading() as session:
        values = values_of(session, conversation.id)
    return _unmask_page(visit, conversation, values=values)


def _unmask_page(
    visit: Visit,
    conversation: Conversation,
    status: int = 200,
    *,
    fault: str = "",
    reason: str = "",
    values: list[tuple[str, str]] | None = None,
) -> Response:
    return visit.page(
        "unmask.html", status, conversation=conversation, fault=fault, reason=reason, values=values,
        min_reason=MIN_REASON, max_reason=MAX_REASON,
    )  # fmt: skip


def _conversation(visit: Visit, conversation: Conversation | None) -> Conversation:
    with visit.desk.services.db.reading() as session:
        if conversation is None or conversation.blanked_at or not may_open(session, visit.visitor, conversation):
            raise not_found()
    return conversation
