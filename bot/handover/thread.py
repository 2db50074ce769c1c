"""A conversation as people read it: both sides in one order, edits with what stood there before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.console.models import Staff
from bot.conversations.models import Author, Conversation, InboundKind, InboundMessage, OutboundMessage
from bot.names import Response
from bot.people.masking import Masking
from bot.people.own_copy import HANDED_OVER
from bot.people.vault import resolve

LIMIT = 300
# What the bot says with somebody's own words in it: a counsellor's, or a youth's with names and numbers put back.
_OWN_WORDS = frozenset({Response.UTTER_HUMAN_LEFT_AGREED, Response.UTTER_PLAN, Response.UTTER_REMINDER_NOTE})
# What stands in place of a copy of everything, or of the link to it: nobody reads it but the youth.
_COPY = "[En kopia av allt som är sparat. Den visas bara för den unga.]"


class Voice(StrEnum):
    """Who speaks in a line."""

    YOUTH = "youth"
    BOT = "bot"
    COUNSELLOR = "counsellor"
    SYSTEM = "system"


@dataclass(frozen=True)
class Line:
    """One message."""

    id: str
    at: datetime
    voice: Voice
    text: str
    kind: str
    """InboundKind of a youth's message, `reply` of ours."""
    name: str | None = None
    """Display name of the counsellor who wrote it."""
    earlier: tuple[str, ...] = ()
    """What an edited message said before, oldest first."""
    edited: bool = False
    state: str = ""
    """Of ours: where it is on its way (OutboundState)."""
    failed_reason: str | None = None
    buttons: tuple[str, ...] = ()
    risk: str = "none"
    detail: str | None = None
    turn_id: str | None = None
    response: str | None = None
    seq: int = 0
    """Its number among those of its side."""
    channel_message_id: str | None = None


@dataclass(frozen=True)
class Before:
    """A place in a conversation: before these numbers of the two sides. Lines that come later do not move it."""

    youth: int
    ours: int

    @classmethod
    def read(cls, text: str) -> Before | None:
        """Return the place that an address names; None when it names none."""
        found = re.fullmatch(r"([0-9]{1,9})-([0-9]{1,9})", text)
        return cls(int(found[1]), int(found[2])) if found else None

    def __str__(self) -> str:
        return f"{self.youth}-{self.ours}"


@dataclass(frozen=True)
class Window:
    """Some lines of a conversation in order, and where those before them begin; None: these are the first."""

    lines: tuple[Line, ...]
    earlier: Before | None


def thread_of(
    session: Session, conversation_id: str, *, since: datetime | None = None, real: bool = False
) -> tuple[Line, ...]:
    """Return the latest lines of a conversation in order.

    Args:
        since: only lines from this instant on.
        real: with the real words and values, for the eyes of the chat's counsellor alone;
            otherwise with placeholders.
    """
    lines = window_of(session, conversation_id, real=real).lines
    return lines if since is None else tuple(line for line in lines if line.at >= since)


def window_of(
    session: Session, conversation_id: str, *, before: Before | None = None, real: bool = False, limit: int = LIMIT
) -> Window:
    """Return the last lines before a place in a conversation, or the latest ones.

    Args:
        before: the place; every line lies in exactly one window of those that lead back from the latest.
        real: as for `thread_of`.
        limit: how many lines at most.
    """
    if before is None:
        conversation = session.get(Conversation, conversation_id)
        if conversation is None:
            return Window((), None)
        before = Before(conversation.inbound_seq + 1, conversation.outbound_seq + 1)
    youth_rows = _rows(session, InboundMessage, conversation_id, before.youth, limit)
    our_rows = _rows(session, OutboundMessage, conversation_id, before.ours, limit)
    youth = _with_later_edits(session, _youth_lines(youth_rows, real), conversation_id, before.youth, real)
    merged = _merge(youth, _our_lines(session, conversation_id, our_rows, real))
    lines = merged[-limit:]
    if max(len(youth_rows), len(our_rows), len(merged)) <= limit:
        return Window(tuple(lines), None)
    shown = {side: [line.seq for line in lines if (line.voice == Voice.YOUTH) == side] for side in (True, False)}
    return Window(tuple(lines), Before(min(shown[True], default=before.youth), min(shown[False], default=before.ours)))


def _rows[Message: (InboundMessage, OutboundMessage)](
    session: Session, table: type[Message], conversation_id: str, before: int, limit: int
) -> list[Message]:
    """Return the last messages of a side in order: one more than is shown, to know whether there are more."""
    found = session.scalars(
        select(table)
        .where(table.conversation_id == conversation_id, table.seq < before)
        .order_by(table.seq.desc())
        .limit(limit + 1)
    ).all()
    return list(reversed(found))


def _with_later_edits(session: Session, lines: list[Line], conversation_id: str, before: int, real: bool) -> list[Line]:
    """Show what was changed later, although the change itself lies in a window after this one."""
    edits = session.scalars(
        select(InboundMessage)
        .where(
            InboundMessage.conversation_id == conversation_id,
            InboundMessage.seq >= before,
            InboundMessage.kind == InboundKind.EDIT,
        )
        .order_by(InboundMessage.seq)
    )
    place_of = {line.channel_message_id: number for number, line in enumerate(lines) if line.channel_message_id}
    for row in edits:
        original = place_of.get(row.channel_message_id or "")
        if original is not None:
            lines[original] = _edited(lines[original], row, real)
    return lines


def _edited(before: Line, edit: InboundMessage, real: bool) -> Line:
    text = _words(edit, real)
    return replace(
        before,
        text=text,
        edited=True,
        risk=edit.risk if edit.risk != "none" else before.risk,
        earlier=before.earlier if before.text == text else (*before.earlier, before.text),
    )


def _youth_lines(rows: Sequence[InboundMessage], real: bool) -> list[Line]:
    lines: list[Line] = []
    place_of: dict[str, int] = {}
    for row in rows:
        line = Line(
            id=row.id,
            seq=row.seq,
            channel_message_id=row.channel_message_id,
            at=row.received_at,
            voice=Voice.YOUTH,
            text=_words(row, real),
            kind=row.kind,
            edited=row.edited_at is not None,
            risk=row.risk,
            detail=row.detail or row.payload,
            turn_id=row.turn_id,
        )
        original = place_of.get(row.channel_message_id or "")
        if row.kind == InboundKind.EDIT and original is not None:
            lines[original] = _edited(lines[original], row, real)
            continue
        if row.channel_message_id:
            place_of[row.channel_message_id] = len(lines)
        lines.append(line)
    return lines


def _words(row: InboundMessage, real: bool) -> str:
    return (row.raw_text if real and row.raw_text is not None else row.text) or ""


def _our_lines(session: Session, conversation_id: str, rows: Sequence[OutboundMessage], real: bool) -> list[Line]:
    names = _names(session, {row.staff_id for row in rows if row.staff_id})
    masking = Masking(session, conversation_id)

    def words(row: OutboundMessage) -> str:
        if row.response in HANDED_OVER:
            return _COPY
        if real:
            return resolve(session, conversation_id, row.text)
        if row.author != Author.COUNSELLOR and row.response not in _OWN_WORDS:
            return row.text
        # The counsellor's own name begins what is said when they leave; every youth sees it.
        name = names.get(row.staff_id or "", "") if row.author == Author.SYSTEM else ""
        head = name if row.text.startswith(name) else ""
        return head + masking.hide(row.text.removeprefix(head), row.created_at.date())

    return [
        Line(
            id=row.id,
            seq=row.seq,
            at=row.created_at,
            voice=_voice(row.author),
            text=words(row),
            kind="reply",
            name=names.get(row.staff_id or "") if row.author == Author.COUNSELLOR else None,
            state=row.state,
            failed_reason=row.failed_reason,
            buttons=tuple(str(button["title"]) for button in row.buttons),
            turn_id=row.turn_id,
            response=row.response,
        )
        for row in rows
    ]


def _voice(author: str) -> Voice:
    return {Author.BOT: Voice.BOT, Author.COUNSELLOR: Voice.COUNSELLOR}.get(Author(author), Voice.SYSTEM)


def _names(session: Session, staff_ids: set[str]) -> dict[str, str]:
    if not staff_ids:
        return {}
    rows = session.execute(select(Staff.id, Staff.display_name).where(Staff.id.in_(staff_ids)))
    return {row.id: row.display_name for row in rows}


def _merge(youth: Sequence[Line], ours: Sequence[Line]) -> list[Line]:
    """Put both sides in one order by time, without ever changing the order within a side (F7)."""
    merged: list[Line] = []
    left, right = 0, 0
    while left < len(youth) and right < len(ours):
        if youth[left].at <= ours[right].at:
            merged.append(youth[left])
            left += 1
        else:
            merged.append(ours[right])
            right += 1
    return [*merged, *youth[left:], *ours[right:]]
