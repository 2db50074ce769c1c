"""What the bot program answers itself, without the engine: commands, its own buttons, and what
it cannot read. All inside the transaction of the worker that holds the conversation.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.conversations import outbox
from bot.conversations.incoming import Command
from bot.conversations.models import Conversation, ConversationState, InboundKind, InboundMessage
from bot.handover import service as handover
from bot.handover.models import EndReason, Reason
from bot.handover.wording import requested_bubble
from bot.languages import Language
from bot.names import Response
from bot.people import erasure, own_copy
from bot.plan import chat as plan
from bot.reminders import answers as reminders
from bot.reminders.service import stop as stop_reminders
from bot.texts import Bubble, Texts

# Buttons of ours start with this; they never reach the engine.
OWN = "bot:"


def is_own(message: InboundMessage) -> bool:
    """Whether this message is answered here and not by the engine."""
    if message.kind == InboundKind.BUTTON:
        return message.payload is None or message.payload.startswith(OWN)
    return message.kind not in (InboundKind.TEXT, InboundKind.EDIT)


def answer(
    session: Session,
    conversation: Conversation,
    message: InboundMessage,
    texts: Texts,
    now: datetime,
    *,
    public_url: str = "",
) -> None:
    """Answer one message of our own kind; the caller holds the conversation.

    Args:
        public_url: where the program is reached, for links.
    """
    if message.kind == InboundKind.COMMAND:
        bubbles = _command(session, conversation, message, texts, now, public_url)
    elif message.kind == InboundKind.BUTTON:
        bubbles = _button(session, conversation, message, texts, now, public_url)
    elif message.kind == InboundKind.TEXT:
        bubbles = plan.take_text(session, conversation, message, texts, now)
    elif conversation.state == ConversationState.LIVE:
        # A person writes with them and sees what came: the bot keeps out of it.
        return
    else:
        name = Response.UTTER_STICKER if message.kind == InboundKind.STICKER else Response.UTTER_WRITE_INSTEAD
        bubbles = [texts.say(name, Language(conversation.language))]
    outbox.queue_all(session, conversation, key=f"own:{message.id}", bubbles=bubbles, now=now)


def _command(
    session: Session, conversation: Conversation, message: InboundMessage, texts: Texts, now: datetime, public_url: str
) -> list[Bubble]:
    language = Language(conversation.language)
    match Command(message.payload or Command.HELP):
        case Command.START:
            # The first message has already been queued for somebody new (Inbox.ensure_notice).
            first = message.seq == 1
            return (
                [texts.say(Response.UTTER_MENU, language)]
                if first
                else [texts.say(Response.UTTER_WELCOME, language), texts.say(Response.UTTER_MENU, language)]
            )
        case Command.HELP:
            return [texts.say(Response.UTTER_HELP_COMMANDS, language)]
        case Command.LANGUAGE:
            return [texts.say(Response.UTTER_ASK_LANGUAGE, language)]
        case Command.PRIVACY:
            return privacy(texts, language)
        case Command.MY_DATA:
            return own_copy.as_bubbles(session, conversation, texts, language, now=now, public_url=public_url)
        case Command.DELETE:
            return [texts.say(Response.UTTER_ASK_DELETE, language)]
        case Command.PLAN:
            return plan.show(session, conversation, texts)
        case Command.STOP:
            stop_reminders(session, conversation, now)
            return [texts.say(Response.UTTER_STOPPED, language)]
        case Command.HUMAN:
            return _human(session, conversation, f"inbound:{message.id}", texts, now)
        case Command.SETTINGS:
            return [texts.say(Response.UTTER_SETTINGS, language)]


def _button(
    session: Session,
    conversation: Conversation,
    message: InboundMessage,
    texts: Texts,
    now: datetime,
    public_url: str,
) -> list[Bubble]:
    language = Language(conversation.language)
    name = (message.payload or "").removeprefix(OWN)
    match name:
        case "human":
            return _human(session, conversation, f"inbound:{message.id}", texts, now)
        case "more":
            return _more(session, conversation, f"inbound:{message.id}", texts, now)
        case "back":
            # Who gives up after we did not come in time has not simply changed their mind.
            late = conversation.state == ConversationState.TIMED_OUT
            reason = EndReason.CLAIM_TIMEOUT if late else EndReason.YOUTH_ENDED
            handover.end(session, conversation, reason=reason, actor="youth", now=now)
            return [texts.say(Response.UTTER_BACK_WITH_BOT, language)]
        case "privacy":
            return privacy(texts, language)
        case "my_data":
            return own_copy.as_bubbles(session, conversation, texts, language, now=now, public_url=public_url)
        case "delete_yes":
            # The words are those of the receipt, sent when every store is empty.
            erasure.begin(session, conversation, now)
            return []
        case "delete_no":
            return [texts.say(Response.UTTER_DELETE_KEPT, language)]
        case "language_sv" | "language_en" as choice:
            conversation.language = Language(choice.removeprefix("language_"))
            conversation.language_chosen = True
            return [texts.say(Response.UTTER_LANGUAGE_CHANGED, Language(conversation.language))]
        case "safe_under18":
            return [texts.say(Response.UTTER_CRISIS_UNDER18, language)]
        case "menu" | "retry":
            return [texts.say(Response.UTTER_MENU, language)]
        case _:
            return (
                handover.press(session, conversation, name, texts, now)
                or plan.press(session, conversation, name, texts, now)
                or reminders.press(session, conversation, name, texts, now, public_url)
                or [texts.say(Response.UTTER_BUTTON_EXPIRED, language)]
            )


def _human(session: Session, conversation: Conversation, key: str, texts: Texts, now: datetime) -> list[Bubble]:
    if conversation.state == ConversationState.LIVE:
        return [texts.say(Response.UTTER_HUMAN_WAITING, Language(conversation.language))]
    status = handover.request(session, conversation, reason=Reason.ASKED, request_key=key, now=now)
    return _standing(session, conversation, status, texts, now)


def _more(session: Session, conversation: Conversation, key: str, texts: Texts, now: datetime) -> list[Bubble]:
    """Talk more after a chat has ended: the same counsellor if they are there."""
    if conversation.state != ConversationState.BOT:
        return _human(session, conversation, key, texts, now)
    status = handover.reopen(session, conversation, request_key=key, now=now, texts=texts)
    return [] if status is None else _standing(session, conversation, status, texts, now)


def _standing(
    session: Session, conversation: Conversation, status: handover.HandoverStatus, texts: Texts, now: datetime
) -> list[Bubble]:
    """Say how a request stands, and after a new one ask what helps the counsellor."""
    bubbles = [requested_bubble(texts, Language(conversation.language), status)]
    row = handover.open_handover(session, conversation.id)
    return bubbles if row is None else [*bubbles, *handover.and_then(session, conversation, row, texts, now)]


def privacy(texts: Texts, language: Language) -> list[Bubble]:
    """Return the full text on what is kept, who reads what, and how long."""
    return [
        texts.say(name, language)
        for name in (
            Response.UTTER_PRIVACY_FULL_1,
            Response.UTTER_PRIVACY_FULL_2,
            Response.UTTER_PRIVACY_FULL_3,
            Response.UTTER_PRIVACY_FULL_4,
        )
    ]
