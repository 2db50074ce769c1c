"""What we have about a person, for that person: a readable file of every store (`/minadata`, `bot export`)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from bot.clock import STOCKHOLM
from bot.conversations.models import Conversation
from bot.db.base import Base
from bot.languages import Language
from bot.names import Response
from bot.people import data_map
from bot.people.data_map import SENSITIVE, Class
from bot.people.models import ExportLink
from bot.people.vault import resolve
from bot.texts import Bubble, Texts

# A link is for now: whoever finds it tomorrow sees nothing.
LINK_LIVES = timedelta(hours=1)
# Telegram takes 4,096 characters; a part ends at a line.
PART = 3_500
MOST_PARTS = 12

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
        found = list(section)
        lines += [title, "-" * len(title), *(found or [w["nothing"]]), ""]
    return "\n".join([*lines, w["end"], ""])


def as_bubbles(
    session: Session,
    conversation: Conversation,
    texts: Texts,
    language: Language,
    *,
    now: datetime,
    public_url: str = "",
) -> list[Bubble]:
    """Return the answer to `/minadata`: how much there is, and all of it behind a link, or here in the chat.

    The link is for the web chat, and for every channel once people can reach `public_url`.
    """
    items = ", ".join(f"{count} {name}" for name, count in _amounts(session, conversation, language))
    bubbles = [texts.say(Response.UTTER_MY_DATA, language, items=items)]
    if public_url and (conversation.channel == "web" or not _is_loopback(public_url)):
        link = f"{public_url}/my-data/{make_link(session, conversation, language, now)}?lang={language}"
        return [*bubbles, texts.say(Response.UTTER_MY_DATA_LINK, language, link=link)]
    text = document(session, conversation, language, now)
    parts = _parts(text)
    if len(parts) > MOST_PARTS:
        # The beginning and the end would be useless without the middle: the newest part is what matters.
        parts = [parts[0], *parts[-(MOST_PARTS - 1) :]]
    here = texts.say(Response.UTTER_MY_DATA_HERE, language)
    return [*bubbles, here, *(Bubble(part, (), here.response) for part in parts)]


def make_link(session: Session, conversation: Conversation, language: Language, now: datetime) -> str:
    """Return the secret of a new link; earlier ones of the same person are dead from now on."""
    for row in session.scalars(select(ExportLink).where(ExportLink.conversation_id == conversation.id)):
        session.delete(row)
    secret = secrets.token_urlsafe(24)
    session.add(
        ExportLink(
            fingerprint=_hash(secret), conversation_id=conversation.id, language=language, expires_at=now + LINK_LIVES
        )
    )
    session.flush()
    return secret


def use_link(session: Session, secret: str, now: datetime) -> str | None:
    """Return the document behind a link, once; None when there is no such link, or no longer."""
    row = session.get(ExportLink, _hash(secret), with_for_update=True)
    if row is None or row.expires_at <= now:
        return None
    conversation = session.get(Conversation, row.conversation_id)
    language = Language(row.language)
    session.delete(row)
    return document(session, conversation, language, now) if conversation is not None else None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _is_loopback(url: str) -> bool:
    return (urlsplit(url).hostname or "localhost") in ("localhost", "127.0.0.1", "::1", "0.0.0.0")


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
        said.append((row.received_at, row.seq, who, words))
    names = _names_of_staff(copy)
    for row in copy.rows("outbound_message", "seq"):
        if row.response == Response.UTTER_MY_DATA_HERE:
            continue  # An earlier copy of this very text.
        name = names.get(row.staff_id or "")
        who = w["counsellor"].format(name=name) if row.author == "counsellor" and name else w["bot"]
        said.append((row.created_at, row.seq, who, copy.real(row.text) or w["gone"]))
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


def _amounts(session: Session, conversation: Conversation, language: Language) -> list[tuple[str, int]]:
    labels = {
        Language.SV: ("meddelanden från dig", "svar till dig", "namn och nummer", "bokningar"),
        Language.EN: ("messages from you", "replies to you", "names and numbers", "bookings"),
    }[language]
    counts = []
    for name in ("inbound_message", "outbound_message", "vault_value", "booking"):
        table = Base.metadata.tables[name]
        where = data_map.rows_of(table, conversation.id, conversation.person_id)
        assert where is not None
        counts.append(session.scalar(select(func.count()).select_from(table).where(where)) or 0)
    return list(zip(labels, counts, strict=True))


def _parts(text: str) -> list[str]:
    """Part a text at line ends, so that each part fits one message of a channel."""
    parts, current = [], ""
    for line in text.splitlines(keepends=True):
        for piece in (line[start : start + PART] for start in range(0, len(line), PART)):
            if len(current) + len(piece) > PART:
                parts.append(current.strip())
                current = ""
            current += piece
    return [part for part in [*parts, current.strip()] if part]
