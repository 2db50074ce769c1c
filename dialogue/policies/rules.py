"""Rasa's RulePolicy with two differences, named in config.yml.

Intents that we trained (`restart`, `back`) follow our rules, not Rasa's built-in actions: those overrule
every rule and would wipe the language. And no rule is looked for by text when none is written by text.
"""

from __future__ import annotations

from typing import Any, List, Optional, Tuple

from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.core.constants import ACTION_LISTEN_NAME, PREVIOUS_ACTION, USER
from rasa.shared.core.domain import Domain
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME, INTENT


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class Rules(RulePolicy):
    """RulePolicy for a project whose users cannot send Rasa's commands."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._text_matters: Optional[bool] = None

    def train(self, training_trackers: List[TrackerWithCachedStates], domain: Domain, **kwargs: Any) -> Resource:
        """As in RulePolicy; while the rules are still changing, text is always looked at."""
        self._text_matters = True
        return super().train(training_trackers, domain, **kwargs)

    @staticmethod
    def _find_action_from_default_actions(tracker: DialogueStateTracker) -> Tuple[Optional[str], Optional[str]]:
        return None, None

    def _find_action_from_rules(
        self, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
    ) -> Tuple[Optional[str], Optional[str], bool]:
        if use_text_for_last_user_input and not self._by_text():
            return None, None, False
        return super()._find_action_from_rules(tracker, domain, use_text_for_last_user_input)

    def _by_text(self) -> bool:
        """Whether a message's text, rather than its intent, can decide: a rule that names text or no intent."""
        if RULES not in self.lookup:
            return True
        if self._text_matters is None:
            last_states = (self._rule_key_to_state(key)[-1] for key in self.lookup[RULES])
            self._text_matters = any(
                state.get(PREVIOUS_ACTION, {}).get(ACTION_NAME) == ACTION_LISTEN_NAME
                and not state.get(USER, {}).get(INTENT)
                for state in last_states
            )
        return self._text_matters
