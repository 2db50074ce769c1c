"""The few places where Rasa itself must behave differently. Applied once, before a model is loaded.

Each patch has a test in tests/dialogue/test_patches.py that fails when upstream changes.
"""

import functools
from types import ModuleType
from typing import Any

import rasa.core.actions.action
import rasa.core.actions.forms
import rasa.core.policies.memoization
import rasa.core.policies.rule_policy
import rasa.core.processor
from rasa.shared.core.events import Event

from dialogue.embedded.remote_action import RemoteCall

QUIET_COPIES = (rasa.core.policies.rule_policy, rasa.core.policies.memoization, rasa.core.processor)
"""Modules that copy whole dialogues for a debug line which nobody reads, and copy nothing else."""


class _NoCopy:
    """Stands for the module `copy` where copies are made for the log only."""

    @staticmethod
    def deepcopy(value: Any) -> Any:
        return value


def apply() -> None:
    """Apply all patches; applying twice changes nothing."""
    for module in (rasa.core.actions.action, rasa.core.actions.forms):
        module.RemoteAction = RemoteCall  # type: ignore[misc]
    _cache_event_types()
    for quiet in QUIET_COPIES:
        _no_copies(quiet)


def _cache_event_types() -> None:
    """`Event.resolve_by_type` inspects all subclasses for every stored event: 60 % of reading a tracker."""
    if hasattr(Event.resolve_by_type, "cache_info"):
        return
    Event.resolve_by_type = staticmethod(functools.lru_cache(maxsize=None)(Event.resolve_by_type))  # type: ignore[method-assign]


def _no_copies(module: ModuleType) -> None:
    module.copy = _NoCopy  # type: ignore[attr-defined]
