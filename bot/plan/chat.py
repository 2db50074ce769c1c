"""The plan in the chat: shown, and changed with buttons or a line of text. Answered without the engine."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy.orm import Session

from bot.conversations.models import Conversation, ConversationState, InboundKind, InboundMessage
from bot.given import whole_number
from bot.languages import Language
from bot.names import Response
from bot.plan import service
from bot.texts import Bubble, ButtonText, Texts

GOAL, STEP = "plan_goal", "plan_step"
"""Values of the conversation's open question: the next line of text is one of these."""
_NEVER_MIND = re.compile(
    r"^(nej|nä|avbryt|stopp?|inte nu|senare|strunta i det|glöm det|no|nope|cancel|never ?mind|not now|later)\W*$",
    re.IGNORECASE,
)
_SHOW = re.compile(
    r"^(hej[ ,!]*)?(visa |se |show |see |öppna |open )?(mig |me )?(min |my )(lilla |little )?plan\W*$", re.IGNORECASE
)
# More buttons than these do not fit a phone.
_BUTTONS = 3


def expects(conversation: Conversation, message: InboundMessage) -> bool:
    """Whether a text is meant for the plan: its goal, a step, or a wish to see it."""
    if message.kind != InboundKind.TEXT or not message.text:
        return False
    if conversation.state in (ConversationState.LIVE, ConversationState.REQUESTED):
        return False
    return conversation.open_question in (GOAL, STEP) or _SHOW.match(message.text.strip()) is not None


def take_text(
    session: Session, conversation: Conversation, message: InboundMessage, texts: Texts, now: datetime
) -> list[Bubble]:
    """Take a line as the goal or as a step. A question or a "never mind" ends it without harm."""
    language, text = Language(conversation.language), (message.text or "").strip()
    asked, conversation.open_question = conversation.open_question, None
    if _SHOW.match(text):
        return show(session, conversation, texts)
    if _NEVER_MIND.match(text):
        return [texts.say(Response.UTTER_PLAN_LEFT, language)]
    if asked == GOAL:
        service.set_goal(session, conversation.id, text, now)
        return [texts.say(Response.UTTER_PLAN_GOAL_SET, language)]
    try:
        service.add_step(session, conversation.id, text, service.YOUTH, now)
    except service.PlanFull:
        return [texts.say(Response.UTTER_PLAN_FULL, language)]
    return [texts.say(Response.UTTER_PLAN_STEP_ADDED, language), *show(session, conversation, texts)]


def press(session: Session, conversation: Conversation, name: str, texts: Texts, now: datetime) -> list[Bubble] | None:
    """Answer a button of the plan; None when it is none of these."""
    language = Language(conversation.language)
    if name == "plan":
        return show(session, conversation, texts)
    if name in (GOAL, STEP):
        conversation.open_question = name
        return [texts.say(Response.UTTER_PLAN_ASK_GOAL if name == GOAL else Response.UTTER_PLAN_ASK_STEP, language)]
    prefix, _, number = name.rpartition("_")
    step = whole_number(number)
    if prefix != "plan_done" or step is None:
        return None
    if not service.tick(session, conversation.id, step, now):
        return [texts.say(Response.UTTER_BUTTON_EXPIRED, language)]
    done = service.count_done(session, conversation.id)
    praise = Response.UTTER_PLAN_DONE_FIRST if done == 1 else Response.UTTER_PLAN_DONE
    return [texts.say(praise, language, count=done), *show(session, conversation, texts)]


def show(session: Session, conversation: Conversation, texts: Texts) -> list[Bubble]:
    """Show the plan, with a button for each of the next steps."""
    language, plan = Language(conversation.language), service.plan_of(session, conversation.id)
    if plan.goal is None and not plan.steps:
        return [texts.say(Response.UTTER_PLAN_EMPTY, language)]
    frame = texts.say(Response.UTTER_PLAN, language)
    rows = [f"{'✓' if step.done else '○'} {step.text}" for step in plan.steps]
    body = "\n".join([frame.text, *([plan.goal] if plan.goal else []), *rows])
    tick = texts.say(Response.UTTER_PLAN_TICK, language).buttons[0]
    ticks = [
        ButtonText(tick.title.format(number=place), f"{tick.payload}{step.number}")
        for place, step in enumerate(plan.open_steps[:_BUTTONS], start=1)
    ]
    buttons = [*ticks, *(one for one in frame.buttons if plan.goal is None or one.payload != f"bot:{GOAL}")]
    return [Bubble(body, tuple(buttons), frame.response)]
