"""Answers to questions: for the person where a rule decides, with the source under them.

`tell` is called wherever a question is answered: by its rule, in the middle of a form, after a yes.
"""

from __future__ import annotations

import re
from datetime import date

from actions.answers import ANSWERS, is_a_question
from actions.asking import ask_birth_year
from actions.base import BotAction
from actions.choosing import choose, choose_in_words
from actions.distance import wants_distance
from actions.grades import check_in_words, tell_eligibility
from actions.person import learn, situation
from actions.personal import dates_answer, depends_on_birth, personal_answer, too_old_to_start
from actions.services import Services
from actions.sources import say_with_source, today_in
from actions.turn import Turn
from actions.wish import LISTS
from bot.catalogue.kinds import EducationType
from bot.guidance.rules import routes
from bot.guidance.season import next_dates, upper_secondary_chance
from bot.guidance.values import Route, Situation
from bot.names import Action, Entity, Form, Intent, Response

# The answer turns wholly on the age, so the question comes first.
ASK_FIRST = frozenset({Intent.ASK_WAYS_BACK, Intent.ASK_AGE_LIMIT})
# Asked with a word for applying, it is taken for the question how; what is wanted is when.
_TOO_LATE = re.compile(r"\b(för|for|too) (sent|sen|late)\b|\bhinner\b|\bnär\b|\bwhen\b", re.IGNORECASE)
# What a wish for something at a distance is taken for, when it names a kind, a place or a programme beside.
_MAY_BE_A_SEARCH = frozenset({
    Intent.ASK_DISTANCE_STUDIES, Intent.ASK_KOMVUX, Intent.ASK_FOLK_HIGH_SCHOOL, Intent.ASK_PROGRAMMES,
    Intent.ASK_SWEDISH_COURSES, Intent.ASK_WAYS_BACK,
})  # fmt: skip
_OPEN_ALL_YEAR = "komvux_open_all_year_"


class Tell(BotAction):
    """Answer a question of fact."""

    action_name = Action.ACTION_TELL

    def act(self, turn: Turn) -> None:
        """Answer what the message asks."""
        if choose_in_words(turn, self.services):
            return
        if not is_a_question(turn.text) and check_in_words(turn, self.services):
            return
        if turn.intent in _MAY_BE_A_SEARCH and searches_at_a_distance(turn):
            turn.then(Form.FIND_EDUCATION_FORM)
        elif turn.intent is not None and turn.intent in ANSWERS:
            tell(turn, self.services, turn.intent)


class HelpMeChoose(BotAction):
    """One step of the interest guide."""

    action_name = Action.ACTION_HELP_ME_CHOOSE

    def act(self, turn: Turn) -> None:
        """Ask the next question, or name what to look at."""
        learn(turn, today_in(self.services))
        choose(turn, self.services)


def searches_at_a_distance(turn: Turn) -> bool:
    """Whether a question about studying at a distance is a search: by what it names, or by a list just shown."""
    named = any(turn.entity(name) for name in (Entity.EDUCATION_TYPE, Entity.MUNICIPALITY, Entity.PROGRAMME))
    return turn.is_typed and wants_distance(turn.text) is True and (named or turn.last_said.has(*LISTS))


def tell(turn: Turn, services: Services, intent: Intent, *, may_ask: bool = True, choice: str | None = None) -> None:
    """Answer a question.

    Args:
        may_ask: whether a question of ours may go with it; not inside a form, and not when it was just declined.
        choice: what a button of the two guides would carry, where its answer came in words.
    """
    today = today_in(services)
    learn(turn, today)
    person = situation(turn, today)
    if intent is Intent.HELP_ME_CHOOSE:
        choose(turn, services, choice=choice)
        return
    if intent is Intent.ASK_APPLICATION_DATES or (intent is Intent.ASK_HOW_TO_APPLY and _TOO_LATE.search(turn.text)):
        _tell_dates(turn, services, person, today)
        return
    if intent is Intent.ASK_ELIGIBILITY and tell_eligibility(turn, services, choice):
        return
    mine = personal_answer(intent, person, today)
    if intent is Intent.TELL_LOW_MOOD and turn.is_typed:
        mine = services.knowledge.heard_in(turn.text)
    wanted = may_ask and turn.form is None and depends_on_birth(intent, person, today)
    if wanted and intent in ASK_FIRST and ask_birth_year(turn, intent):
        return
    response = mine or ANSWERS[intent]
    say_with_source(turn, services, response, **_pieces(turn, services, person, today))
    if wanted and intent not in ASK_FIRST:
        ask_birth_year(turn, intent)


def _tell_dates(turn: Turn, services: Services, person: Situation, today: date) -> None:
    season = services.knowledge.dates()
    place = person.municipality
    adult = turn.entity(Entity.EDUCATION_TYPE) in (EducationType.KOMVUX, EducationType.FOLK_HIGH_SCHOOL)
    if adult or too_old_to_start(person, today):
        coming = {one.key: one.occurrence for one in next_dates(season, today)}
        all_year = any(key.startswith(_OPEN_ALL_YEAR) and one.row.where == place for key, one in coming.items())
        if all_year and turn.entity(Entity.EDUCATION_TYPE) != EducationType.FOLK_HIGH_SCHOOL:
            say_with_source(turn, services, Response.UTTER_DATES_ALL_YEAR, place=place)
            return
        opens = coming["folk_high_school_opens_autumn"].text(turn.language)
        say_with_source(turn, services, Response.UTTER_DATES_ADULTS, folk_high_school=opens)
        return
    chance = upper_secondary_chance(season, today)
    closes = next(row for row in season if row.key == "application_closes").in_year(chance.opens.first.year)
    say_with_source(
        turn,
        services,
        dates_answer(season, today),
        opens=chance.opens.text(turn.language),
        closes=closes.text(turn.language),
        next=chance.next.text(turn.language),
    )


def _pieces(turn: Turn, services: Services, person: Situation, today: date) -> dict[str, str]:
    """Return the days in an answer: with the year where it is certain, else as a rule."""
    found = routes(person, today)
    starts = found[Route.KOMVUX_UPPER_SECONDARY].opens_on
    ends = found[Route.INDIVIDUAL_ALTERNATIVE].closes_on or found[Route.STUDY_HELP].closes_on
    eighteen = found[Route.FOLK_HIGH_SCHOOL].opens_on

    def words(known: Response, unknown: Response, day: date | None) -> str:
        texts = services.knowledge.texts
        said = texts.say(known, turn.language, year=day.year) if day else texts.say(unknown, turn.language)
        return said.text

    return {
        "last_day": words(Response.UTTER_PART_LAST_DAY, Response.UTTER_PART_LAST_DAY_ANY, ends),
        "first_day": words(Response.UTTER_PART_FIRST_DAY, Response.UTTER_PART_FIRST_DAY_ANY, starts),
        "year_18": words(Response.UTTER_PART_YEAR_18, Response.UTTER_PART_YEAR_18_ANY, eighteen),
    }
