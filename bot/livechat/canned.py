"""Ready-made replies: the starter set, what may stand in one, and how its gaps are filled."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.session import Database
from bot.errors import BotError
from bot.languages import Language
from bot.livechat.models import CannedReply

MAX_TITLE = 60
MAX_TEXT = 600
# What may stand in braces, and what it means to who writes the reply.
GAPS: Mapping[str, str] = {
    "namn": "ditt förnamn, som den unga ser det",
    "kommun": "den ungas kommun, om den är känd",
    "öppnar": "när ni finns på plats nästa gång",
}
_GAP = re.compile(r"\{([^{}]*)\}")


class UnfitReply(BotError):
    """A ready-made reply cannot be like that; the message says in Swedish what to change."""


@dataclass(frozen=True)
class Offer:
    """A reply as it is offered in one chat."""

    id: str
    title: str
    text: str


def check(title: str, text_sv: str, text_en: str) -> None:
    """Check what somebody wants to save.

    Raises:
        UnfitReply: something is missing, too long, or stands in braces without a meaning.
    """
    if not 1 <= len(title.strip()) <= MAX_TITLE:
        raise UnfitReply(f"Ge svaret ett namn med högst {MAX_TITLE} tecken.")
    for text, name in ((text_sv, "svenska"), (text_en, "engelska")):
        if not 1 <= len(text.strip()) <= MAX_TEXT:
            raise UnfitReply(f"Skriv texten på {name}, högst {MAX_TEXT} tecken.")
        unknown = [gap for gap in _GAP.findall(text) if gap not in GAPS]
        if unknown:
            known = ", ".join(f"{{{gap}}}" for gap in GAPS)
            raise UnfitReply(f"{{{unknown[0]}}} går inte att fylla i. Du kan använda {known}.")


def fill(text: str, values: Mapping[str, str | None]) -> str:
    """Fill the gaps of a reply; one without a value stays, and has to be filled by hand."""
    return _GAP.sub(lambda match: values.get(match[1]) or match[0], text)


def unfilled(text: str) -> list[str]:
    """Return the gaps that still stand in a text that is about to be sent."""
    return [f"{{{gap}}}" for gap in _GAP.findall(text) if gap in GAPS]


def offers(session: Session, language: Language, values: Mapping[str, str | None]) -> list[Offer]:
    """Return the replies for a chat, in its language and with its gaps filled."""
    return [
        Offer(row.id, row.title, fill(row.text_sv if language is Language.SV else row.text_en, values))
        for row in all_of(session)
        if row.active
    ]


def all_of(session: Session) -> Sequence[CannedReply]:
    """Return all replies: those in use first, by name."""
    return session.scalars(select(CannedReply).order_by(CannedReply.active.desc(), CannedReply.title)).all()


def load_starters(db: Database, path: Path, now: datetime) -> int:
    """Bring in what the starter set has and we never had; what staff have changed or put away stays so.

    Returns:
        How many were brought in.
    """
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))["replies"]
    with db.transaction() as session:
        known = set(session.scalars(select(CannedReply.starter)))
        fresh = [row for row in rows if row["name"] not in known]
        for row in fresh:
            session.add(
                CannedReply(
                    starter=row["name"], title=row["title"], text_sv=row["sv"], text_en=row["en"], changed_at=now
                )
            )
    return len(fresh)
