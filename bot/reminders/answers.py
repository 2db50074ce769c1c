"""What is answered to the buttons under reminders, check-ins and questions. Without the engine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.booking.models import BookingRow, BookingState
from bot.conversations.models import Conversation
from bot.languages import Language
from bot.names import Response
from bot.reminders import service
from bot.reminders.models import CheckIns, ReminderKind
from bot.reminders.wording import when_in_words
from bot.texts import Bubble, Texts

_HELPED: Mapping[str, Response] = {
    "yes": Response.UTTER_HELPED_YES,
    "some": Response.UTTER_HELPED_SOME,
    "no": Response.UTTER_HELPED_NO,
    "none": Response.UTTER_MEETING_MISSED,
}
_PLAIN: Mapping[str, Response] = {
    "check_ins": Response.UTTER_CHECK_IN_OFFER,
    "not_now": Response.UTTER_NOT_NOW,
    "week_good": Response.UTTER_WEEK_GOOD,
    "week_ok": Response.UTTER_WEEK_OK,
    "week_hard": Response.UTTER_WEEK_HARD,
}


def press(
    session: Session, conversation: Conversation, name: str, texts: Texts, now: datetime, public_url: str
) -> list[Bubble] | None:
    """Answer a button of ours; None when it is none of these. The caller holds the conversation."""
    language = Language(conversation.language)
    if name in _PLAIN:
        return [texts.say(_PLAIN[name], language)]
    match name:
        case "coming":
            at = service.note_coming(session, conversation, now)
            if at is None:
                return [texts.say(Response.UTTER_BUTTON_EXPIRED, language)]
            return [texts.say(Response.UTTER_COMING, language, when=when_in_words(at, now, language))]
        case "helped_yes" | "helped_some" | "helped_no" | "helped_none":
            answer = name.removeprefix("helped_")
            service.answer_feedback(session, conversation, answer, now)
            return [texts.say(_HELPED[answer], language)]
        case "check_in_weekly" | "check_in_silence":
            mode = CheckIns(name.removeprefix("check_in_"))
            service.subscribe(session, conversation, mode, now)
            said = Response.UTTER_CHECK_IN_WEEKLY if mode is CheckIns.WEEKLY else Response.UTTER_CHECK_IN_SILENCE
            return [texts.say(said, language)]
        case "stop_reminders":
            service.stop(session, conversation, now)
            return [texts.say(Response.UTTER_REMINDERS_OFF, language)]
        case "reminder_show":
            return _what_it_was(session, conversation, texts, language)
        case "calendar":
            return [_calendar(session, conversation, texts, language, now, public_url)]
        case _:
            return None


def _what_it_was(session: Session, conversation: Conversation, texts: Texts, language: Language) -> list[Bubble]:
    row = service.last_asked(session, conversation)
    if row is None:
        return [texts.say(Response.UTTER_BUTTON_EXPIRED, language)]
    name = Response.UTTER_REMINDER_SEASON if row.kind == ReminderKind.SEASON else Response.UTTER_REMINDER_NOTE
    return [texts.say(name, language, note=row.note or "…")]


def _calendar(
    session: Session, conversation: Conversation, texts: Texts, language: Language, now: datetime, public_url: str
) -> Bubble:
    token = session.scalar(
        select(BookingRow.token)
        .where(
            BookingRow.conversation_id == conversation.id,
            BookingRow.state == BookingState.BOOKED,
            BookingRow.starts_at > now,
        )
        .order_by(BookingRow.starts_at)
        .limit(1)
    )
    if token is None:
        return texts.say(Response.UTTER_BUTTON_EXPIRED, language)
    return texts.say(Response.UTTER_CALENDAR_LINK, language, link=f"{public_url}/calendar/meeting/{token}.ics")
