"""The invented people of `bot bench month`. Every act has a key of its own, so it may be tried again."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.alerts import contacts
from bot.booking.hours import Period, parse_time
from bot.booking.models import ContactHow
from bot.booking.rota import set_hours
from bot.channels.telegram import outgoing
from bot.clock import STOCKHOLM
from bot.console.models import Staff
from bot.conversations.incoming import Incoming
from bot.conversations.models import Alert, Conversation, ConversationState, InboundKind, OutboundMessage
from bot.db.base import new_id
from bot.duty.models import COUNTY
from bot.duty.service import set_night_duty
from bot.handover.models import EndReason
from bot.handover.rules import TurnMarker
from bot.handover.service import Done, HasChats, Sent

if TYPE_CHECKING:
    from bot.bench.month import World

_PLACES = ("Linköping", "Norrköping", "Motala", "Mjölby", "Finspång", "Kinda", "Ydre", None)
_WORDS = ("hej", "jag vill plugga igen", "vad är komvux?", "är du där?", "ok", "tack", "jag vet inte riktigt")
_DANGER = "jag vill inte leva"
_CLOSING = (
    EndReason.COUNSELLOR_CLOSED, EndReason.COUNSELLOR_CLOSED, EndReason.COUNSELLOR_CLOSED, EndReason.BOOKED_MEETING,
    EndReason.TRANSFERRED_EXTERNAL,
)  # fmt: skip


class YouthLife:
    """One youth: writes on one evening or day, asks for a person, and goes on as chance has it."""

    def __init__(self, world: World, number: int, begins: datetime, ends: datetime) -> None:
        self._world, self._number = world, number
        self._chance = random.Random(world.chance.random())
        day = begins.astimezone(STOCKHOLM) + timedelta(
            days=self._chance.randrange(max(1, (ends - begins).days)),
        )
        # Most write after school, some at night (product.md 4.1).
        hour = self._chance.choices(range(24), weights=[2] * 8 + [6] * 8 + [12] * 8)[0]
        self.next_at: datetime | None = day.replace(hour=hour, minute=self._chance.randrange(60)).astimezone(
            begins.tzinfo
        )
        self.conversation_id: str | None = None
        self._acts = 0
        self._plan = [
            "hello",
            "ask",
            *self._chance.choices(("write", "wait", "press"), k=self._chance.randrange(3, 10)),
        ]
        self._plan += self._chance.choices(
            ("stop", "book", "back", "erase", "block", "again", "danger"), weights=(10, 4, 5, 1, 1, 3, 1)
        )
        self._pending: Incoming | None = None

    @property
    def done(self) -> bool:
        """Whether nothing more will come from this youth."""
        return not self._plan and self._pending is None

    def live(self) -> None:
        """Do what is due now."""
        now = self._world.clock()
        if self.next_at is None or now < self.next_at:
            return
        if self._pending is not None:
            # The channel gives it again until it is stored.
            self._receive(self._pending)
            return
        if not self._plan:
            self.next_at = None
            return
        act = self._plan.pop(0)
        self.next_at = now + timedelta(minutes=self._chance.choice((1, 3, 5, 10, 40, 180)))
        getattr(self, f"_{act}")()

    def _hello(self) -> None:
        self._send(self._chance.choice(_WORDS))

    def _ask(self) -> None:
        if self._state() not in (None, ConversationState.BOT):
            return
        self._send("/människa")

    def _again(self) -> None:
        if self._state() == ConversationState.BOT:
            self._plan = ["ask", "write", "stop"]

    def _write(self) -> None:
        self._send(self._chance.choice(_WORDS))

    def _danger(self) -> None:
        self._send(_DANGER)

    def _wait(self) -> None:
        return

    def _stop(self) -> None:
        return

    def _back(self) -> None:
        self._press("Tillbaka till boten")

    def _press(self, title: str | None = None) -> None:
        """Press a button of the last messages, as people do."""
        if self.conversation_id is None:
            return
        with self._world.db.reading() as session:
            rows = session.scalars(
                select(OutboundMessage)
                .where(OutboundMessage.conversation_id == self.conversation_id)
                .order_by(OutboundMessage.seq.desc())
                .limit(4)
            ).all()
        buttons = [button for row in rows for button in row.buttons]
        wanted = (
            "Vill inte säga",
            "Det är bra så",
            "Skriv själv",
            "Vänta kvar",
            "Lämna ett meddelande",
            "Visa inget",
            "Prata mer",
        )
        fitting = [one for one in buttons if (one["title"] == title if title else one["title"] in wanted)]
        if fitting:
            self._send(None, kind=InboundKind.BUTTON, payload=str(self._chance.choice(fitting)["token"]))

    def _book(self) -> None:
        if self.conversation_id is None:
            return
        place = self._chance.choice(_PLACES)
        times = self._world.booking.free_times(place)
        if times:
            conversation_id = self.conversation_id
            self._world.survive(
                lambda: self._world.booking.book(
                    conversation_id=conversation_id, municipality=place, topic="other", how=ContactHow.CHAT,
                    starts_at=times[0].starts_at, call_me="anonym", contact=None, request_key=f"book-{self._number}",
                )
            )  # fmt: skip

    def _erase(self) -> None:
        self._send("/radera")
        self._plan = ["confirm"]

    def _confirm(self) -> None:
        self._press("Ja, ta bort det")

    def _block(self) -> None:
        if self.conversation_id is not None and self._state() is not None:
            outgoing_to = self.conversation_id
            self._world.survive(lambda: outgoing.blocked(self._world.db, outgoing_to, self._world.clock()))
            self._plan = []

    def _state(self) -> str | None:
        if self.conversation_id is None:
            return None
        with self._world.db.reading() as session:
            row = session.get(Conversation, self.conversation_id)
            return None if row is None else row.state

    def _send(self, text: str | None, *, kind: InboundKind = InboundKind.TEXT, payload: str | None = None) -> None:
        self._acts += 1
        number = f"{self._number}-{self._acts}"
        self._receive(
            Incoming(
                channel="web", update_id=number, address=f"youth-{self._number}", kind=kind, text=text,
                payload=payload, channel_message_id=number,
            )
        )  # fmt: skip

    def _receive(self, incoming: Incoming) -> None:
        self._pending = incoming

        def receive() -> None:
            self.conversation_id = self._world.inbox.receive(incoming).conversation_id

        if self._world.survive(receive):
            self._pending = None


class CounsellorLife:
    """One counsellor: takes who waits, answers, sometimes forgets, hands over, and goes home."""

    def __init__(self, world: World, number: int) -> None:
        self._world = world
        self._chance = random.Random(world.chance.random())
        self.id = new_id()
        self.sent: dict[str, str] = {}
        """Key -> text of every reply the service said was sent."""
        self._replies = 0
        self._trying: tuple[str, str, str] | None = None
        self._exchanges: dict[str, int] = {}
        place = _PLACES[number % len(_PLACES)]
        with world.db.transaction() as session:
            session.add(
                Staff(
                    id=self.id, username=f"c{number}", display_name=f"Person {number}", password_hash="-",  # noqa: S106
                    roles=["counsellor"], municipalities=[] if number % 3 == 0 or place is None else [place],
                    active=True, created_at=world.clock(),
                )
            )  # fmt: skip
            session.flush()
            begins = self._chance.choice(("08:00", "09:00", "12:00"))
            ends = self._chance.choice(("15:00", "16:00", "17:00"))
            days = self._chance.sample(range(5), self._chance.randrange(2, 6))
            set_hours(session, self.id, [Period(day, parse_time(begins), parse_time(ends)) for day in days])
            if number % 2 == 0:
                code = contacts.new_code(session, world.vault, self.id, world.clock())
                contacts.link(session, world.vault, code, f"phone-{number}", world.clock())
            if number == 0:
                set_night_duty(
                    session, COUNTY, crisis_owner=self.id, crisis_nobody=False, responsible=self.id, by=self.id,
                    now=world.clock(),
                )  # fmt: skip

    def live(self) -> None:
        """Do what a counsellor does in a few minutes."""
        self._world.survive(self._do)

    def _do(self) -> None:
        world, chance = self._world, self._chance
        if self._trying is not None:
            self._reply(*self._trying)
        at_work = world.duty.works_now(self.id)
        if at_work and world.danger and chance.random() < 0.5:
            self._look_after(world.danger[0])
        if self.id not in world.busy and not (at_work and world.waiting):
            return
        mine = world.handover.mine(self.id)
        for entry in world.handover.offered(self.id):
            answer = chance.choice((world.handover.accept, world.handover.refuse, None))
            if answer is not None:
                answer(entry.handover_id, self.id)
        for entry in mine:
            if entry.turn_marker != TurnMarker.WAITING_COUNSELLOR or chance.random() < 0.04:
                continue
            count = self._exchanges.get(entry.handover_id, 0)
            if count >= 4 or chance.random() < 0.15 * count:
                agreed = chance.choice(("", "Vi hörs på torsdag"))
                world.handover.hand_back(entry.handover_id, self.id, chance.choice(_CLOSING), agreed)
            elif chance.random() < 0.05:
                self._give_away(entry.handover_id)
            else:
                self._exchanges[entry.handover_id] = count + 1
                self._replies += 1
                self._reply(entry.handover_id, f"r{self._replies}", f"Svar {self._replies} från {self.id}")
        if not at_work:
            self._go_home()
        elif world.waiting and len(mine) < 3 and chance.random() < 0.6:
            with world.db.reading() as session:
                scope = session.get_one(Staff, self.id).municipalities
            waiting = world.handover.queue(scope)
            if waiting:
                world.handover.claim(waiting[0].handover_id, self.id)

    def _look_after(self, alert_id: str) -> None:
        """Say that I take care of a sign of danger: it is told to nobody again."""
        with self._world.db.transaction() as session:
            alert = session.get(Alert, alert_id)
            if alert is not None and alert.acknowledged_at is None:
                alert.acknowledged_at, alert.acknowledged_by = self._world.clock(), self.id

    def _reply(self, handover_id: str, key: str, text: str) -> None:
        # Tried again under the same key until an answer has come back, as a form does that was sent twice.
        self._trying = (handover_id, key, text)
        result = self._world.handover.reply(handover_id, self.id, text, f"{self.id}:{key}")
        self._trying = None
        if isinstance(result, Sent):
            self.sent[f"{self.id}:{key}"] = text

    def _give_away(self, handover_id: str) -> None:
        others = [row.id for row in self._world.duty.on_duty_in_county() if row.id != self.id]
        if others:
            self._world.handover.offer(handover_id, self.id, self._chance.choice(others))

    def _go_home(self) -> None:
        """A shift cannot end with open chats: settle each, then leave."""
        result = self._world.handover.leave_shift(self.id)
        if isinstance(result, Done) or self._chance.random() < 0.5:
            return
        assert isinstance(result, HasChats)
        for entry in result.chats:
            if self._chance.random() < 0.5:
                self._world.handover.put_back(entry.handover_id, self.id)
            else:
                self._world.handover.hand_back(entry.handover_id, self.id, EndReason.COUNSELLOR_CLOSED)
