"""What the bot may state as a fact: each once, with its source, the source's date and how well it is known.

The rows stand in data/knowledge/facts.yml; how old one is is judged on the day it is said. Used by the answers, by
the check of the data files and by the staff's list of what to look at again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from bot.catalogue.entries import Words
from bot.catalogue.rules import SourceDate
from bot.languages import Language

FACT_DAYS = 180
HELPLINE_DAYS = 90
UNDATED = "undated"
_KEYS = {"id", "statement_sv", "statement_en", "source", "checked_on", "confidence"}
_OPTIONAL = {"valid_from", "valid_until", "helpline", "always"}


class FactConfidence(StrEnum):
    """How well a fact is known."""

    SOURCED = "sourced"
    SECONDARY = "secondary"
    OLD = "old"
    UNVERIFIED = "unverified"


class Age(StrEnum):
    """What must be said beside a fact on a day."""

    FRESH = "fresh"
    DATED = "dated"
    """Too old to be said without its date, and the advice to check with a counsellor."""
    UNDATED = "undated"
    """Its source shows no date; the same advice."""
    NOT_VALID = "not_valid"
    """Does not hold yet, or not any more: not said."""
    UNCONFIRMED = "unconfirmed"
    """No authority says so: not said."""


SAID = frozenset({Age.FRESH, Age.DATED, Age.UNDATED})


@dataclass(frozen=True)
class Fact:
    """One rule, date, number or link."""

    id: str
    statement: Words
    source: str
    checked_on: SourceDate | None
    """The date of the source itself, or of the day on which staff confirmed the fact; None: undated."""
    confidence: FactConfidence
    valid_from: date | None = None
    valid_until: date | None = None
    helpline: bool = False
    always: bool = False

    def age(self, today: date) -> Age:
        """Say how the fact may be said on a day."""
        if (self.valid_from and today < self.valid_from) or (self.valid_until and today > self.valid_until):
            return Age.NOT_VALID
        if self.confidence is not FactConfidence.SOURCED and not self.always:
            return Age.UNCONFIRMED
        if self.checked_on is None:
            return Age.UNDATED
        days = (today - self.checked_on.earliest) / timedelta(days=1)
        return Age.FRESH if 0 <= days <= (HELPLINE_DAYS if self.helpline else FACT_DAYS) else Age.DATED

    @property
    def site(self) -> str:
        """Where it was read, as it is said: `csn.se`; empty when staff were told it and no page says so."""
        if not self.source.startswith(("https://", "http://")):
            return ""
        return (urlsplit(self.source).hostname or "").removeprefix("www.")


@dataclass(frozen=True)
class Footing:
    """What an answer stands on: the page of its main fact, and how old the oldest of its facts is."""

    said: bool
    """False when one of the facts may not be said on the day."""
    site: str
    """Empty when it is known from staff."""
    age: Age
    as_of: SourceDate | None


def footing(facts: Sequence[Fact], today: date) -> Footing:
    """Return what an answer that states these facts stands on.

    Raises:
        ValueError: it states none.
    """
    if not facts:
        raise ValueError("an answer without a fact has no source")
    ages = {fact: fact.age(today) for fact in facts}
    said = all(age in SAID for age in ages.values())
    dates = [fact.checked_on for fact in facts if fact.checked_on is not None]
    oldest = min(dates, key=lambda dated: dated.earliest) if dates else None
    age = next((worst for worst in (Age.UNDATED, Age.DATED) if worst in ages.values()), Age.FRESH)
    return Footing(said, facts[0].site, age, None if age is Age.UNDATED else oldest)


@dataclass(frozen=True)
class ToCheck:
    """A fact that staff should look at again, and why, in Swedish."""

    fact: Fact
    age: Age
    why: str


def to_check(facts: Iterable[Fact], today: date) -> list[ToCheck]:
    """Return what staff should look at again: numbers to call first, then the oldest first, undated ones last."""
    found = [
        ToCheck(fact, age, _why(fact, age)) for fact in facts if (age := fact.age(today)) is not Age.FRESH
    ]  # fmt: skip
    return sorted(
        found,
        key=lambda one: (
            not one.fact.helpline,
            one.fact.checked_on.earliest if one.fact.checked_on else date.max,
            one.fact.id,
        ),
    )


def _why(fact: Fact, age: Age) -> str:
    days = HELPLINE_DAYS if fact.helpline else FACT_DAYS
    match age:
        case Age.DATED:
            when = fact.checked_on.text(Language.SV) if fact.checked_on else ""
            return f"källan är från {when}, äldre än {days} dagar"
        case Age.UNDATED:
            return "källan har inget datum"
        case Age.NOT_VALID if fact.valid_until is not None:
            return f"gällde till och med {fact.valid_until.isoformat()}; visas inte"
        case Age.NOT_VALID:
            return "gäller inte än; visas inte"
        case _:
            return "ingen myndighet eller anordnare har bekräftat det; visas inte"


def load_facts(path: Path) -> dict[str, Fact]:
    """Read data/knowledge/facts.yml.

    Raises:
        ValueError: a row is faulty; the message says which, and what to write.
    """
    found: dict[str, Fact] = {}
    for row in yaml.safe_load(path.read_text(encoding="utf-8"))["facts"]:
        fact = fact_from(row)
        if fact.id in found:
            raise ValueError(f"facts.yml, {fact.id}: stands twice; keep one of them")
        found[fact.id] = fact
    return found


def fact_from(row: Mapping[str, Any]) -> Fact:
    """Build a fact from its row.

    Raises:
        ValueError: something is missing, unknown or of a wrong form.
    """
    name = row.get("id", "a row without id")
    try:
        if missing := _KEYS - set(row):
            raise ValueError(f"lacks {', '.join(sorted(missing))}")
        if unknown := set(row) - _KEYS - _OPTIONAL:
            raise ValueError(f"{', '.join(sorted(unknown))} is no key of a fact")
        if not str(row["source"]).strip():
            raise ValueError("the source is empty; a fact without one cannot be said")
        checked = None if row["checked_on"] == UNDATED else SourceDate.parse(_text(row["checked_on"]))
        valid = {key: row.get(key) for key in ("valid_from", "valid_until")}
        if any(day is not None and not isinstance(day, date) for day in valid.values()):
            raise ValueError("valid_from and valid_until are days, written 2030-06-30")
        return Fact(
            id=str(row["id"]),
            statement=Words(str(row["statement_sv"]), str(row["statement_en"])),
            source=str(row["source"]),
            checked_on=checked,
            confidence=FactConfidence(row["confidence"]),
            valid_from=valid["valid_from"],
            valid_until=valid["valid_until"],
            helpline=bool(row.get("helpline")),
            always=bool(row.get("always")),
        )
    except ValueError as error:
        raise ValueError(f"facts.yml, {name}: {error}") from error


def _text(value: object) -> str | date:
    # A year alone is a number in YAML.
    return value if isinstance(value, date) else str(value)
