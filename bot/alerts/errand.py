"""One message, button or edit of one counsellor from their phone, and what is done about it."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from bot.alerts import contacts, wording
from bot.alerts.models import StaffMessage
from bot.alerts.outbox import Button, pseudonym, tell
from bot.clock import Clock
from bot.console.access import may_open, note_opening
from bot.console.calls import concerns
from bot.console.models import Staff
from bot.conversations.incoming import Incoming
from bot.conversations.models import Alert, Conversation, InboundKind
from bot.db.session import Database
from bot.handover.counsellor import MAX_AGREED, MAX_REPLY
from bot.handover.models import EndReason, Front, Handover, HandoverState, Reason
from bot.handover.queue import Entry, entry_of, packet_of
from bot.handover.service import Claimed, Done, HasChats, LostTo, Sent
from bot.handover.service import Handover as Handovers
from bot.handover.thread import Voice, thread_of
from bot.handover.transitions import open_handover

# Buttons of staff start with this; a youth's are random tokens, so neither is taken for the other.
PRESS = "s:"
_SHOWN_LINES = 8
_SHOWN_QUEUE = 10


class Errand:
    """One update of one counsellor; for what they may open, a `Reader` as at the console."""

    def __init__(self, db: Database, handovers: Handovers, clock: Clock, staff: Staff, incoming: Incoming) -> None:
        self._db, self._handovers, self._clock = db, handovers, clock
        self._staff, self._incoming = staff, incoming
        self.staff_id, self.municipalities = staff.id, staff.municipalities
        self._said = 0

    def do(self, text: str, reply_to: str | None, *, unlinking: bool) -> None:
        """Do it.

        Args:
            text: what was written, without spaces around it.
            reply_to: the id of the message that this one replies to.
            unlinking: whether this only ends the link, which also they may who may answer nobody any more.
        """
        leaving = unlinking or self._incoming.kind == InboundKind.LEFT
        if not leaving and not contacts.may_answer(self._staff):
            self._say(wording.NO_LONGER)
            return
        match self._incoming.kind:
            case InboundKind.BUTTON:
                self._press((self._incoming.payload or "").removeprefix(PRESS))
            case InboundKind.TEXT if text.startswith("/"):
                self._command(text, reply_to)
            case InboundKind.TEXT:
                self._reply(text, reply_to)
            case InboundKind.EDIT:
                self._say(wording.NO_EDITS)
            case InboundKind.LEFT:
                with self._db.transaction() as session:
                    contacts.unlink(session, self._staff.id)
            case InboundKind.RETURNED:
                return
            case _:
                self._say(wording.ONLY_TEXT)

    # -- what is written ---------------------------------------------------------------------

    def _command(self, text: str, reply_to: str | None) -> None:
        word, _, rest = text.partition(" ")
        match word.lower().split("@")[0]:
            case "/koppla":
                # The last words still need an address: they carry their own.
                self._say(wording.UNLINKED, address=self._incoming.address)
                with self._db.transaction() as session:
                    contacts.unlink(session, self._staff.id)
            case "/ko" | "/kö":
                self._queue()
            case "/klar":
                self._with_chat(reply_to, lambda entry: self._done(entry, rest))
            case "/tillbaka":
                self._with_chat(reply_to, self._put_back)
            case "/av":
                self._leave()
            case _:
                self._say(wording.HELP)

    def _reply(self, text: str, reply_to: str | None) -> None:
        def send(entry: Entry) -> None:
            if len(text) > MAX_REPLY:
                self._say(f"Det är för långt. Skriv högst {MAX_REPLY} tecken.")
                return
            key = f"telegram:{self._incoming.update_id}"
            sent = self._handovers.reply(entry.handover_id, self._staff.id, text, key, Front.TELEGRAM)
            said = "Skickat till {}." if isinstance(sent, Sent) else "Inte skickat: chatten med {} är inte din längre."
            self._say(said.format(pseudonym(entry.conversation_id)), entry=entry)

        self._with_chat(reply_to, send)

    def _with_chat(self, reply_to: str | None, work: Callable[[Entry], None]) -> None:
        """Find which chat is meant: the one of the message replied to, else the only one."""
        mine = self._handovers.mine(self._staff.id)
        if reply_to is not None:
            with self._db.reading() as session:
                wanted = session.scalar(
                    select(StaffMessage.handover_id).where(
                        StaffMessage.staff_id == self._staff.id, StaffMessage.channel_message_id == reply_to
                    )
                )
            chosen = [entry for entry in mine if entry.handover_id == wanted]
            if not chosen:
                # Never to another chat than the one that was meant.
                self._say("Inte skickat: den chatten är inte din nu. /ko visar vilka som väntar.")
                return
            work(chosen[0])
        elif len(mine) == 1:
            work(mine[0])
        else:
            self._say(wording.WHICH_CHAT if mine else wording.NO_CHAT)

    def _queue(self) -> None:
        entries = self._handovers.queue(self._staff.municipalities)[:_SHOWN_QUEUE]
        if not entries:
            self._say("Ingen väntar just nu.")
        for entry in entries:
            self._say(
                f"{pseudonym(entry.conversation_id)}, {entry.municipality or 'okänd kommun'}",
                [("Ta över", f"s:claim:{entry.handover_id}"), ("Läs först", f"s:show:{entry.handover_id}")],
                entry=entry,
            )

    def _leave(self) -> None:
        result = self._handovers.leave_shift(self._staff.id)
        if isinstance(result, HasChats):
            self._say("Du har öppna chattar. Välj vad som ska hända med var och en, och skriv /av igen.")
            for entry in result.chats:
                choices = [
                    ("Lägg först i kön", f"s:back:{entry.handover_id}"),
                    ("Klar, till boten", f"s:done:{entry.handover_id}"),
                ]
                self._say(pseudonym(entry.conversation_id), choices, entry=entry)
            return
        self._say("Ditt pass är slut för i dag. Tack!")

    # -- what is pressed ---------------------------------------------------------------------

    def _press(self, command: str) -> None:
        verb, _, target = command.partition(":")
        match verb:
            case "claim" | "yes":
                self._claim(verb, target)
            case "no":
                self._handovers.refuse(target, self._staff.id)
                self._say("Okej, kollegan har chatten kvar.")
            case "show":
                self._show(target)
            case "back" | "done":
                self._settle(verb, target)
            case "take":
                self._take(target)
            case "ack":
                self._acknowledge(target)
            case _:
                self._say(wording.BUTTON_OLD)

    def _claim(self, verb: str, handover_id: str) -> None:
        if verb == "claim" and not self._in_scope(handover_id):
            self._say(wording.BUTTON_OLD)
            return
        take = self._handovers.claim if verb == "claim" else self._handovers.accept
        result = take(handover_id, self._staff.id, Front.TELEGRAM)
        if isinstance(result, LostTo):
            self._say(f"{result.display_name} hann före.")
        elif isinstance(result, Claimed):
            self._show(handover_id, head="Du har chatten. Skriv ditt första svar inom fem minuter.")
        else:
            self._say(wording.BUTTON_OLD)

    def _take(self, conversation_id: str) -> None:
        """Write to somebody in danger who has not asked for a person."""
        with self._db.reading() as session:
            conversation = session.get(Conversation, conversation_id)
            danger = conversation is not None and conversation.risk != "none"
            row = open_handover(session, conversation_id) if danger else None
        if not danger:
            self._say(wording.BUTTON_OLD)
            return
        if row is None:
            key = f"take:{self._incoming.update_id}"
            self._handovers.request(conversation_id=conversation_id, reason=Reason.CRISIS, request_key=key)
            with self._db.reading() as session:
                row = open_handover(session, conversation_id)
        if row is not None:
            self._claim("claim", row.id)

    def _acknowledge(self, alert_id: str) -> None:
        now = self._clock()
        with self._db.transaction() as session:
            alert = session.get(Alert, alert_id, with_for_update=True)
            if alert is not None and not concerns(session, self, alert):
                said = wording.BUTTON_OLD
            elif alert is None or alert.acknowledged_at is not None:
                other = session.get(Staff, alert.acknowledged_by) if alert and alert.acknowledged_by else None
                said = f"{other.display_name} tar redan hand om det." if other else wording.BUTTON_OLD
            else:
                alert.acknowledged_at, alert.acknowledged_by = now, self._staff.id
                said = "Noterat: du tar hand om det. Inga fler larm om detta."
        self._say(said)

    def _settle(self, verb: str, handover_id: str) -> None:
        entry = next((one for one in self._handovers.mine(self._staff.id) if one.handover_id == handover_id), None)
        if entry is None:
            self._say(wording.BUTTON_OLD)
        elif verb == "back":
            self._put_back(entry)
        else:
            self._done(entry, "")

    def _done(self, entry: Entry, agreed: str) -> None:
        if len(agreed.strip()) > MAX_AGREED:
            self._say(f"Det är för långt. Skriv högst {MAX_AGREED} tecken efter /klar.")
            return
        result = self._handovers.hand_back(entry.handover_id, self._staff.id, EndReason.COUNSELLOR_CLOSED, agreed)
        done = f"{pseudonym(entry.conversation_id)} är tillbaka hos boten."
        self._say(done if isinstance(result, Done) else wording.BUTTON_OLD)

    def _put_back(self, entry: Entry) -> None:
        result = self._handovers.put_back(entry.handover_id, self._staff.id)
        done = f"{pseudonym(entry.conversation_id)} ligger först i kön."
        self._say(done if isinstance(result, Done) else wording.BUTTON_OLD)

    # -- showing -----------------------------------------------------------------------------

    def _show(self, handover_id: str, *, head: str = "") -> None:
        """Show the packet and the latest lines, with placeholders; who asked for it stands in the access log."""
        if not self._in_scope(handover_id):
            self._say(wording.BUTTON_OLD)
            return
        now = self._clock()
        with self._db.transaction() as session:
            row = session.get_one(Handover, handover_id)
            note_opening(session, self.staff_id, row.conversation_id, "chat_phone", now)
            entry, packet = entry_of(session, row, now), packet_of(session, row)
            lines = [
                line for line in thread_of(session, row.conversation_id)
                if line.voice in (Voice.YOUTH, Voice.COUNSELLOR) and line.text
            ][-_SHOWN_LINES:]  # fmt: skip
        name = pseudonym(entry.conversation_id)
        said = [f"{name if line.voice == Voice.YOUTH else line.name or 'Vägledare'}: {line.text}" for line in lines]
        place = entry.municipality or "okänd kommun"
        parts = [head, f"{name}, {place}, {'engelska' if entry.language == 'en' else 'svenska'}", packet]
        body = "\n".join(part for part in parts if part)
        waiting = entry.state != HandoverState.LIVE
        buttons = [("Ta över", f"s:claim:{handover_id}")] if waiting else []
        self._say("\n\n".join([body, "\n".join(said)]).strip(), buttons, entry=entry)

    def _in_scope(self, handover_id: str) -> bool:
        """Whether this request stands and its chat may be opened by this counsellor, by the rule of the console."""
        with self._db.reading() as session:
            row = session.get(Handover, handover_id)
            conversation = session.get(Conversation, row.conversation_id) if row is not None else None
            if row is None or conversation is None or row.state == HandoverState.CLOSED:
                return False
            return may_open(session, self, conversation)

    def _say(
        self, text: str, buttons: list[Button] | None = None, *, entry: Entry | None = None, address: str | None = None
    ) -> None:
        """Say something to the counsellor; the sender finds their phone by the link, unless it needs an `address`."""
        key = f"update:{self._incoming.update_id}:{self._said}"
        self._said += 1
        with self._db.transaction() as session:
            tell(
                session,
                self._staff.id,
                text,
                key=key,
                now=self._clock(),
                buttons=buttons or (),
                conversation_id=entry.conversation_id if entry else None,
                handover_id=entry.handover_id if entry else None,
                address=address,
            )
