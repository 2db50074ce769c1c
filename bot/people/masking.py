"""Placeholders in the place of names and numbers in what staff wrote, for readers who are not the chat's counsellor.

A counsellor writes as things are called: it is for the youth. Nothing is stored here.
"""

from __future__ import annotations

import re
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.people.models import VaultValue
from bot.safety.redact import redact

# What the redaction makes of a placeholder that stood in the text. Here it is one: nothing resolves what we return.
_ESCAPED = re.compile(r"‹(?=[a-z_]+_[0-9]{1,9}>)")


class Masking:
    """Hides the names and numbers of one conversation, numbered as the vault numbers what the youth wrote."""

    def __init__(self, session: Session, conversation_id: str) -> None:
        self._session = session
        self._conversation_id = conversation_id
        self._known: dict[tuple[str, str], int] | None = None

    def hide(self, text: str, today: date) -> str:
        """Return a text with placeholders; those that stand in it stay.

        Args:
            today: the day on which it was written, for ages.
        """
        # Longest first: a name may be a part of another one.
        for kind, value in sorted(self._values(), key=lambda one: -len(one[1])):
            placeholder = f"<{kind}_{self.number(kind, value)}>"
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", placeholder, text)
        return _ESCAPED.sub("<", redact(text, numbering=self, today=today).text)

    def number(self, kind: str, value: str) -> int:
        """Return the number of a value: the one the youth's messages gave it, or a new one."""
        known = self._values()
        taken = [number for (other, _), number in known.items() if other == kind]
        return known.setdefault((kind, value), max(taken, default=0) + 1)

    def _values(self) -> dict[tuple[str, str], int]:
        if self._known is None:
            rows = self._session.scalars(select(VaultValue).where(VaultValue.conversation_id == self._conversation_id))
            self._known = {(row.kind, row.value): row.number for row in rows}
        return self._known
