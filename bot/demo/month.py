"""Lets invented youths live through a month: the real inbox, outbox, handover and booking, by a clock of its own."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot import wiring
from bot.bell import Bell
from bot.booking.models import ContactHow
from bot.booking.service import Booking
from bot.catalogue.loader import load as load_catalogue
from bot.clock import FakeClock
from bot.console.accounts import add_staff
from bot.console.passwords import new_password
from bot.conversations import outbox
from bot.conversations.inbox import Inbox
from bot.conversations.incoming import Incoming
from bot.conversations.models import (
    Alert,
    InboundKind,
    InboundMessage,
    InboundStatus,
    OutboundMessage,
    OutboundState,
    Turn,
    TurnStatus,
)
from bot.db.base import new_id, use_keyring
from bot.db.migrate import upgrade
from bot.db.session import Database
from bot.demo.mark import set_mark
from bot.duty.plan import DutyPlan
from bot.errors import BotError
from bot.handover.models import EndReason, Reason
from bot.handover.requests import youth_wrote
from bot.handover.service import Handover
from bot.languages import Language
from bot.livechat.canned import load_starters
from bot.names import Response
from bot.safety.crypto import Keyring
from bot.settings import Settings
from bot.texts import USUAL_TOPICS, Bubble, ButtonText

DAYS = 30
STAFF = (
    ("kim", "Kim", ("counsellor", "reviewer", "admin"), ()),
    ("noor", "Noor", ("counsellor",), ("Motala", "Mjölby", "Vadstena")),
    ("alex", "Alex", ("counsellor",), ("Linköping", "Norrköping")),
)
_PLACES = ("Linköping", "Norrköping", "Motala", "Mjölby", "Vadstena", "Finspång")
# Young people write in the evening (product.md 4.1): hours of the day, the later ones more often.
_HOURS = (9, 10, 11, 13, 14, 15, 16, 18, 19, 20, 21, 21, 22, 22, 23, 23)
_TOPICS = ("back_to_school", "choose", "money")


class DemoExists(BotError):
    """There is an invented month already; the message says how to make another."""


def make(settings: Settings, youths: int, say: Callable[[str], None], *, seed: int = 7) -> Path:
    """Fill a database of its own and say how to look at it; returns its path.

    Raises:
        DemoExists: it is there already.
    """
    path = settings.var_dir / "demo.db"
    if path.exists():
        raise DemoExists(f"{path} is there already. Remove it to make another, or look at it:\n{_how(path)}")
    use_keyring(Keyring.from_text(settings.encryption_keys))
    here = replace(settings, database_url=f"sqlite:///{path}", telegram=None)
    db = Database(here.database_url)
    upgrade(db)
    db.close()
    services = wiring.build(here)
    try:
        load_catalogue(services.db, settings.data_dir / "catalogue")
        load_starters(services.db, settings.data_dir / "staff" / "replies.yml", settings.clock())
        password = new_password()
        month = Month(services, settings.clock(), password, seed)
        say(f"{youths} invented youths live through {DAYS} days ...")
        month.live_through(youths)
    finally:
        services.db.close()
    say(f"Ready. Nobody in it exists.\n{_how(path)}\nSign in as kim, noor or alex with the password: {password}")
    return path


def _how(path: Path) -> str:
    return f"  DATABASE_URL=sqlite:///{path} .venv/bin/bot run"


class Month:
    """Thirty days until now."""

    def __init__(self, services: wiring.Services, now: datetime, password: str, seed: int) -> None:
        self._until = now
        self._clock = FakeClock(now - timedelta(days=DAYS))
        self._db, self._texts = services.db, services.texts
        self._inbox = Inbox(services.db, services.vault, services.texts, self._clock)
        self._handover = Handover(services.db, self._clock, services.texts, Bell())
        self._booking = Booking(services.db, self._clock)
        self._chance = random.Random(seed)
        self._numbers = itertools.count(1)
        content = yaml.safe_load((services.settings.data_dir / "demo" / "stories.yml").read_text(encoding="utf-8"))
        self._stories: Sequence[Mapping[str, Any]] = content["stories"]
        with self._db.transaction() as session:
            set_mark(session, now)
            self._staff = [
                self._add(session, name, shown, roles, places, password) for name, shown, roles, places in STAFF
            ]

    def _add(
        self, session: Session, username: str, name: str, roles: Sequence[str], places: Sequence[str], password: str
    ) -> tuple[str, str, Sequence[str]]:
        staff, _ = add_staff(
            session, username=username, display_name=name, roles=roles, municipalities=places, password=password,
            now=self._clock(),
        )  # fmt: skip
        return staff.id, name, places

    def live_through(self, youths: int) -> None:
        """Let so many youths write, in the order of time; the last few still wait when the month is over."""
        begins = sorted(self._begin(day) for day in (self._chance.uniform(0, DAYS - 1) for _ in range(youths)))
        for number, at in enumerate(begins):
            self._clock.now = max(self._clock.now, at)
            self._live(self._stories[number % len(self._stories)], self._chance.choice(_PLACES), finish=True)
        with self._db.transaction() as session:
            # Of the month's calls to staff, somebody has taken care of each.
            session.execute(
                update(Alert)
                .where(Alert.acknowledged_at.is_(None))
                .values(acknowledged_at=self._clock(), acknowledged_by=self._staff[0][0])
            )
        for minutes, number in ((50, 1), (34, 12), (21, 4), (9, 7)):
            self._clock.now = max(self._clock.now, self._until - timedelta(minutes=minutes))
            self._live(self._stories[number], self._chance.choice(_PLACES), finish=False)
        self._clock.now = max(self._clock.now, self._until - timedelta(minutes=2))
        self._handover.sweep()
        self._settle()

    def _begin(self, day: float) -> datetime:
        at = self._until - timedelta(days=DAYS - day)
        return at.replace(hour=self._chance.choice(_HOURS) - 1, minute=self._chance.randrange(60))

    def _live(self, story: Mapping[str, Any], place: str, *, finish: bool) -> None:
        address, language = f"demo-{next(self._numbers)}", Language(story["language"])
        slots = {"municipality": place, "age": str(self._chance.randint(15, 20))}
        conversation_id = ""
        for text, intent, response in story["turns"]:
            conversation_id = self._write(address, text, language)
            if not story.get("danger"):
                self._answer(conversation_id, intent, response, language, slots)
            self._clock.advance(seconds=self._chance.randint(20, 90))
        if story.get("left"):
            self._write(address, None, language, InboundKind.LEFT)
        elif story.get("person"):
            self._meet_person(address, conversation_id, story["person"], place, language, finish=finish)
        self._settle()

    def _meet_person(
        self, address: str, conversation_id: str, person: Mapping[str, Any], place: str, language: Language, *,
        finish: bool,
    ) -> None:  # fmt: skip
        self._handover.request(
            conversation_id=conversation_id, reason=Reason.ASKED, request_key=new_id(), municipality=place
        )
        if not finish:
            return
        with self._db.reading() as session:
            duty = DutyPlan(session, self._clock())
            opens = self._clock() if duty.is_open(place) else duty.next_opening(place)
        if opens is None or opens > self._until - timedelta(hours=2):
            return
        self._clock.now = opens + timedelta(minutes=self._chance.randint(1, 9))
        self._handover.sweep()
        staff_id, name, _ = next(one for one in reversed(self._staff) if not one[2] or place in one[2])
        entry = next((one for one in self._handover.queue([]) if one.conversation_id == conversation_id), None)
        if entry is None:
            return
        self._handover.claim(entry.handover_id, staff_id)
        for said, answered in itertools.zip_longest(person["says"], person["youth"]):
            self._clock.advance(seconds=self._chance.randint(40, 140))
            if said:
                self._handover.reply(entry.handover_id, staff_id, said.format(name=name), new_id())
            self._clock.advance(seconds=self._chance.randint(30, 200))
            if answered:
                self._write(address, answered, language)
                self._for_people(conversation_id)
        if person["end"] == EndReason.BOOKED_MEETING:
            self._book(conversation_id, place)
        self._handover.hand_back(entry.handover_id, staff_id, EndReason(person["end"]))

    def _book(self, conversation_id: str, place: str) -> None:
        free = self._booking.free_times(place)
        if free:
            self._booking.book(
                conversation_id=conversation_id, municipality=place, topic=self._chance.choice(_TOPICS),
                how=ContactHow.PHONE, starts_at=self._chance.choice(free).starts_at,
                call_me=self._chance.choice(("Lo", "Sam", "Mika", "Nova")), contact="070-174 06 10",
                request_key=new_id(),
            )  # fmt: skip

    def _write(self, address: str, text: str | None, language: Language, kind: InboundKind = InboundKind.TEXT) -> str:
        number = next(self._numbers)
        received = self._inbox.receive(
            Incoming(
                channel="web", update_id=f"demo:{number}", address=address, kind=kind, text=text,
                channel_message_id=f"m{number}", language_hint=language,
            )
        )  # fmt: skip
        return received.conversation_id

    def _answer(
        self, conversation_id: str, intent: str, response: str, language: Language, slots: Mapping[str, str]
    ) -> None:
        """Answer as the bot would have, with what the model would have made of it."""
        now = self._clock()
        sure = self._chance.uniform(0.2, 0.45) if intent == "nlu_fallback" else self._chance.uniform(0.72, 0.99)
        with self._db.transaction() as session:
            conversation = outbox.lock_conversation(session, conversation_id)
            if conversation is None:
                return
            rows = _pending(session, conversation_id)
            turn = Turn(
                id=new_id(), conversation_id=conversation_id, status=TurnStatus.DONE, text=rows[-1].text,
                sent_entities=[], session=conversation.session, first_seq=rows[0].seq, created_at=now, finished_at=now,
                language=language, intent=intent, confidence=sure, ranking=[{"name": intent, "confidence": sure}],
                entities=[], slots=dict(slots), municipality=slots["municipality"], model="demo",
                latency_ms=self._chance.randint(60, 240),
            )  # fmt: skip
            session.add(turn)
            for row in rows:
                row.status, row.turn_id = InboundStatus.ANSWERED, turn.id
            conversation.ready_at = conversation.waiting_since = None
            bubble = self._bubble(response, language)
            outbox.queue(session, conversation, key=f"turn:{turn.id}", bubble=bubble, now=now, turn_id=turn.id)

    def _bubble(self, response: str, language: Language) -> Bubble:
        """Return what the bot says, with usual topics where the model would have filled in likely ones."""
        bubble = self._texts.say(Response(response), language)
        if "{" in bubble.text:
            return self._texts.say(Response.UTTER_ASK_REPHRASE, language)
        usual = iter(USUAL_TOPICS)
        buttons = []
        for button in bubble.buttons:
            if "{" in button.title:
                intent = next(usual)
                button = ButtonText(self._texts.topic(intent, language) or intent, f"/{intent}")
            buttons.append(button)
        return replace(bubble, buttons=tuple(buttons))

    def _for_people(self, conversation_id: str) -> None:
        with self._db.transaction() as session:
            conversation = outbox.lock_conversation(session, conversation_id)
            if conversation is None:
                return
            rows = _pending(session, conversation_id)
            for row in rows:
                row.status = InboundStatus.FOR_PEOPLE
            conversation.ready_at = conversation.waiting_since = None
            youth_wrote(session, conversation, rows, self._clock())

    def _settle(self) -> None:
        """Everything queued was delivered, everything written was read."""
        with self._db.transaction() as session:
            session.execute(
                update(OutboundMessage)
                .where(OutboundMessage.state == OutboundState.QUEUED)
                .values(state=OutboundState.SENT, sent_at=OutboundMessage.created_at)
            )
            for conversation_id in set(
                session.scalars(
                    select(InboundMessage.conversation_id).where(InboundMessage.status == InboundStatus.PENDING)
                )
            ):
                conversation = outbox.lock_conversation(session, conversation_id)
                for row in _pending(session, conversation_id):
                    row.status = InboundStatus.NOTED
                if conversation is not None:
                    conversation.ready_at = conversation.waiting_since = None


def _pending(session: Session, conversation_id: str) -> list[InboundMessage]:
    return list(
        session.scalars(
            select(InboundMessage)
            .where(InboundMessage.conversation_id == conversation_id, InboundMessage.status == InboundStatus.PENDING)
            .order_by(InboundMessage.seq)
        )
    )
