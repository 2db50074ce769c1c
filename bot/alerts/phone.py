"""A counsellor's own Telegram: what they write and press there, done by the same services as in the console.

Never a youth's chat: nothing of it reaches the inbox, the dialogue or the review log. Each step is
safe to repeat under the update's number.
"""

from __future__ import annotations

from sqlalchemy import select

from bot import bell as bells
from bot.alerts import contacts, wording
from bot.alerts.errand import Errand
from bot.alerts.models import StaffMessage
from bot.alerts.outbox import tell
from bot.bell import Bell
from bot.clock import Clock
from bot.conversations.incoming import Incoming
from bot.conversations.models import InboundKind
from bot.db.session import Database
from bot.handover.service import Handover as Handovers
from bot.log import get_logger
from bot.people.vault import Vault

log = get_logger(__name__)

_LINK = ("/koppla", "/start koppla")


class Phone:
    """Takes what comes from a counsellor's phone; called in a thread."""

    def __init__(self, db: Database, vault: Vault, clock: Clock, handovers: Handovers, bell: Bell) -> None:
        self._db, self._vault, self._clock = db, vault, clock
        self._handovers, self._bell = handovers, bell

    def take(self, incoming: Incoming, reply_to: str | None) -> bool:
        """Do what a member of staff wants; False when this is a youth's message, which goes to the inbox.

        Args:
            reply_to: the id of the message that this one replies to.
        """
        with self._db.reading() as session:
            staff = contacts.staff_at(session, self._vault, incoming.address)
        text = (incoming.text or "").strip()
        code = _code_in(text) if incoming.kind == InboundKind.TEXT else None
        if staff is None and code is None:
            return False
        if code is not None and code.lower() not in ("av", "off"):
            self._link(incoming, code)
        elif staff is not None:
            errand = Errand(self._db, self._handovers, self._clock, staff, incoming)
            errand.do(text, reply_to, unlinking=code is not None)
        else:
            self._say_to(incoming, wording.WRONG_CODE)
        self._bell.ring(bells.STAFF, bells.SEND)
        return True

    def _link(self, incoming: Incoming, code: str) -> None:
        now = self._clock()
        key = f"update:{incoming.update_id}:0"
        with self._db.transaction() as session:
            if session.scalar(select(StaffMessage.id).where(StaffMessage.key == key)) is not None:
                return
            staff = contacts.link(session, self._vault, code, incoming.address, now)
            if staff is not None:
                tell(session, staff.id, wording.linked(staff.display_name), key=key, now=now)
                log.info("phone.linked", staff=staff.id)
                return
        self._say_to(incoming, wording.WRONG_CODE)

    def _say_to(self, incoming: Incoming, text: str) -> None:
        with self._db.transaction() as session:
            key = f"update:{incoming.update_id}:0"
            tell(session, None, text, key=key, now=self._clock(), address=incoming.address)


def _code_in(text: str) -> str | None:
    """Return what follows the command that links a phone; None for any other text."""
    lower = text.lower()
    for start in _LINK:
        if lower.startswith(start):
            return text[len(start) :].strip(" _-:") or "?"
    return None
