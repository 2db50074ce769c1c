"""Whether what the bot says of the world is covered: facts, dates, glossary and responses fit together.

Used by `bot catalogue check`, beside the check of the schools. What is merely old is no fault (it is said with its
date, and stands on the staff's list, see `bot.guidance.facts.to_check`); what is unsourced or unconfirmed is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from bot.guidance.facts import Age, Fact, load_facts
from bot.guidance.grounds import GROUNDS
from bot.guidance.interests import load_interests
from bot.guidance.season import load_season
from bot.languages import Language

# Files whose every answer is a claim about the world, unless it says `referral: true`.
CLAIMING_FILES = frozenset({"studies.yml", "practical.yml", "personal.yml", "dates.yml", "simpler.yml"})
# Pieces and questions in them: they claim nothing by themselves.
_NO_CLAIM = re.compile(r"utter_(part|not|ask_birth|ask_home|duty)_")
# A number in a text has to be the number of a fact. Filled-in numbers are named, so they are not seen here.
_NUMBER = re.compile(r"\d+(?:[ -]\d+)*")


@dataclass(frozen=True)
class Fault:
    """Something that must be corrected before it is said: the file, the row, and what to do."""

    file: str
    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}, {self.key}: {self.message}"


def check_knowledge(data: Path, today: date) -> list[Fault]:
    """Return everything in data/knowledge and data/responses that must be corrected; empty when in order."""
    faults: list[Fault] = []
    try:
        facts = load_facts(data / "knowledge" / "facts.yml")
        season = load_season(data / "knowledge" / "season.yml")
        load_interests(data / "knowledge" / "interests.yml")
    except ValueError as error:
        return [Fault("data/knowledge", "-", str(error))]
    for fact in facts.values():
        faults += [Fault("facts.yml", fact.id, message) for message in _fact(fact, today)]
    for row in season:
        if row.source.checked_on is not None and row.source.checked_on.earliest > today:
            faults.append(Fault("season.yml", row.key, "its source is dated in the future; correct checked_on"))
    named = {ground.fact for ground in GROUNDS.values() if ground.fact}
    faults += [Fault("bot/guidance/grounds.py", name, "is no fact of facts.yml") for name in sorted(named - set(facts))]
    responses = dict(_responses(data / "responses"))
    for name, (file, rows) in responses.items():
        faults += [Fault(file, name, message) for message in _response(name, file, rows, facts, today)]
        named |= set(_facts_of(rows[0]))
    faults += [
        Fault("facts.yml", name, "is stated nowhere and behind no rule; take it away")
        for name in sorted(set(facts) - named)
    ]
    return faults + list(_glossary(data / "knowledge" / "glossary.yml", set(responses)))


def _fact(fact: Fact, today: date) -> Iterator[str]:
    if not fact.site:
        # What staff were told is for the console, where it is noted who said so and when.
        yield "the source has to be a web address"
    if fact.checked_on is not None and fact.checked_on.earliest > today + timedelta(days=1):
        yield "checked_on lies in the future; it is the date of the source"
    if fact.valid_from and fact.valid_until and fact.valid_from > fact.valid_until:
        yield "valid_from lies after valid_until"
    if not fact.statement.sv.strip() or not fact.statement.en.strip():
        yield "needs the statement in both languages"


def _responses(folder: Path) -> Iterator[tuple[str, tuple[str, list[Mapping[str, Any]]]]]:
    for path in sorted(folder.glob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        for name, rows in content.get("responses", {}).items():
            yield name, (path.name, rows)


def _facts_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple((row.get("metadata") or {}).get("facts", ()))


def _response(
    name: str, file: str, rows: list[Mapping[str, Any]], facts: Mapping[str, Fact], today: date
) -> Iterator[str]:
    stated = _facts_of(rows[0])
    referral = bool((rows[0].get("metadata") or {}).get("referral"))
    for fact in stated:
        if fact not in facts:
            yield f"states the fact {fact}, which is not in facts.yml"
        elif facts[fact].age(today) is Age.UNCONFIRMED:
            yield f"states {fact}, which no authority confirms; confirm it, or take it out of the text"
        elif facts[fact].age(today) is Age.NOT_VALID:
            yield f"states {fact}, which does not hold on this day; change the text"
    if file in CLAIMING_FILES and not _NO_CLAIM.match(name) and bool(stated) == referral:
        yield "needs metadata: facts that it states, or referral: true when it states none"
    known = [facts[fact] for fact in stated if fact in facts]
    if file in CLAIMING_FILES or any(fact.helpline for fact in known):
        yield from _numbers(name, rows, known)


def _numbers(name: str, rows: list[Mapping[str, Any]], stated: list[Fact]) -> Iterator[str]:
    if _NO_CLAIM.match(name):
        return
    for row, language in zip(rows, Language, strict=False):
        said = " ".join(fact.statement.sv if language is Language.SV else fact.statement.en for fact in stated)
        for number in _NUMBER.findall(str(row.get("text", ""))):
            if not re.search(rf"(?<!\d){re.escape(number)}(?!\d)", said):
                yield f"says {number}, which is in no fact that it names"


def _glossary(path: Path, responses: set[str]) -> Iterator[Fault]:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for row in content["words"]:
        if row["response"] not in responses:
            yield Fault("glossary.yml", row["stems"][0], f"leads to {row['response']}, which no file says")
    for row in content["simpler"]:
        for name in (*row["said"], row["response"]):
            if name not in responses:
                yield Fault("glossary.yml", row["response"], f"names {name}, which no file says")
