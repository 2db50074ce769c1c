"""What an invented youth says next, and what the feedback looks at. Pure: no database, no clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.languages import Language
from bot.plain import blaming, read

# How fast an invented youth reads and types; slow enough to be seen typing.
READS = timedelta(seconds=2)
TYPES_A_SECOND = 12


@dataclass(frozen=True)
class Step:
    """What the youth says after one more answer."""

    branches: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    otherwise: tuple[str, ...]

    def after(self, answer: str) -> tuple[str, ...]:
        """Return what is said after this answer."""
        lower = answer.lower()
        for words, said in self.branches:
            if any(word in lower for word in words):
                return said
        return self.otherwise


@dataclass(frozen=True)
class Scenario:
    """An invented youth."""

    name: str
    title: str
    learn: str
    language: Language
    municipality: str
    reason: str
    risk: str
    summary: str
    opening: tuple[Mapping[str, str], ...]
    steps: tuple[Step, ...]
    look_for: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """One thing the feedback looks at."""

    good: bool
    text: str


@cache
def scenarios(path: Path) -> Mapping[str, Scenario]:
    """Read the invented youths, by name.

    Raises:
        KeyError: a scenario lacks a field, or looks for something that no rule knows.
    """
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))["scenarios"]
    return {row["name"]: _scenario(row) for row in rows}


def _scenario(row: Mapping[str, Any]) -> Scenario:
    unknown = set(row["look_for"]) - set(_CHECKS)
    if unknown:
        raise KeyError(f"{row['name']} looks for {sorted(unknown)}, which nothing checks")
    return Scenario(
        name=row["name"], title=row["title"], learn=row["learn"], language=Language(row["language"]),
        municipality=row["municipality"], reason=row["reason"], risk=row.get("risk", "none"),
        summary="\n".join(row["summary"]), opening=tuple(row["opening"]), look_for=tuple(row["look_for"]),
        steps=tuple(
            Step(
                tuple((tuple(one["words"]), tuple(one["say"])) for one in step.get("branches", ())), tuple(step["say"])
            )
            for step in row["steps"]
        ),
    )  # fmt: skip


def answers_of(scenario: Scenario, answered: int, answer: str, now: datetime) -> list[tuple[datetime, str]]:
    """Return what the youth says next, each line with the moment at which it is there.

    Args:
        answered: how many answers the counsellor had given before this one.
    """
    if answered >= len(scenario.steps):
        return []
    lines, at = [], now + READS
    for text in scenario.steps[answered].after(answer):
        at += timedelta(seconds=1 + len(text) / TYPES_A_SECOND)
        lines.append((at, text))
    return lines


def findings_of(scenario: Scenario, name: str, answers: Sequence[str]) -> list[Finding]:
    """Return the feedback on what a counsellor wrote, good things first."""
    found = [_CHECKS[one](scenario, name, list(answers)) for one in scenario.look_for]
    if blamed := sorted({word for answer in answers for word in blaming(answer)}):
        found.append(Finding(good=False, text=f"Du skrev ”{blamed[0]}”, som kan låta dömande."))
    return sorted(found, key=lambda finding: not finding.good)


def _any(pattern: str, answers: Sequence[str]) -> bool:
    return any(re.search(pattern, answer, re.IGNORECASE) for answer in answers)


def _say(good: bool, yes: str, no: str) -> Finding:
    return Finding(good=good, text=yes if good else no)


def _greets(_: Scenario, name: str, answers: list[str]) -> Finding:
    first = answers[0].lower() if answers else ""
    good = bool(re.search(r"\b(hej|hallå|hi|hello)\b", first)) and name.lower() in first
    return _say(good, "Du hälsade och sa vad du heter.", "Börja med att hälsa och säga vad du heter.")


def _open_question(_: Scenario, __: str, answers: list[str]) -> Finding:
    good = _any(r"\b(vad|hur|vilk\w+|berätta|what|how|which|tell me)\b[^.!]*[?]|berätta|tell me", answers)
    return _say(good, "Du ställde en öppen fråga.", "Ställ en öppen fråga, som börjar med vad eller hur.")


def _easy(scenario: Scenario, _: str, answers: list[str]) -> Finding:
    hard = sum(bool(read(answer, scenario.language).faults) for answer in answers)
    return _say(
        bool(answers) and hard == 0,
        "Alla dina svar var korta och lätta att läsa.",
        f"{hard} av {len(answers)} svar var långa eller svåra. Dela upp dem." if answers else "Du skrev inget svar.",
    )


def _no_promise(_: Scenario, __: str, answers: list[str]) -> Finding:
    good = not _any(r"\b(lova[rd]?|garanter\w+|säkert in|promise|guarantee\w*|definitely)\b", answers)
    return _say(good, "Du lovade inget som du inte kan hålla.", "Lova ingen plats och inga pengar.")


def _small_step(_: Scenario, __: str, answers: list[str]) -> Finding:
    good = _any(r"\b(steg|boka|ses|träffas|ringa?|besök\w*|step|book|meet|call|visit)\b", answers)
    return _say(good, "Du föreslog ett litet nästa steg.", "Föreslå ett litet nästa steg, till exempel att ses.")


def _asks_about_danger(_: Scenario, __: str, answers: list[str]) -> Finding:
    good = _any(r"fara|skada dig|ta ditt liv|självmord|säker just nu|danger|hurt yourself|safe", answers[:2])
    return _say(good, "Du frågade rakt om fara, tidigt.", "Fråga rakt om hen är i fara, redan i början.")


def _names_help(_: Scenario, __: str, answers: list[str]) -> Finding:
    good = _any(r"\b(112|90101|116 ?111|1177|bris|självmordslinjen)\b", answers)
    return _say(good, "Du sa vart hen kan vända sig nu.", "Säg vart hen kan vända sig nu: 112, 90101 eller Bris.")


def _stays(_: Scenario, __: str, answers: list[str]) -> Finding:
    good = _any(r"\b(stannar|är kvar|jag är här|finns här|i am here|stay)\b", answers)
    return _say(good, "Du sa att du är kvar.", "Säg att du är kvar i chatten.")


def _short(_: Scenario, __: str, answers: list[str]) -> Finding:
    good = bool(answers) and all(len(answer) <= 140 for answer in answers)
    return _say(good, "Du höll dina svar korta.", "Svara kort när den unga svarar kort.")


def _no_pressure(_: Scenario, __: str, answers: list[str]) -> Finding:
    good = not _any(r"\b(varför|måste|skynda|why|must|hurry)\b", answers)
    return _say(good, "Du pressade inte.", "Undvik varför och måste, det kan kännas som press.")


def _door_open(_: Scenario, __: str, answers: list[str]) -> Finding:
    good = _any(r"när du vill|ingen brådska|skriv igen|jag finns|i morgon|any ?time|no rush|write again", answers)
    return _say(good, "Du lämnade dörren öppen.", "Säg att hen kan skriva igen när hen vill.")


_CHECKS: Mapping[str, Callable[[Scenario, str, list[str]], Finding]] = {
    "greets": _greets, "open_question": _open_question, "easy": _easy, "no_promise": _no_promise,
    "small_step": _small_step, "asks_about_danger": _asks_about_danger, "names_help": _names_help, "stays": _stays,
    "short": _short, "no_pressure": _no_pressure, "door_open": _door_open,
}  # fmt: skip
