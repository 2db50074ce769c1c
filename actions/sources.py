"""The last line of an answer: where it is from, and how old that is. And whether it may be said at all today."""

from __future__ import annotations

from datetime import date

from actions.services import Services
from actions.turn import Turn
from bot.clock import STOCKHOLM
from bot.guidance.facts import Age, footing
from bot.names import Response


def today_in(services: Services) -> date:
    """Return the day in Sweden."""
    return services.clock().astimezone(STOCKHOLM).date()


def say_with_source(turn: Turn, services: Services, response: Response, **values: object) -> None:
    """Say an answer with its source; an honest referral when one of its facts may not be said today."""
    facts = services.knowledge.facts_of(response)
    if not facts:
        turn.say(response, **values)
        return
    ground = footing(facts, today_in(services))
    if not ground.said:
        turn.say(Response.UTTER_NOT_SURE)
        return
    texts = services.knowledge.texts
    site = ground.site or texts.say(Response.UTTER_PART_COUNSELLOR, turn.language).text
    if ground.as_of is None:
        line = texts.say(Response.UTTER_PART_SOURCE_UNDATED, turn.language, site=site)
    else:
        fresh = ground.age is Age.FRESH
        form = Response.UTTER_PART_SOURCE if fresh else Response.UTTER_PART_SOURCE_OLD
        line = texts.say(form, turn.language, site=site, as_of=ground.as_of.text(turn.language))
    turn.say(response, **values, source=f"\n{line.text}")
