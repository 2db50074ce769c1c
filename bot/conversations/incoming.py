"""What every channel hands to the inbox, in words of no channel; and our commands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.conversations.models import InboundKind
from bot.given import storable

# The engine reads at most this many characters (dialogue contract, 413 above it).
MAX_TEXT = 2_000


@dataclass(frozen=True)
class Incoming:
    """One update of a channel. Whatever the channel, its words can be kept, sent on and shown."""

    channel: str
    update_id: str
    """Unique within the channel: a repeat is recognised by it."""
    address: str
    """Where the channel reaches the person; goes into the vault and nowhere else."""
    kind: InboundKind
    text: str | None = None
    payload: str | None = None
    """The token of a button, as it came."""
    channel_message_id: str | None = None
    """The message's own id in its channel; of an edit, the id of the edited message."""
    language_hint: str | None = None
    detail: str | None = None
    """What kind of content it is when we cannot read it (``voice``, ``photo``, ...)."""
    number: int | None = None
    """Its place in the channel's own rising count of updates, where there is one."""
    address_ends: bool = False
    """Nobody comes back under this address once its chat is erased (a web chat's)."""
    known_only: bool = False
    """Says something of whom we know, and of anybody else nothing that is to be kept (blocked, unblocked)."""

    def __post_init__(self) -> None:
        """Mend every word where it comes in, so that nothing behind can stumble over it."""
        for name in ("update_id", "address", "text", "payload", "channel_message_id", "language_hint", "detail"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, storable(value))


class Command(StrEnum):
    """What a youth can ask of the bot program itself, in any spelling."""

    START = "start"
    HELP = "help"
    LANGUAGE = "language"
    PRIVACY = "privacy"
    MY_DATA = "my_data"
    DELETE = "delete"
    STOP = "stop"
    HUMAN = "human"
    SETTINGS = "settings"
    PLAN = "plan"


_SPELLINGS = {
    "start": Command.START, "borja": Command.START,
    "hjalp": Command.HELP, "help": Command.HELP,
    "sprak": Command.LANGUAGE, "language": Command.LANGUAGE, "lang": Command.LANGUAGE,
    "integritet": Command.PRIVACY, "privacy": Command.PRIVACY,
    "minadata": Command.MY_DATA, "mindata": Command.MY_DATA, "mydata": Command.MY_DATA,
    "radera": Command.DELETE, "delete": Command.DELETE,
    "stopp": Command.STOP, "stop": Command.STOP,
    "manniska": Command.HUMAN, "human": Command.HUMAN, "person": Command.HUMAN,
    "installningar": Command.SETTINGS, "settings": Command.SETTINGS,
    "plan": Command.PLAN, "minplan": Command.PLAN, "myplan": Command.PLAN,
}  # fmt: skip
_FOLD = str.maketrans({"å": "a", "ä": "a", "ö": "o", "_": "", "-": ""})
_COMMAND = re.compile(r"^/(\w[\w-]*)(?:@\w+)?(?:\s+(.*))?$", re.DOTALL)


def parse_command(text: str) -> Command | None:
    """Return the command a text is, in Swedish or English, with near spellings; else None.

    A text that starts with a slash and is none of ours is an ordinary text.
    """
    match = _COMMAND.match(text.strip())
    return _SPELLINGS.get(match[1].lower().translate(_FOLD)) if match else None
