"""What a youth who asks for a person is asked: where they live (once), and whether the summary is right.

One question at a time, all of them free to leave unanswered; the request stands in the queue already.
The caller holds the conversation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.names import find_municipality
from bot.catalogue.rules import normalise
from bot.catalogue.snapshot import take
from bot.conversations.models import Conversation, Turn, TurnStatus
from bot.handover.models import Asking, Handover, HandoverState
from bot.handover.requests import told, wait
from bot.handover.rules import CLAIMABLE
from bot.handover.summary import last_slots
from bot.handover.transitions import open_handover
from bot.handover.wording import how_it_stands
from bot.languages import Language
from bot.names import Response
from bot.texts import Bubble, Texts

# A place is named in few words ("jag bor i Motala"); a longer text is something else.
_PLACE_WORDS = 6
_LAST_TURNS = 12
_SHOWN_TOPICS = 3
MAX_WORDS = 1_000


@dataclass(frozen=True)
class Question:
    """One thing to ask, in words of no channel: the dialogue and the program both say it."""

    response: Response
    values: Mapping[str, str] = field(default_factory=dict)

    def said(self, texts: Texts, language: Language) -> Bubble:
        """Return it as a bubble."""
        return texts.say(self.response, language, **self.values)


def next_question(
    session: Session, conversation: Conversation, row: Handover, texts: Texts, now: datetime
) -> Question | None:
    """Return the next thing to ask of somebody who waits: where they live, then whether the summary is right.

    Each once. A place that has been asked for in an earlier request is not asked for again.
    """
    if row.state not in CLAIMABLE or row.asking is not None:
        return None
    if row.municipality is None and not _place_was_asked(session, conversation):
        row.place_asked_at, row.asking = now, Asking.PLACE
        session.flush()
        return Question(Response.UTTER_HUMAN_ASK_PLACE)
    if row.summary_shown_at is not None:
        return None
    row.summary_shown_at = now
    session.flush()
    return Question(Response.UTTER_HUMAN_SUMMARY, {"about": about(session, conversation, texts)})


def _place_was_asked(session: Session, conversation: Conversation) -> bool:
    asked = select(Handover.id).where(Handover.conversation_id == conversation.id, Handover.place_asked_at.is_not(None))
    return session.scalar(asked.limit(1)) is not None


def and_then(session: Session, conversation: Conversation, row: Handover, texts: Texts, now: datetime) -> list[Bubble]:
    """Return the next question as bubbles: one, or none."""
    question = next_question(session, conversation, row, texts, now)
    return [] if question is None else [question.said(texts, Language(conversation.language))]


def about(session: Session, conversation: Conversation, texts: Texts) -> str:
    """Return in the youth's own language what the summary says: topics, age, place."""
    language = Language(conversation.language)
    intents = session.scalars(
        select(Turn.intent)
        .where(Turn.conversation_id == conversation.id, Turn.status == TurnStatus.DONE)
        .order_by(Turn.created_at.desc(), Turn.first_seq.desc())
        .limit(_LAST_TURNS)
    ).all()
    titles = (texts.topic(intent, language) for intent in intents if intent)
    parts = list(dict.fromkeys(title.rstrip("?") for title in titles if title))[:_SHOWN_TOPICS]
    slots = last_slots(session, conversation.id)
    if slots.get("age"):
        parts.append(texts.say(Response.UTTER_HUMAN_ABOUT_AGE, language, age=slots["age"]).text)
    row = open_handover(session, conversation.id)
    place = (row.municipality if row is not None else None) or slots.get("municipality")
    if place:
        parts.append(str(place))
    return ", ".join(parts) or texts.say(Response.UTTER_HUMAN_ABOUT_NOTHING, language).text


def button(
    session: Session, conversation: Conversation, choice: str, texts: Texts, now: datetime
) -> list[Bubble] | None:
    """Answer a press on one of these questions; None when the choice is none of them, or nobody is asked for."""
    row = open_handover(session, conversation.id)
    if row is None or row.state not in CLAIMABLE:
        return None
    language = Language(conversation.language)
    match choice:
        case "place_no":
            row.asking = None
            said = [texts.say(Response.UTTER_HUMAN_PLACE_SKIPPED, language)]
            said += and_then(session, conversation, row, texts, now)
        case "summary_ok":
            row.summary_hidden = False
            said = [texts.say(Response.UTTER_HUMAN_SUMMARY_OK, language)]
        case "summary_none":
            row.summary_hidden, row.youth_words = True, None
            said = [texts.say(Response.UTTER_HUMAN_SUMMARY_HIDDEN, language)]
        case "summary_edit" | "message":
            row.asking = Asking.WORDS
            said = [texts.say(Response.UTTER_HUMAN_ASK_WORDS, language)]
        case "wait":
            said = [texts.say(Response.UTTER_HUMAN_WAIT_KEPT, language)]
        case _:
            return None
    session.flush()
    return said


def take_answer(
    session: Session, conversation: Conversation, burst: Sequence[str], texts: Texts, now: datetime
) -> list[Bubble] | None:
    """Take a burst of texts as the answer to what was asked; None when it is none."""
    row = open_handover(session, conversation.id)
    if row is None or row.asking is None or row.state not in CLAIMABLE:
        return None
    if row.asking == Asking.WORDS:
        row.asking = None
        row.youth_words = "\n".join(burst)[:MAX_WORDS]
        row.summary_hidden = False
        session.flush()
        return [texts.say(Response.UTTER_HUMAN_WORDS_KEPT, Language(conversation.language))]
    return _take_place(session, conversation, row, " ".join(burst), texts, now)


def _take_place(
    session: Session, conversation: Conversation, row: Handover, text: str, texts: Texts, now: datetime
) -> list[Bubble] | None:
    row.asking = None
    session.flush()
    place = place_in(session, text)
    if place is None:
        return None
    before = HandoverState(row.state)
    row.municipality = place
    # Another municipality has other hours: somebody may be there now, or not any more.
    wait(session, conversation, row, event="place_known", now=now)
    session.flush()
    language = Language(conversation.language)
    said = [texts.say(Response.UTTER_HUMAN_PLACE_NOTED, language, municipality=place)]
    if row.state != before:
        response, values = how_it_stands(told(session, row, now), language)
        said.append(texts.say(response, language, **values))
    return [*said, *and_then(session, conversation, row, texts, now)]


def place_in(session: Session, text: str) -> str | None:
    """Return the municipality of the county that a short text names; None when it names none."""
    words = normalise(text).split()
    if not 0 < len(words) <= _PLACE_WORDS:
        return None
    snapshot = take(session)
    # The whole text first, then its single words from the end: "jag bor i Motala".
    for typed in (" ".join(words), *reversed(words)):
        found = find_municipality(snapshot, typed) if len(typed) > 2 else None
        if found is not None and not found.outside_county:
            return found.name
    return None
