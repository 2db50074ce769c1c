"""Names, slots, forms and actions: what Rasa itself would let pass (it only warns, or says nothing)."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from rasa_sdk.executor import ActionExecutor

import actions
from bot import names_generator
from bot.catalogue.kinds import EducationType
from tests.data.project_files import ROOT, domain, intents, read, variations

FORMS = domain()["forms"]
QUESTIONS = [(form, slot) for form, content in FORMS.items() for slot in content["required_slots"]]


def test_the_actions_of_the_domain_are_exactly_the_classes_there_are() -> None:
    executor = ActionExecutor()
    executor.register_package(actions)
    assert sorted(executor.actions) == sorted(domain()["actions"])


def test_no_intent_is_listed_twice_and_none_is_made_up_for_ourselves() -> None:
    listed = domain()["intents"]
    assert len(listed) == len(set(listed)) == 63
    assert "nlu_fallback" not in listed, "it is Rasa's own"


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_examples_have_the_intents_of_the_domain(language: str) -> None:
    found: set[str] = set()
    for path in sorted((ROOT / "data" / "nlu" / language).glob("*.yml")):
        found |= {entry["intent"] for entry in read(path)["nlu"] if "intent" in entry}
    assert found - {"nlu_fallback", "out_of_scope"} == intents()


@pytest.mark.parametrize(("form", "slot"), QUESTIONS)
def test_every_slot_of_a_form_has_its_own_question(form: str, slot: str) -> None:
    asked = {f"utter_ask_{form}_{slot}"} & {one.name for one in variations()}
    asked |= {f"action_ask_{form}_{slot}"} & set(domain()["actions"])
    assert len(asked) == 1


@pytest.mark.parametrize(("form", "slot"), QUESTIONS)
def test_every_slot_of_a_form_can_be_filled_in_it(form: str, slot: str) -> None:
    mappings = domain()["slots"][slot]["mappings"]
    assert any({"active_loop": form}.items() <= condition.items() for mapping in mappings
               for condition in mapping.get("conditions", []))  # fmt: skip


@pytest.mark.parametrize("slot", sorted(domain()["slots"]))
def test_slots_are_typed_and_steer_nothing_by_themselves(slot: str) -> None:
    content = domain()["slots"][slot]
    assert content["type"] in {"text", "bool", "categorical", "float", "list"}
    assert content["influence_conversation"] is False


@pytest.mark.parametrize("slot", sorted(domain()["slots"]))
def test_mappings_name_entities_intents_and_forms_that_exist(slot: str) -> None:
    for mapping in domain()["slots"][slot]["mappings"]:
        assert mapping.get("entity") in {None, *domain()["entities"]}
        assert {*mapping.get("intent", []), *mapping.get("not_intent", [])} <= intents()
        for condition in mapping.get("conditions", []):
            assert condition["active_loop"] in {None, *FORMS}
            assert condition.get("requested_slot") in {None, slot}


def test_own_words_are_taken_for_an_answer_only_when_that_was_asked() -> None:
    for slot, content in domain()["slots"].items():
        for mapping in content["mappings"]:
            if mapping["type"] == "from_text":
                assert {condition.get("requested_slot") for condition in mapping["conditions"]} == {slot}
                assert {"stop", "restart", "talk_to_human", "crisis_self_harm", "crisis_violence"} <= {
                    *mapping["not_intent"]
                }


def test_the_kinds_of_education_are_those_of_the_catalogue() -> None:
    assert domain()["slots"]["education_type"]["values"] == [str(kind) for kind in EducationType]


def test_the_generated_names_are_up_to_date() -> None:
    written = (ROOT / "bot" / "names.py").read_text(encoding="utf-8")
    assert written == names_generator.generate(ROOT), "run `make names`"


def _python_of_the_actions() -> list[Path]:
    return sorted((ROOT / "actions").glob("*.py"))


@pytest.mark.parametrize("path", _python_of_the_actions(), ids=lambda path: path.name)
def test_no_words_and_no_pieced_together_names_stand_in_python(path: Path) -> None:
    code = path.read_text(encoding="utf-8")
    assert "utter_message(text=" not in code
    assert 'Response(f"' not in code
    if path.name != "turn.py":
        assert "utter_message" not in code, "say it with turn.say"


@pytest.mark.parametrize("path", _python_of_the_actions(), ids=lambda path: path.name)
def test_an_action_file_has_one_topic_and_says_which(path: Path) -> None:
    code = path.read_text(encoding="utf-8")
    assert code.startswith('"""')
    assert len(code.splitlines()) < 200


def test_the_base_of_the_actions_is_abstract() -> None:
    from actions.base import BotAction

    assert inspect.isabstract(BotAction), "rasa-sdk registers every class that is not"
