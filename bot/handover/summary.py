"""Three lines for whoever takes a chat over: what it is about, what is known, what the bot tried.

Made from stored codes only, so the same conversation always gives the same lines; no name, no
number, no words of the youth.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations.models import Conversation, OutboundMessage, Turn, TurnStatus
from bot.handover.labels import SLOTS, intent_label, value_label

_LAST_TURNS = 8
_LAST_ANSWERS = 20
# Turns that say nothing about the matter.
_EMPTY = frozenset({"affirm", "deny", "inform", "show_more", "greet", "thank"})
_MISSED = frozenset({"nlu_fallback", "out_of_scope", None})

_TRIED = (
    ("utter_search_", "visade skolor"),
    ("utter_provider", "visade en skola"),
    ("utter_ask_booking_form_", "började boka en tid"),
    ("utter_ask_meeting_time", "visade lediga tider"),
    ("utter_booked", "bokade en tid"),
    ("utter_crisis_", "gav krisnummer"),
    ("utter_technical_", "hade ett tekniskt fel"),
)


def last_slots(session: Session, conversation_id: str) -> dict[str, object]:
    """Return the slots of the latest turn that has any; empty when nothing is known."""
    for slots in session.scalars(
        select(Turn.slots)
        .where(Turn.conversation_id == conversation_id, Turn.status == TurnStatus.DONE)
        .order_by(Turn.created_at.desc(), Turn.first_seq.desc())
        .limit(3)
    ):
        if slots:
            return dict(slots)
    return {}


def known_municipality(session: Session, conversation_id: str) -> str | None:
    """Return the municipality the conversation knows of."""
    value = last_slots(session, conversation_id).get("municipality")
    return str(value) if value else None


def summary_of(session: Session, conversation: Conversation) -> str:
    """Return the three lines, parted by line breaks."""
    intents = session.scalars(
        select(Turn.intent)
        .where(Turn.conversation_id == conversation.id, Turn.status == TurnStatus.DONE)
        .order_by(Turn.created_at.desc(), Turn.first_seq.desc())
        .limit(_LAST_TURNS)
    ).all()
    answers = session.scalars(
        select(OutboundMessage.response)
        .where(OutboundMessage.conversation_id == conversation.id)
        .order_by(OutboundMessage.seq.desc())
        .limit(_LAST_ANSWERS)
    ).all()
    return "\n".join(
        (
            f"Senast: {_about(intents)}",
            f"Känt: {_known(last_slots(session, conversation.id))}",
            f"Boten: {_tried(intents, answers)}",
        )
    )


def _about(intents: Sequence[str | None]) -> str:
    labels = [intent_label(intent) for intent in reversed(intents) if intent not in _EMPTY]
    return ", ".join(_unique(labels)[-4:]) or "inget ämne än"


def _known(slots: dict[str, object]) -> str:
    parts = [f"{label} {value_label(slots[slot])}" for slot, label in SLOTS.items() if slots.get(slot)]
    return ", ".join(parts) or "inget än"


def _tried(intents: Sequence[str | None], answers: Sequence[str | None]) -> str:
    said = [name for name in reversed(answers) if name]
    parts = [label for prefix, label in _TRIED if any(name.startswith(prefix) for name in said)]
    misses = sum(intent in _MISSED for intent in intents)
    if misses:
        parts.append(f"förstod inte {misses} {'gång' if misses == 1 else 'gånger'}")
    if not parts and intents:
        parts.append(f"svarade på {len(intents)} {'meddelande' if len(intents) == 1 else 'meddelanden'}")
    return ", ".join(parts) or "har inte svarat på något än"


def _unique(labels: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(labels))
