"""Everything that can go wrong with a turn, each with its HTTP status and what to do next.

Raised anywhere in the package, turned into an answer in one place (`server.py`). Never carries
message text. Not derived from RasaException: Rasa catches and forgets those.
"""


class TurnError(Exception):
    """A turn that did not happen. Nothing of it is stored."""

    status = 500
    error = "engine_failed"
    next = "Call again with the same message_id; if it repeats, look at the dialogue server's log."


class Unauthorised(TurnError):
    """The shared secret is missing or wrong."""

    status, error = 401, "unauthorised"
    next = "Send Authorization: Bearer with the SHARED_SECRET of this installation."


class NotFound(TurnError):
    """No such address."""

    status, error = 404, "not_found"
    next = "Use POST /turn, DELETE /turn/<conversation>, POST /parse or GET /health."


class Busy(TurnError):
    """Another turn of the conversation is running, here or in another replica."""

    status, error = 409, "another_turn_is_running"
    next = "Wait for the other turn, then call again with the same message_id."


class Deleted(TurnError):
    """The conversation was deleted; its tombstone answers."""

    status, error = 410, "conversation_deleted"
    next = "Do not call again: begin a new conversation with a new id."


class TooLong(TurnError):
    """The body or the text is over its limit."""

    status, error = 413, "too_long"
    next = "Send at most 2,000 characters of text and 64 kB of body."


class Malformed(TurnError):
    """The request does not fit the contract; the message says which field."""

    status, error = 422, "malformed"

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.next = fault


class ActionsUnreachable(TurnError):
    """The action server did not answer: not started, not reachable, or too slow."""

    status, error = 502, "actions_unreachable"
    next = "Start the action server, then call again with the same message_id."


class ActionFailed(TurnError):
    """The action server answered with a failure, or with something that is no answer."""

    status, error = 502, "action_failed"
    next = "Look at the action server's log, then call again with the same message_id."


class EmptyTurn(TurnError):
    """The dialogue said nothing and changed nothing: a gap in rules or responses."""

    status, error = 502, "empty_turn"
    next = "Add a rule or a response for this intent; answer the person with an apology meanwhile."


class NoModel(TurnError):
    """No model is loaded (yet)."""

    status, error = 503, "no_model"
    next = "See GET /health; make a model with: python -m dialogue.train --out var/models"


class TrackerUnreachable(TurnError):
    """The tracker database cannot be used."""

    status, error = 503, "tracker_unreachable"
    next = "Bring the database at TRACKER_URL back, then call again with the same message_id."
