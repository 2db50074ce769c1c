"""Inkorg: my chats, who waits, everything in my municipalities. One list, three views."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists
from starlette.responses import Response

from bot.console.chatlist import MISSED, in_scope, page_of
from bot.console.counts import counts_for
from bot.console.desk import Visit
from bot.console.stamps import ALL, live_address
from bot.conversations.models import Conversation, Turn
from bot.given import whole_number
from bot.handover.models import Handover
from bot.handover.queue import Entry
from bot.livechat.reading import unread

VIEWS = {"mine": "Mina", "waiting": "Väntar", "all": "Alla"}
FILTERS = {"": "Alla", "open": "Hos oss nu", "risk": "Tecken på fara", "people": "Har träffat en vägledare",
           "unclear": "Boten förstod inte"}  # fmt: skip
_LAST_PAGE = 10_000


@dataclass(frozen=True)
class Rail:
    """The lists beside an open chat."""

    mine: tuple[Entry, ...]
    queue: tuple[Entry, ...]
    unread: dict[str, int]
    offered: tuple[Entry, ...]
    """Chats that colleagues ask me to take over."""


def rail_of(visit: Visit) -> Rail:
    """Return my chats and who waits, with what I have not read."""
    mine = visit.desk.handover.mine(visit.visitor.staff_id)
    with visit.desk.services.db.reading() as session:
        fresh = unread(session, visit.visitor.staff_id, [entry.conversation_id for entry in mine])
    return Rail(
        mine,
        visit.desk.handover.queue(visit.visitor.municipalities),
        fresh,
        visit.desk.handover.offered(visit.visitor.staff_id),
    )


def show(visit: Visit) -> Response:
    """The list; without a choice, the view in which something is to be done."""
    live = live_address(visit.desk.services.db, visit.now, ALL)
    view = visit.query("view")
    if view not in VIEWS:
        with visit.desk.services.db.reading() as session:
            counts = counts_for(session, visit.visitor)
        view = "mine" if counts.mine else "waiting" if counts.waiting + counts.parked else "all"
    if view != "all":
        return visit.page("inbox.html", live=live, refresh=True, view=view, views=VIEWS, rail=rail_of(visit))
    chosen = visit.query("filter") if visit.query("filter") in FILTERS else ""
    page = whole_number(visit.query("page"), most=_LAST_PAGE) or 1
    with visit.desk.services.db.reading() as session:
        conditions = [*_where(chosen), *in_scope(session, visit.visitor.municipalities)]
        rows, more = page_of(session, conditions, page)
    return visit.page(
        "inbox.html", live=live, refresh=True, view=view, views=VIEWS, rows=rows, more=more, number=page,
        filters=FILTERS, chosen=chosen,
    )  # fmt: skip


def _where(chosen: str) -> list[ColumnElement[bool]]:
    match chosen:
        case "open":
            return [Conversation.state != "BOT"]
        case "risk":
            return [Conversation.risk != "none"]
        case "people":
            return [exists().where(Handover.conversation_id == Conversation.id, Handover.claimed_at.is_not(None))]
        case "unclear":
            return [exists().where(Turn.conversation_id == Conversation.id, Turn.intent.in_(MISSED))]
        case _:
            return []
