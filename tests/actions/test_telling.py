"""Answers that fit the person, what is asked for them, and the source under each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from actions.misses import HandleMiss
from actions.steering import Deny, NoteAnswer
from actions.telling import ASK_FIRST, Tell
from bot.db.session import Database
from bot.edits.knowledge import EditedKnowledge
from bot.edits.rules import Kind
from bot.edits.service import Editor, make_edit
from bot.languages import Language
from bot.names import Entity, Intent, Response, Slot
from tests.actions.turns import NOW, Outcome, World, knowledge
from tests.data.project_files import ROOT

# Of the fixed day, 23 November 2026: born 2006 turned 20 this year, born 2007 does next year.
FIFTEEN, BEFORE_18, EIGHTEEN, NINETEEN, TWENTY = "2011", "2009", "2008", "2007", "2006"
ASKED_YEAR = {Slot.ASKED: [str(Response.UTTER_ASK_BIRTH_YEAR)]}


def born(year: str) -> dict[Slot, Any]:
    """The slots of somebody whose year of birth is known."""
    return {Slot.BORN: f"{year}-01-01/{year}-12-31"}


def ask(intent: Intent, text: str = "hur funkar det?", **more: Any) -> Outcome:
    """Ask a question."""
    return World().run(Tell, text, intent=intent, **more)


@pytest.mark.parametrize(("intent", "year", "said"), [
    (Intent.ASK_WAYS_BACK, BEFORE_18, Response.UTTER_MY_WAYS_BACK_BEFORE_18),
    (Intent.ASK_WAYS_BACK, EIGHTEEN, Response.UTTER_MY_WAYS_BACK_BEFORE),
    (Intent.ASK_WAYS_BACK, NINETEEN, Response.UTTER_MY_WAYS_BACK_BEFORE),
    (Intent.ASK_WAYS_BACK, TWENTY, Response.UTTER_MY_WAYS_BACK_AFTER),
    (Intent.ASK_AGE_LIMIT, NINETEEN, Response.UTTER_MY_AGE_LIMIT_BEFORE),
    (Intent.ASK_AGE_LIMIT, TWENTY, Response.UTTER_MY_AGE_LIMIT_AFTER),
    (Intent.ASK_KOMVUX, EIGHTEEN, Response.UTTER_MY_KOMVUX_BEFORE),
    (Intent.ASK_KOMVUX, TWENTY, Response.UTTER_MY_KOMVUX_AFTER),
    (Intent.ASK_KAA, NINETEEN, Response.UTTER_MY_KAA_BEFORE),
    (Intent.ASK_KAA, TWENTY, Response.UTTER_ASK_KAA),  # the 20th birthday may or may not have been
    (Intent.ASK_KAA, "2005", Response.UTTER_MY_KAA_AFTER),
    (Intent.ASK_FOLK_HIGH_SCHOOL, BEFORE_18, Response.UTTER_MY_FOLK_HIGH_SCHOOL_SOON),
    (Intent.ASK_FOLK_HIGH_SCHOOL, EIGHTEEN, Response.UTTER_MY_FOLK_HIGH_SCHOOL_OPEN),
    (Intent.ASK_STUDY_FINANCE, EIGHTEEN, Response.UTTER_MY_MONEY_HELP),
    (Intent.ASK_STUDY_FINANCE, TWENTY, Response.UTTER_MY_MONEY_FINANCE),
    (Intent.ASK_INTRODUCTORY_PROGRAMME, EIGHTEEN, Response.UTTER_ASK_INTRODUCTORY_PROGRAMME),
    (Intent.ASK_INTRODUCTORY_PROGRAMME, TWENTY, Response.UTTER_MY_INTRODUCTORY_AFTER),
    (Intent.ASK_COMPLETE_GRADES, EIGHTEEN, Response.UTTER_MY_GRADES_BEFORE),
    (Intent.ASK_COMPLETE_GRADES, TWENTY, Response.UTTER_MY_GRADES_AFTER),
    (Intent.ASK_ELIGIBILITY, EIGHTEEN, Response.UTTER_ASK_ELIGIBILITY),
    (Intent.ASK_ELIGIBILITY, TWENTY, Response.UTTER_MY_ELIGIBILITY_AFTER),
    (Intent.ASK_SWEDISH_COURSES, FIFTEEN, Response.UTTER_MY_SWEDISH_SOON),
    (Intent.ASK_SWEDISH_COURSES, BEFORE_18, Response.UTTER_MY_SWEDISH_BEFORE),
    (Intent.ASK_SWEDISH_COURSES, NINETEEN, Response.UTTER_MY_SWEDISH_BEFORE),
    (Intent.ASK_SWEDISH_COURSES, TWENTY, Response.UTTER_MY_SWEDISH_AFTER),
    (Intent.ASK_RESIDENCE_STATUS, NINETEEN, Response.UTTER_ASK_RESIDENCE_STATUS),
    (Intent.ASK_RESIDENCE_STATUS, TWENTY, Response.UTTER_MY_RESIDENCE_AFTER),
    (Intent.ASK_STUDY_WITH_CHILDREN, NINETEEN, Response.UTTER_ASK_STUDY_WITH_CHILDREN),  # no rule decides that
])  # fmt: skip
def test_the_answer_fits_the_age(intent: Intent, year: str, said: Response) -> None:
    assert ask(intent, slots=born(year)).said == [said]


def test_days_are_named_where_they_are_certain_and_as_a_rule_where_not() -> None:
    certain = ask(Intent.ASK_AGE_LIMIT, slots=born(NINETEEN)).values(Response.UTTER_MY_AGE_LIMIT_BEFORE)
    assert (certain["last_day"], certain["first_day"]) == ("30 juni 2027", "1 juli 2027")
    # Seventeen: born 2008 or 2009, so neither year is certain.
    rough = ask(Intent.ASK_AGE_LIMIT, slots={Slot.AGE: "17"}).values(Response.UTTER_MY_AGE_LIMIT_BEFORE)
    assert rough["last_day"] == "30 juni det år du fyller 20"
    english = ask(Intent.ASK_AGE_LIMIT, slots={**born(NINETEEN), Slot.LANGUAGE: "en"})
    assert english.values(Response.UTTER_MY_AGE_LIMIT_BEFORE)["last_day"] == "30 June 2027"


@pytest.mark.parametrize("intent", sorted(ASK_FIRST))
def test_where_all_turns_on_the_age_it_is_asked_for_first(intent: Intent) -> None:
    outcome = ask(intent)
    assert outcome.said == [Response.UTTER_ASK_BIRTH_YEAR]
    assert outcome.slots[Slot.WAITING_ANSWER] == intent


def test_elsewhere_the_answer_comes_first_and_the_question_after_it() -> None:
    assert ask(Intent.ASK_KOMVUX).said == [Response.UTTER_ASK_KOMVUX, Response.UTTER_ASK_BIRTH_YEAR]


def test_whoever_asks_about_permits_is_asked_nothing_back() -> None:
    assert ask(Intent.ASK_RESIDENCE_STATUS).said == [Response.UTTER_ASK_RESIDENCE_STATUS]


def test_a_course_in_swedish_turns_on_the_age_too() -> None:
    assert ask(Intent.ASK_SWEDISH_COURSES).said == [Response.UTTER_ASK_SWEDISH_COURSES, Response.UTTER_ASK_BIRTH_YEAR]
    sure = ask(Intent.ASK_SWEDISH_COURSES, slots=born(NINETEEN)).values(Response.UTTER_MY_SWEDISH_BEFORE)
    assert sure["last_day"] == "30 juni 2027"


@pytest.mark.parametrize("intent", [Intent.ASK_WAYS_BACK, Intent.ASK_KOMVUX])
def test_it_is_asked_once(intent: Intent) -> None:
    assert ask(intent, slots=ASKED_YEAR).said == [Response[f"UTTER_{intent.name}"]]


def test_nothing_is_asked_that_changes_nothing() -> None:
    assert ask(Intent.ASK_PROGRAMMES).said == [Response.UTTER_ASK_PROGRAMMES]
    # Seventeen is enough for komvux, whichever of the two years it was.
    assert ask(Intent.ASK_KOMVUX, slots={Slot.AGE: "17"}).said == [Response.UTTER_MY_KOMVUX_BEFORE]
    # Nineteen is not: one of the two years has passed the limit.
    nineteen = ask(Intent.ASK_KOMVUX, slots={Slot.AGE: "19"})
    assert nineteen.said == [Response.UTTER_ASK_KOMVUX, Response.UTTER_ASK_BIRTH_YEAR]


@pytest.mark.parametrize("text", ["2007", "07", "född 2007", "jag är född 07", "-07", "i was born in 2007", "2007 :)"])
@pytest.mark.parametrize("action", [NoteAnswer, HandleMiss, Deny])
def test_a_year_answers_the_question_however_the_model_takes_it(action: type[Any], text: str) -> None:
    outcome = World().run(
        action, text, intent=Intent.NLU_FALLBACK, said=[Response.UTTER_ASK_BIRTH_YEAR],
        slots={**ASKED_YEAR, Slot.WAITING_ANSWER: "ask_age_limit"},
    )  # fmt: skip
    assert outcome.said == [Response.UTTER_MY_AGE_LIMIT_BEFORE]
    assert outcome.slots[Slot.BORN] == "2007-01-01/2007-12-31"
    assert outcome.slots[Slot.WAITING_ANSWER] is None


def test_a_bare_year_that_nobody_asked_for_is_kept_too() -> None:
    outcome = World().run(NoteAnswer, "2008", intent=Intent.INFORM)
    assert outcome.said == [Response.UTTER_MY_WAYS_BACK_BEFORE]
    assert outcome.slots[Slot.BORN] == "2008-01-01/2008-12-31"
    # Among other words it may be any year.
    assert Slot.BORN not in ask(Intent.ASK_KOMVUX, "jag slutade 2008 i skolan").slots


def test_an_age_answers_it_too() -> None:
    outcome = World().run(
        NoteAnswer, "22", entities={Entity.AGE: "22"}, said=[Response.UTTER_ASK_BIRTH_YEAR],
        slots={**ASKED_YEAR, Slot.WAITING_ANSWER: "ask_komvux", Slot.AGE: "22"},
    )  # fmt: skip
    assert outcome.said == [Response.UTTER_MY_KOMVUX_AFTER]


@pytest.mark.parametrize("text", ["1850", "3007", "99", "kanske", "klockan 14.30"])
def test_what_is_no_year_of_birth_is_not_taken_for_one(text: str) -> None:
    outcome = World().run(
        HandleMiss, text, intent=Intent.NLU_FALLBACK, said=[Response.UTTER_ASK_BIRTH_YEAR], slots=ASKED_YEAR,
    )  # fmt: skip
    assert Slot.BORN not in outcome.slots
    assert outcome.said == [Response.UTTER_MISS_FIRST]


@pytest.mark.parametrize(("action", "text", "intent"), [
    (Deny, "/deny", Intent.DENY), (Deny, "nej", Intent.DENY), (HandleMiss, "vill inte säga", Intent.NLU_FALLBACK),
    (NoteAnswer, "rather not", Intent.INFORM),
])  # fmt: skip
def test_nobody_has_to_tell_and_gets_the_general_answer(action: type[Any], text: str, intent: Intent) -> None:
    slots = {**ASKED_YEAR, Slot.WAITING_ANSWER: "ask_ways_back"}
    outcome = World().run(action, text, intent=intent, said=[Response.UTTER_ASK_BIRTH_YEAR], slots=slots)
    assert outcome.said == [Response.UTTER_NOT_TOLD, Response.UTTER_ASK_WAYS_BACK]


def test_a_study_certificate_opens_komvux_whatever_the_age() -> None:
    outcome = ask(Intent.ASK_KOMVUX, "jag har ett studiebevis, kan jag börja på komvux?", slots=born(EIGHTEEN))
    assert outcome.said == [Response.UTTER_MY_KOMVUX_FINISHED]
    assert outcome.slots[Slot.SCHOOLING] == "study_certificate"
    without = ask(Intent.ASK_KOMVUX, "jag har inget studiebevis", slots=born(EIGHTEEN))
    assert without.said == [Response.UTTER_MY_KOMVUX_BEFORE]


def test_a_municipality_answers_the_question_where_somebody_lives() -> None:
    said = {"said": [Response.UTTER_ASK_HOME_MUNICIPALITY]}
    assert World().run(HandleMiss, "Motala", intent=Intent.NLU_FALLBACK, **said).said == [  # type: ignore[arg-type]
        Response.UTTER_DUTY_PHONE
    ]
    assert World().run(Deny, "/deny", intent=Intent.DENY, **said).said == [  # type: ignore[arg-type]
        Response.UTTER_NOT_TOLD_PLACE
    ]


# -- dates ---------------------------------------------------------------------------------------


def test_when_to_apply_is_answered_for_today() -> None:
    filled = ask(Intent.ASK_APPLICATION_DATES).values(Response.UTTER_DATES_NOT_OPEN)
    assert (filled["opens"], filled["closes"]) == ("15 januari", "15 februari")


def test_whom_upper_secondary_is_closed_for_gets_the_dates_for_adults() -> None:
    assert ask(Intent.ASK_APPLICATION_DATES, slots=born(TWENTY)).said == [Response.UTTER_DATES_ADULTS]
    komvux = {Entity.EDUCATION_TYPE: "komvux"}
    assert ask(Intent.ASK_APPLICATION_DATES, entities=komvux).said == [Response.UTTER_DATES_ADULTS]
    norrkoping = {Slot.MUNICIPALITY: "Norrköping"}
    assert ask(Intent.ASK_APPLICATION_DATES, entities=komvux, slots=norrkoping).said == [Response.UTTER_DATES_ALL_YEAR]


# -- sources ---------------------------------------------------------------------------------------


def test_an_answer_says_where_it_is_from_and_how_old_that_is() -> None:
    undated = ask(Intent.ASK_PROGRAMMES).values(Response.UTTER_ASK_PROGRAMMES)["source"]
    assert undated == "\nKälla: utbildningsguiden.skolverket.se, utan datum. Kolla med en vägledare."
    old = ask(Intent.ASK_STUDY_FINANCE, slots={**born(TWENTY), Slot.LANGUAGE: "en"})
    assert old.values(Response.UTTER_MY_MONEY_FINANCE)["source"] == (
        "\nSource: csn.se, 12 September 2025. Check with a counsellor."
    )


@pytest.mark.parametrize("intent", [intent for intent in Intent if intent.startswith("ask_")])
def test_no_placeholder_of_an_answer_is_left_unfilled(intent: Intent) -> None:
    for slots in ({}, {Slot.AGE: "17"}, born(NINETEEN), born(TWENTY)):
        for message in World().run(Tell, "x", intent=intent, slots={**ASKED_YEAR, **slots}).messages:
            name = Response(message["response"])
            values = {key: value for key, value in message.items() if key not in ("response", "text")}
            for language in Language:
                bubble = knowledge().texts.say(name, language, **values)
                assert "{" not in bubble.text


# -- how somebody feels ----------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "said"), [
    ("jag känner mig så ensam", Response.UTTER_LOW_MOOD_LONELY),
    ("har ångest varje morgon", Response.UTTER_LOW_MOOD_ANXIOUS),
    ("i am so stressed", Response.UTTER_LOW_MOOD_STRESSED),
    ("kan inte sova", Response.UTTER_LOW_MOOD_SLEEPLESS),
    ("mår dåligt", Response.UTTER_TELL_LOW_MOOD),
])  # fmt: skip
def test_what_somebody_says_of_how_they_feel_is_taken_up(text: str, said: Response) -> None:
    assert ask(Intent.TELL_LOW_MOOD, text).said == [said]


# -- what staff changed in the console -------------------------------------------------------------


def test_a_fact_that_staff_confirmed_is_said_without_the_advice_to_check(sqlite_database: Database) -> None:
    edited = EditedKnowledge(sqlite_database, ROOT / "data" / "knowledge")
    world = World(known=replace(knowledge(), edited=edited))
    asked = {"intent": Intent.ASK_PROGRAMMES}
    assert "utan datum" in world.run(Tell, "x", **asked).values(Response.UTTER_ASK_PROGRAMMES)["source"]  # type: ignore[arg-type]
    with sqlite_database.transaction() as session:
        make_edit(
            session, Kind.FACT, "eighteen_programmes", changes={}, before={}, source="Samtal med gymnasiekansliet",
            source_date="2026-11-20", seen=0, by=Editor("staff-1", "Sara"), now=NOW,
        )  # fmt: skip
    said = world.run(Tell, "x", **asked).values(Response.UTTER_ASK_PROGRAMMES)["source"]  # type: ignore[arg-type]
    assert said == "\nKälla: en vägledare, 20 november 2026."


@pytest.mark.parametrize("text", ["är det för sent att söka?", "is it too late to apply"])
def test_too_late_to_apply_is_a_question_of_dates(text: str) -> None:
    assert ask(Intent.ASK_HOW_TO_APPLY, text).said == [Response.UTTER_DATES_NOT_OPEN]


def test_a_word_that_can_be_explained_is_explained_also_when_the_question_was_not_understood() -> None:
    outcome = World().run(HandleMiss, "vad betyder gy25", intent=Intent.NLU_FALLBACK)
    assert outcome.said == [Response.UTTER_WORD_OLD_COURSES]
    again = World().run(
        HandleMiss, "vad betyder gy25", intent=Intent.NLU_FALLBACK, said=[Response.UTTER_WORD_OLD_COURSES]
    )  # fmt: skip
    assert again.said == [Response.UTTER_MISS_FIRST]
