"""Each place where Rasa is made to behave differently: these tests fail when upstream changes there."""

import inspect
import time

import pytest
import rasa.core.actions.action
import rasa.core.actions.forms
import rasa.core.policies.memoization
import rasa.core.policies.rule_policy
import rasa.core.processor
from dialogue.embedded import patches
from dialogue.embedded.remote_action import ActionServer, RemoteCall
from rasa.core.processor import MessageProcessor
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SlotSet, UserUttered


@pytest.fixture(autouse=True)
def _patched() -> None:
    patches.apply()


def test_custom_actions_and_forms_use_our_call() -> None:
    domain = Domain.from_dict({"actions": ["action_x"], "slots": {}})
    action = rasa.core.actions.action.action_for_name_or_text(
        "action_x", domain, ActionServer("http://127.0.0.1:1", "s")
    )
    assert type(action) is RemoteCall
    assert "RemoteAction(validate_name" in inspect.getsource(rasa.core.actions.forms.FormAction.validate_slots)
    assert rasa.core.actions.forms.RemoteAction is RemoteCall
    assert "RemoteAction(custom_action" in inspect.getsource(
        rasa.core.actions.action.ActionExtractSlots._run_custom_action
    )
    assert rasa.core.actions.action.RemoteAction is RemoteCall


def test_our_failures_are_not_of_the_kind_that_rasa_forgets() -> None:
    from dialogue.errors import TurnError
    from rasa.shared.exceptions import RasaException

    source = inspect.getsource(rasa.core.actions.action.ActionExtractSlots._run_custom_action)
    assert "except (RasaException, ClientResponseError)" in source
    assert not issubclass(TurnError, RasaException)


def test_event_types_are_resolved_from_a_cache() -> None:
    patches.apply()
    assert Event.resolve_by_type("slot") is SlotSet and Event.resolve_by_type("user") is UserUttered
    with pytest.raises(ValueError, match="Unknown event name"):
        Event.resolve_by_type("unheard_of")
    began = time.perf_counter()
    for _ in range(10_000):
        Event.resolve_by_type("slot")
    assert time.perf_counter() - began < 0.1, "upstream takes about 0.5 s for this"


def test_an_answer_of_the_action_server_is_checked_by_a_schema_made_once() -> None:
    from dialogue.embedded.remote_action import _SCHEMA, _VALIDATOR
    from rasa.core.actions.action import RemoteAction

    assert RemoteAction.action_response_format_spec() == _SCHEMA
    answer = {
        "events": [{"event": "slot", "name": "a", "value": 1, "timestamp": None}] * 5,
        "responses": [{"text": "x"}],
    }
    began = time.perf_counter()
    for _ in range(50):
        _VALIDATOR.validate(answer)
    assert (time.perf_counter() - began) / 50 < 0.01, "upstream takes 20 ms for this"


@pytest.mark.parametrize("module", patches.QUIET_COPIES)
def test_copies_are_left_out_only_where_all_of_them_are_for_the_log(module: object) -> None:
    lines = inspect.getsource(module).splitlines()  # type: ignore[arg-type]
    uses = [
        number
        for number, line in enumerate(lines)
        if "copy." in line and "import" not in line and "tracker.copy" not in line
    ]
    assert uses, "upstream no longer copies here: take the module out of QUIET_COPIES"
    for number in uses:
        assert "copy.deepcopy(" in lines[number], lines[number]
        around = "\n".join(lines[max(0, number - 6) : number + 1])
        assert "structlogger.debug(" in around, f"a copy that is not for the log: {lines[number]}"


def test_the_processor_still_has_the_shape_that_ours_was_cut_from() -> None:
    source = inspect.getsource(MessageProcessor._run_action)
    for line in (
        "temporary_tracker = tracker.copy()",
        "except Exception:",
        "self._log_action_on_tracker(",
        "self.execute_side_effects(",
    ):
        assert line in source, f"Rasa's _run_action changed at: {line}"
    source = inspect.getsource(MessageProcessor.handle_message)
    steps = [
        "self.log_message",
        "self.run_action_extract_slots",
        "self._run_prediction_loop",
        "self.run_anonymization_pipeline",
    ]
    assert [source.index(step) for step in steps] == sorted(source.index(step) for step in steps)


def test_the_rules_policy_overrides_what_upstream_calls() -> None:
    from rasa.core.policies.rule_policy import DEFAULT_ACTION_MAPPINGS, RulePolicy

    assert set(DEFAULT_ACTION_MAPPINGS) == {"restart", "back", "session_start"}
    predict = inspect.getsource(RulePolicy._predict)
    assert "self._find_action_from_default_actions(tracker)" in predict
    assert predict.count("self._find_action_from_rules(") == 2


def test_the_agent_still_wraps_stores_in_a_fallback_to_memory_which_ours_undoes(model: "object") -> None:
    from dialogue.embedded.agent import EmbeddedAgent
    from dialogue.embedded.processor import NoLocks, NoStore
    from rasa.core.agent import Agent

    assert "FailSafeTrackerStore" in inspect.getsource(Agent._create_tracker_store)
    agent = EmbeddedAgent(ActionServer("http://127.0.0.1:1", "s"))
    agent.load_model(model)  # type: ignore[arg-type]
    assert type(agent.tracker_store) is NoStore and type(agent.lock_store) is NoLocks
    assert agent.processor is not None and type(agent.processor.tracker_store) is NoStore
