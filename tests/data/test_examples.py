"""The training examples: enough in each language, not the same thing twice, nothing copied, both sides of each line."""

from __future__ import annotations

import json

import pytest

from tests.data import examples
from tests.data.examples import LANGUAGES, OUT_OF_SCOPE
from tests.data.project_files import intents

BROAD = frozenset({
    "ask_ways_back", "ask_programmes", "ask_eligibility", "ask_study_finance", "find_education", "book_counsellor",
    "inform", "crisis_self_harm", "crisis_violence",
})  # fmt: skip
NEIGHBOURS = [
    ("deny", "stop"), ("stop", "cancel_booking"), ("stop", "stop_reminders"), ("ask_programmes", "find_education"),
    ("ask_apprenticeship", "ask_work"), ("ask_study_guidance", "book_counsellor"), ("talk_to_human", "book_counsellor"),
    ("inform", "find_education"), ("tell_low_mood", "crisis_self_harm"), ("tell_trouble_at_home", "crisis_violence"),
]  # fmt: skip
ALL = [(language, intent) for language in LANGUAGES for intent in [*sorted(intents()), OUT_OF_SCOPE]]


def bar(intent: str) -> int:
    if intent == OUT_OF_SCOPE:
        return 400
    return 120 if intent in BROAD else 60


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_intent_has_enough_examples_and_a_filled_template_counts_once(language: str) -> None:
    few = {
        intent: examples.templates(texts)
        for (own, intent), texts in examples.examples().items()
        if own == language and examples.templates(texts) < bar(intent)
    }
    assert not few
    assert {intent for own, intent in examples.examples() if own == language} == {*intents(), OUT_OF_SCOPE}


@pytest.mark.parametrize(("language", "intent"), ALL)
def test_no_example_nearly_repeats_another(language: str, intent: str) -> None:
    assert not examples.near_duplicates(examples.examples()[language, intent])


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_example_stands_under_two_intents(language: str) -> None:
    seen: dict[str, str] = {}
    for (own, intent), texts in examples.examples().items():
        for text in texts if own == language else ():
            key = " ".join(examples.words(text)) or text
            assert seen.setdefault(key, intent) == intent, f"{text!r} is both {seen[key]} and {intent}"


def test_nothing_is_copied_from_the_messages_that_judge_the_model() -> None:
    files = [examples.FOLDER / name for name in ("held_out.jsonl", "fresh.jsonl", "other_writers.jsonl")]
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    ours = examples.Guarded(examples.fingerprint(json.loads(line)["text"]) for line in lines)
    guards = [examples.guarded(), ours]
    texts = [text for texts in examples.examples().values() for text in texts]
    assert not [text for text in texts if any(guard.copied(text) for guard in guards)]


def test_a_copy_is_seen_also_when_a_word_or_its_spelling_is_changed() -> None:
    message = "jag undrar om man får ta med sin hund till skolan när det är studiedag på måndag"
    guard = examples.Guarded([examples.fingerprint(message)])
    assert guard.copied(message)
    assert guard.copied("Jag undrar om man far ta med sin hund till skolan nar det ar studiedag pa mandag!!")
    assert not guard.copied("får man ta med sin katt till skolan på måndag")


@pytest.mark.parametrize("language", LANGUAGES)
def test_half_of_what_is_out_of_scope_lies_close_to_school(language: str) -> None:
    texts = examples.examples()[language, OUT_OF_SCOPE]
    assert examples.close_to_school(texts) >= 200


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("one", "other"), NEIGHBOURS)
def test_both_sides_of_a_fine_line_have_examples(language: str, one: str, other: str) -> None:
    ours, theirs = examples.examples()[language, one], examples.examples()[language, other]
    assert examples.close_pairs(ours, theirs, 60.0) >= 5
