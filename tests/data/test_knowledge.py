"""Facts, dates, glossary and responses fit together; what is not covered stops the check."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.catalogue.rules import SourceDate
from bot.guidance.check import check_knowledge
from bot.guidance.facts import Age, fact_from, footing, load_facts, to_check
from bot.names import Intent, Response
from bot.texts import Texts
from tests.data.project_files import ROOT

DATA = ROOT / "data"
TODAY = date(2026, 11, 27)
FACTS = load_facts(DATA / "knowledge" / "facts.yml")
ROW: dict[str, Any] = {
    "id": "x", "statement_sv": "X.", "statement_en": "X.", "source": "https://example.org/x",
    "checked_on": "2026-11-01", "confidence": "sourced",
}  # fmt: skip


def test_the_files_are_in_order() -> None:
    assert [str(fault) for fault in check_knowledge(DATA, date.today())] == []


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the data to spoil."""
    for folder in ("knowledge", "responses"):
        shutil.copytree(DATA / folder, tmp_path / folder)
    return tmp_path


def spoil(copy: Path, file: str, change: Callable[[Any], None]) -> list[str]:
    """Change a file of the copy, and return what the check says then."""
    path = copy / file
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return [str(fault) for fault in check_knowledge(copy, TODAY)]


def fact_row(content: Any, name: str) -> dict[str, Any]:
    """Return the row of a fact."""
    return next(row for row in content["facts"] if row["id"] == name)


def test_a_fact_without_a_source_stops_the_check(copy: Path) -> None:
    faults = spoil(copy, "knowledge/facts.yml", lambda c: fact_row(c, "komvux_from_20").update(source="somebody"))
    assert faults == ["facts.yml, komvux_from_20: the source has to be a web address"]


def test_a_fact_that_nobody_confirms_cannot_be_stated(copy: Path) -> None:
    faults = spoil(
        copy, "knowledge/facts.yml", lambda c: fact_row(c, "komvux_from_20").update(confidence="unverified")
    )  # fmt: skip
    assert any("utter_ask_komvux" in fault and "no authority confirms" in fault for fault in faults)


def test_a_fact_that_has_run_out_cannot_be_stated(copy: Path) -> None:
    faults = spoil(
        copy, "knowledge/facts.yml", lambda c: fact_row(c, "komvux_from_20").update(valid_until=date(2026, 1, 1))
    )  # fmt: skip
    assert any("does not hold on this day" in fault for fault in faults)


def test_a_reference_to_a_fact_that_is_gone_stops_the_check(copy: Path) -> None:
    def rename(content: Any) -> None:
        fact_row(content, "komvux_from_20")["id"] = "komvux_since_20"

    faults = spoil(copy, "knowledge/facts.yml", rename)
    assert any("utter_ask_komvux" in fault and "not in facts.yml" in fault for fault in faults)
    assert any("grounds.py, komvux_from_20" in fault for fault in faults)
    assert any("komvux_since_20: is stated nowhere" in fault for fault in faults)


def test_an_answer_without_a_fact_has_to_say_so(copy: Path) -> None:
    def forget(content: Any) -> None:
        for row in content["responses"]["utter_ask_komvux"]:
            del row["metadata"]

    assert any("utter_ask_komvux: needs metadata" in fault for fault in spoil(copy, "responses/studies.yml", forget))


@pytest.mark.parametrize(("file", "name", "old", "new", "said"), [
    ("studies.yml", "utter_ask_programmes", "18", "17", "17"),
    ("studies.yml", "utter_ask_eligibility", "8 ämnen", "9 ämnen", "9"),
    ("crisis.yml", "utter_crisis_under18", "116 111", "116 112", "116 112"),
])  # fmt: skip
def test_a_number_that_no_fact_has_stops_the_check(
    copy: Path, file: str, name: str, old: str, new: str, said: str
) -> None:  # fmt: skip
    def change(content: Any) -> None:
        row = content["responses"][name][0]
        assert old in row["text"]
        row["text"] = row["text"].replace(old, new)

    faults = spoil(copy, f"responses/{file}", change)
    assert any(f"{name}: says {said}, which is in no fact" in fault for fault in faults)


def test_a_glossary_word_that_leads_nowhere_stops_the_check(copy: Path) -> None:
    faults = spoil(copy, "knowledge/glossary.yml", lambda c: c["words"][0].update(response="utter_word_gone"))
    assert any("leads to utter_word_gone" in fault for fault in faults)


# -- how old a fact is, on the day it is said ----------------------------------------------------


@pytest.mark.parametrize(("change", "today", "age"), [
    ({"checked_on": date(2026, 5, 31)}, "2026-11-27", Age.FRESH),  # 180 days
    ({"checked_on": date(2026, 5, 30)}, "2026-11-27", Age.DATED),  # 181 days
    ({"checked_on": "undated"}, "2026-11-27", Age.UNDATED),
    ({"checked_on": 2026}, "2026-06-20", Age.FRESH),  # a year counts from its first day
    ({"checked_on": 2026}, "2026-07-20", Age.DATED),
    ({"helpline": True, "checked_on": date(2026, 8, 29)}, "2026-11-27", Age.FRESH),  # 90 days
    ({"helpline": True, "checked_on": date(2026, 8, 28)}, "2026-11-27", Age.DATED),
    ({"confidence": "secondary"}, "2026-11-27", Age.UNCONFIRMED),
    ({"confidence": "old"}, "2026-11-27", Age.UNCONFIRMED),
    ({"confidence": "unverified"}, "2026-11-27", Age.UNCONFIRMED),
    ({"confidence": "secondary", "always": True}, "2026-11-27", Age.FRESH),
    ({"valid_from": date(2026, 11, 28)}, "2026-11-27", Age.NOT_VALID),
    ({"valid_from": date(2026, 11, 27)}, "2026-11-27", Age.FRESH),
    ({"valid_until": date(2026, 11, 27)}, "2026-11-27", Age.FRESH),
    ({"valid_until": date(2026, 11, 26)}, "2026-11-27", Age.NOT_VALID),
    ({"checked_on": date(2027, 1, 1)}, "2026-11-27", Age.DATED),  # a date to come is never fresh
])  # fmt: skip
def test_how_a_fact_may_be_said(change: dict[str, Any], today: str, age: Age) -> None:
    assert fact_from({**ROW, **change}).age(date.fromisoformat(today)) is age


def test_an_answer_is_as_old_as_the_oldest_fact_in_it() -> None:
    new, old = fact_from(ROW), fact_from({**ROW, "id": "y", "checked_on": date(2025, 3, 1)})
    undated = fact_from({**ROW, "id": "z", "checked_on": "undated"})
    assert footing([new], TODAY).age is Age.FRESH
    assert (footing([new, old], TODAY).age, footing([new, old], TODAY).as_of) == (
        Age.DATED, SourceDate.parse("2025-03-01"),
    )  # fmt: skip
    assert (footing([new, undated, old], TODAY).age, footing([new, undated, old], TODAY).as_of) == (Age.UNDATED, None)
    assert footing([new], TODAY).site == "example.org"
    assert not footing([new, fact_from({**ROW, "id": "u", "confidence": "unverified"})], TODAY).said


@pytest.mark.parametrize("name", ["number_112", "number_mind", "number_bris"])
def test_the_three_numbers_are_never_hidden(name: str) -> None:
    for today in (TODAY, date(2040, 1, 1)):
        assert footing([FACTS[name]], today).said


def test_what_staff_should_look_at_comes_numbers_first() -> None:
    rows = to_check(FACTS.values(), TODAY)
    numbers = [row.fact.helpline for row in rows]
    assert numbers == sorted(numbers, reverse=True)
    assert rows[0].fact.id == "number_112"
    assert all(row.why for row in rows)


@pytest.mark.parametrize(("change", "message"), [
    ({"source": " "}, "source is empty"),
    ({"checked_on": "in June"}, "in June"),
    ({"confidence": "sure"}, "sure"),
    ({"sourse": "x"}, "no key of a fact"),
    ({"valid_until": "soon"}, "are days"),
])  # fmt: skip
def test_a_faulty_row_is_refused_by_name(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r"facts\.yml, x:") as refused:
        fact_from({**ROW, **change})
    assert message in str(refused.value)


def test_every_question_is_answered_from_a_source_or_with_an_honest_referral() -> None:
    texts = Texts.load(DATA / "responses")
    rows = {
        name: entry
        for path in (DATA / "responses").glob("*.yml")
        for name, entry in yaml.safe_load(path.read_text(encoding="utf-8"))["responses"].items()
    }
    for intent in Intent:
        if not intent.startswith(("ask_", "help_me")) or f"utter_{intent}" not in set(Response):
            continue
        payloads = [button["payload"] for button in rows[f"utter_{intent}"][0].get("buttons", ())]
        person = any(payload in ("/book_counsellor", "bot:human") for payload in payloads)
        about_the_bot = intent in (Intent.ASK_PRIVACY,)
        assert texts.facts_of(Response(f"utter_{intent}")) or person or about_the_bot, intent
