"""The handful of errors that cross packages. Each says whether trying again can help."""

from __future__ import annotations


class BotError(Exception):
    """Base of our own errors. The message names what to do next and holds no personal data."""

    retryable = False


class SettingsError(BotError):
    """The environment asks for something that cannot work; all faults are named at once."""


class DialogueUnavailable(BotError):
    """The dialogue server or its action server cannot be reached, or is not ready."""

    retryable = True


class DialogueBusy(BotError):
    """Another turn of this conversation is running in the dialogue server (409)."""

    retryable = True


class DialogueFailed(BotError):
    """The dialogue server answered that this turn cannot be done."""


class ConversationErased(BotError):
    """The dialogue server has erased this conversation (410)."""


class PersonErased(BotError):
    """What came in belongs to somebody who has been erased, or says that a stranger left: it is not stored."""


class ClaimLost(BotError):
    """The conversation was claimed by somebody else meanwhile; what we did is not stored."""
