"""One turn for every intent, also inside the forms; no rule says that something worked."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from actions.answers import ANSWERS
from bot.names import Intent
from tests.data.project_files import ROOT, domain, intents, rules, step_actions, step_intents, variations

ALL_INTENTS = sorted(intents() | {"nlu_fallback"})
LARGEST_SHARE_OF_COPIES = 0.10
_WINDOW = 8


def one_turn(intent: str) -> list[dict[str, Any]]:
    """Return the rules that begin with an intent in any state."""
    return [rule for _, rule in rules() if "rule" in rule and intent in step_intents(rule) and "condition" not in rule]


def in_form(intent: str, form: str) -> list[dict[str, Any]]:
    """Return the rules for an intent in the middle of a form."""
    return [
        rule for _, rule in rules()
        if intent in step_intents(rule) and {"active_loop": form} in rule.get("condition", [])
    ]  # fmt: skip


@pytest.mark.parametrize("intent", ALL_INTENTS)
def test_every_intent_has_its_rule(intent: str) -> None:
    assert len(one_turn(intent)) == 1


@pytest.mark.parametrize("form", sorted(domain()["forms"]))
@pytest.mark.parametrize("intent", ALL_INTENTS)
def test_every_intent_has_its_rule_in_the_middle_of_a_form(intent: str, form: str) -> None:
    assert len(in_form(intent, form)) == 1


def test_every_rule_has_a_name_of_its_own() -> None:
    names = Counter(entry.get("rule") or entry["story"] for _, entry in rules())
    assert [name for name, count in names.items() if count > 1] == []


def test_rules_name_actions_and_responses_that_exist() -> None:
    known = {*domain()["actions"], *domain()["forms"], *(one.name for one in variations()), "action_deactivate_loop"}
    for _, rule in rules():
        assert set(step_actions(rule)) <= known


def test_no_rule_says_how_an_action_went() -> None:
    """A failing action must not be followed by "done": Rasa would go on with the rule (M3)."""
    for _, rule in rules():
        worked = False
        for action in step_actions(rule):
            assert not (worked and action.startswith("utter_")), rule["rule"]
            worked = worked or (action.startswith("action_") and action != "action_deactivate_loop")


def test_answers_in_a_form_are_the_answers_outside() -> None:
    for intent in map(str, Intent):
        first = step_actions(one_turn(intent)[0])[0]
        said = ANSWERS.get(Intent(intent))
        if first in ("action_tell", "action_help_me_choose"):
            # The same function answers inside the forms and outside.
            assert said is not None
        elif said is not None:
            assert first == said
        elif first.startswith("utter_"):
            # These end the form by rules of their own.
            assert intent in {"stop", "delete_my_data", "crisis_self_harm", "crisis_violence"}


@pytest.mark.parametrize("form", sorted(domain()["forms"]))
@pytest.mark.parametrize(
    "intent",
    ["stop", "restart", "talk_to_human", "crisis_self_harm", "crisis_violence", "delete_my_data", "tell_bullying"],
)
def test_leaving_a_form_is_always_possible(intent: str, form: str) -> None:
    assert {"active_loop": None} in in_form(intent, form)[0]["steps"]


def test_stories_and_rules_are_not_copies_of_each_other() -> None:
    files = [path for folder in ("rules", "stories") for path in sorted((ROOT / "data" / folder).glob("*.yml"))]
    windows = Counter(window for path in files for window in _windows(path))
    copies = sum(count for count in windows.values() if count > 1)
    assert windows.total() > 100
    assert copies < LARGEST_SHARE_OF_COPIES * windows.total()


def _windows(path: Path) -> list[str]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return ["\n".join(lines[start : start + _WINDOW]) for start in range(len(lines) - _WINDOW + 1)]
