"""What we have about a person, for that person: a readable file of every store (`/minadata`, `bot export`)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from bot.clock import STOCKHOLM
from bot.conversations.models import Conversation
from bot.db.base import Base
from bot.languages import Language
from bot.names import Response
from bot.people import data_map
from bot.people.data_map import SENSITIVE, Class
from bot.people.vault import resolve
from bot.safety.danger import Risk

# Tables that have a section of their own below; all others are listed by what the data map says of them.
_TOLD = frozenset({
    "person", "conversation", "inbound_message", "outbound_message", "button", "turn", "vault_value", "booking",
    "handover", "note", "channel_identity", "resume_code", "export_link",
})  # fmt: skip


@dataclass(frozen=True)
class _Copy:
    """One copy being written."""

    session: Session
    conversation: Conversation
    words: dict[str, Any]
    for_staff: bool

    def rows(self, name: str, order: str) -> Sequence[Any]:
        """Return the person's rows of a table."""
        table = Base.metadata.tables[name]
        where = data_map.rows_of(table, self.conversation.id, self.conversation.person_id)
        assert where is not None
        return self.session.execute(select(table).where(where).order_by(table.c[order])).all()

    def real(self, text: str | None) -> str:
        """Put the real names and numbers back: they are the person's own."""
        return resolve(self.session, self.conversation.id, text or "")


def document(
    session: Session, conversation: Conversation, language: Language, now: datetime, *, for_staff: bool = False
) -> str:
    """Return everything that every store of ours holds about a person, as a text to read.

    Args:
        for_staff: a copy for a records request or a report of concern: also what staff have noted.
    """
    copy = _Copy(session, conversation, _words()[language], for_staff)
    w = copy.words
    lines = [w["title"], "=" * len(w["title"]), w["made"].format(at=_time(now)), ""]
    for title, section in _sections(copy):
        lines += [title, "-" * len(title), *(section or [w["nothing"]]), ""]
    return "\n".join([*lines, w["end"], ""])


def extended(
    earlier: str, session: Session, conversation: Conversation, language: Language, now: datetime, *, for_staff: bool
) -> str:
    """Return an earlier document with what has come to it or changed since, under its own date; nothing of it goes."""
    copy = _Copy(session, conversation, _words()[language], for_staff)
    told, added = Counter[str](), list[str]()
    for title, section in _sections(copy):
        new = []
        for line in section:
            told[line] += 1
            # The same words can be written twice within a minute.
            if told[line] > len(re.findall(rf"(?m)^{re.escape(line)}$", earlier)):
                new.append(line)
        if new:
            added += [title, "-" * len(title), *new, ""]
    if not added:
        return earlier
    title = copy.words["added"].format(at=_time(now))
    return "\n".join([earlier, title, "=" * len(title), *added])


def _sections(copy: _Copy) -> Iterator[tuple[str, list[str]]]:
    w = copy.words
    for title, section in (
        (w["about"], _about(copy)),
        (w["talk"], _talk(copy)),
        (w["locked"], _locked(copy)),
        (w["remembers"], _remembers(copy)),
        (w["understood"], _understood(copy)),
        (w["meetings"], _meetings(copy)),
        (w["people"], _people(copy)),
        (w["notes"], _notes(copy)),
        (w["opened"], _opened(copy)),
        (w["other"], _other(copy)),
    ):
        yield title, list(section)


@lru_cache(maxsize=1)
def _words() -> dict[Language, dict[str, Any]]:
    content = yaml.safe_load(Path(__file__).with_name("export_words.yml").read_text(encoding="utf-8"))
    return {Language(name): words for name, words in content.items()}


def _time(at: datetime | None) -> str:
    return f"{at.astimezone(STOCKHOLM):%Y-%m-%d %H.%M}" if at else "–"


def _about(copy: _Copy) -> Iterator[str]:
    w, conversation = copy.words, copy.conversation
    (person,) = copy.rows("person", "id")
    yield f"{w['channel']}: {w['channels'].get(conversation.channel, conversation.channel)}"
    yield f"{w['language']}: {w['languages'][conversation.language]}"
    yield f"{w['municipality']}: {_slots(copy).get('municipality') or person.municipality or w['unknown']}"
    yield f"{w['first']}: {_time(person.created_at)}"
    yield f"{w['last']}: {_time(conversation.last_inbound_at)}"
    if conversation.risk != Risk.NONE:
        yield w["risk"].format(sign=w["signs"][conversation.risk], at=_time(conversation.risk_at))
    record = Base.metadata.tables["preserved_record"]
    for (made_at,) in copy.session.execute(
        select(record.c.made_at).where(record.c.conversation_id == conversation.id).order_by(record.c.made_at)
    ):
        yield w["preserved"].format(at=_time(made_at))
    yield w["no_identity"]


def _talk(copy: _Copy) -> Iterator[str]:
    w = copy.words
    titles = {row.payload: row.title for row in copy.rows("button", "created_at")}
    said: list[tuple[datetime, int, str, str]] = []
    for row in copy.rows("inbound_message", "seq"):
        who = w["you_edited"] if row.kind == "edit" else w["you"]
        if row.kind in ("text", "edit"):
            words = row.raw_text or copy.real(row.text) or w["gone"]
        elif row.kind == "command":
            words = f"/{row.payload}"
        elif row.kind == "button":
            words = w["button"].format(text=titles.get(row.payload, row.payload or ""))
        else:
            words = f"{w['unread']} {row.detail or row.kind}"
        taken = f" {w['taken'].format(sign=w['signs'][row.risk])}" if row.risk != Risk.NONE else ""
        said.append((row.received_at, row.seq, who, f"{words}{taken}"))
    names = _names_of_staff(copy)
    for row in copy.rows("outbound_message", "seq"):
        if row.response == Response.UTTER_MY_DATA_HERE:
            continue  # An earlier copy of this very text.
        name = names.get(row.staff_id or "")
        who = w["counsellor"].format(name=name) if row.author == "counsellor" and name else w["bot"]
        words = w["link"] if row.response == Response.UTTER_MY_DATA_LINK else copy.real(row.text) or w["gone"]
        said.append((row.created_at, row.seq, who, words))
    for at, _, who, words in sorted(said, key=lambda line: line[0]):
        yield f"{_time(at)}  {who}: {words}"


def _names_of_staff(copy: _Copy) -> dict[str, str]:
    staff = Base.metadata.tables["staff"]
    return dict(copy.session.execute(select(staff.c.id, staff.c.display_name)).tuples().all())


def _locked(copy: _Copy) -> Iterator[str]:
    for row in copy.rows("vault_value", "created_at"):
        yield f"<{row.kind}_{row.number}>: {row.value}"


def _slots(copy: _Copy) -> dict[str, Any]:
    turns = [row for row in copy.rows("turn", "first_seq") if row.slots]
    return dict(turns[-1].slots) if turns else {}


def _remembers(copy: _Copy) -> Iterator[str]:
    for name, value in sorted(_slots(copy).items()):
        if value not in (None, "", [], {}, False):
            yield f"{name}: {copy.real(str(value))}"


def _understood(copy: _Copy) -> Iterator[str]:
    for row in copy.rows("turn", "first_seq"):
        found = ", ".join(f"{one.get('entity')} = {copy.real(str(one.get('value')))}" for one in row.entities or ())
        yield f"{_time(row.created_at)}  {row.intent or '–'}{f' ({found})' if found else ''}"


def _meetings(copy: _Copy) -> Iterator[str]:
    for row in copy.rows("booking", "starts_at"):
        yield copy.words["meeting"].format(
            at=_time(row.starts_at), minutes=row.minutes, call_me=copy.real(row.call_me),
            contact=copy.real(row.contact) or "–", topic=row.topic, state=row.state,
        )  # fmt: skip


def _people(copy: _Copy) -> Iterator[str]:
    for row in copy.rows("handover", "requested_at"):
        summary = (row.summary or "").replace("\n", " ")
        yield copy.words["people_line"].format(
            at=_time(row.requested_at), state=row.end_reason or row.state, summary=copy.real(summary)
        )
        # Columns that were added later (what was agreed, the youth's own words) are not forgotten.
        yield from _rest(copy, row, Base.metadata.tables["handover"], but={"summary"})


def _notes(copy: _Copy) -> Iterator[str]:
    rows = copy.rows("note", "created_at")
    if not copy.for_staff:
        # Notes are for colleagues; a youth reads them at the municipality, after a decision on secrecy.
        if rows:
            yield copy.words["notes_count"].format(count=len(rows))
        return
    names = _names_of_staff(copy)
    for row in rows:
        yield f"{_time(row.created_at)}  {names.get(row.staff_id, '–')}: {row.text.for_staff}"


def _opened(copy: _Copy) -> Iterator[str]:
    table = Base.metadata.tables["access_log"]
    rows = copy.session.execute(
        select(table.c.at, table.c.what).where(table.c.conversation_id == copy.conversation.id).order_by(table.c.at)
    )
    for row in rows:
        yield copy.words["opened_line"].format(at=_time(row.at), what=copy.words["opened_what"].get(row.what, row.what))


def _other(copy: _Copy) -> Iterator[str]:
    """Every table that has no section of its own: a new one is in the copy from its first day."""
    for table in reversed(data_map.tables_of_a_person()):
        if table.name in _TOLD:
            continue
        order = "created_at" if "created_at" in table.c else next(iter(table.primary_key.columns)).name
        for row in copy.rows(table.name, order):
            yield from _rest(copy, row, table, but=set(), title=table.name)


def _rest(copy: _Copy, row: Any, table: Table, *, but: set[str], title: str = "") -> Iterator[str]:
    wanted = SENSITIVE | ({Class.METRIC} if title else set())
    parts = []
    for column in table.c:
        value = getattr(row, column.key)
        if column.name not in but and data_map.class_of(column) in wanted and value not in (None, "", [], {}):
            parts.append(f"{column.name}: {copy.real(str(value))}")
        elif title and isinstance(value, datetime):
            parts.append(f"{column.name}: {_time(value)}")
    if parts:
        yield f"{title}{' – ' if title else '  '}{', '.join(parts)}"
