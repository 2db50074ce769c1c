"""`/metrics`: figures of the moment in Prometheus' text form. Counts only, no words, no ids."""

from __future__ import annotations

from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select

from bot.conversations.models import Alert, Conversation, InboundMessage, InboundStatus, OutboundMessage, Turn
from bot.db.session import Database


def exposition(db: Database, now: datetime) -> str:
    """Return the figures; read from the tables, so that every process says the same."""
    registry = CollectorRegistry()

    def gauge(name: str, text: str, labels: tuple[str, ...] = ()) -> Gauge:
        return Gauge(f"bot_{name}", text, labels, registry=registry)

    with db.reading() as session:
        conversations = gauge("conversations", "Conversations by state", ("state",))
        for state, count in session.execute(select(Conversation.state, func.count()).group_by(Conversation.state)):
            conversations.labels(state).set(count)
        outbound = gauge("outbound_messages", "Messages to youths by state", ("state",))
        by_state = select(OutboundMessage.state, func.count()).group_by(OutboundMessage.state)
        for state, count in session.execute(by_state):
            outbound.labels(state).set(count)
        turns = gauge("turns", "Turns by status", ("status",))
        for status, count in session.execute(select(Turn.status, func.count()).group_by(Turn.status)):
            turns.labels(status).set(count)
        waiting = session.scalar(
            select(func.min(InboundMessage.received_at)).where(InboundMessage.status == InboundStatus.PENDING)
        )
        age = gauge("inbox_oldest_seconds", "Age of the oldest message that waits")
        age.set((now - waiting).total_seconds() if waiting else 0)
        alerts = gauge("alerts_open", "Alerts that nobody has acknowledged", ("kind",))
        rows = session.execute(
            select(Alert.kind, func.count()).where(Alert.acknowledged_at.is_(None)).group_by(Alert.kind)
        )
        for kind, count in rows:
            alerts.labels(kind).set(count)
    return generate_latest(registry).decode()
