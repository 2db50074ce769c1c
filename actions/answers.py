"""Which response answers which question, for actions that answer in the place of a rule.

The one-turn rules in data/rules say the same; tests/data hold the two together.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.names import Intent, Response

ANSWERS: Mapping[Intent, Response] = {
    Intent.GREET: Response.UTTER_GREET,
    Intent.GOODBYE: Response.UTTER_GOODBYE,
    Intent.THANK: Response.UTTER_THANK,
    Intent.ASK_FOR_HELP: Response.UTTER_ASK_FOR_HELP,
    Intent.ASK_IF_BOT: Response.UTTER_ASK_IF_BOT,
    Intent.CHITCHAT: Response.UTTER_CHITCHAT,
    Intent.PRAISE: Response.UTTER_PRAISE,
    Intent.COMPLAIN: Response.UTTER_COMPLAIN,
    Intent.ASK_WAYS_BACK: Response.UTTER_ASK_WAYS_BACK,
    Intent.ASK_PROGRAMMES: Response.UTTER_ASK_PROGRAMMES,
    Intent.ASK_INTRODUCTORY_PROGRAMME: Response.UTTER_ASK_INTRODUCTORY_PROGRAMME,
    Intent.ASK_ELIGIBILITY: Response.UTTER_ASK_ELIGIBILITY,
    Intent.ASK_AGE_LIMIT: Response.UTTER_ASK_AGE_LIMIT,
    Intent.ASK_KOMVUX: Response.UTTER_ASK_KOMVUX,
    Intent.ASK_FOLK_HIGH_SCHOOL: Response.UTTER_ASK_FOLK_HIGH_SCHOOL,
    Intent.ASK_APPRENTICESHIP: Response.UTTER_ASK_APPRENTICESHIP,
    Intent.ASK_DISTANCE_STUDIES: Response.UTTER_ASK_DISTANCE_STUDIES,
    Intent.ASK_SWEDISH_COURSES: Response.UTTER_ASK_SWEDISH_COURSES,
    Intent.ASK_FURTHER_STUDIES: Response.UTTER_ASK_FURTHER_STUDIES,
    Intent.ASK_VALIDATION: Response.UTTER_ASK_VALIDATION,
    Intent.ASK_DIPLOMA: Response.UTTER_ASK_DIPLOMA,
    Intent.ASK_COMPLETE_GRADES: Response.UTTER_ASK_COMPLETE_GRADES,
    Intent.ASK_SWITCH_PROGRAMME: Response.UTTER_ASK_SWITCH_PROGRAMME,
    Intent.ASK_HOW_TO_APPLY: Response.UTTER_ASK_HOW_TO_APPLY,
    Intent.ASK_APPLICATION_DATES: Response.UTTER_DATES_NOT_OPEN,
    Intent.ASK_STUDY_FINANCE: Response.UTTER_ASK_STUDY_FINANCE,
    Intent.ASK_CSN_ABSENCE: Response.UTTER_ASK_CSN_ABSENCE,
    Intent.ASK_TRAVEL_AND_HOUSING: Response.UTTER_ASK_TRAVEL_AND_HOUSING,
    Intent.ASK_SPECIAL_SUPPORT: Response.UTTER_ASK_SPECIAL_SUPPORT,
    Intent.ASK_STUDY_WITH_CHILDREN: Response.UTTER_ASK_STUDY_WITH_CHILDREN,
    Intent.ASK_KAA: Response.UTTER_ASK_KAA,
    Intent.ASK_MUST_ATTEND: Response.UTTER_ASK_MUST_ATTEND,
    Intent.ASK_WORK: Response.UTTER_ASK_WORK,
    Intent.ASK_STUDY_GUIDANCE: Response.UTTER_ASK_STUDY_GUIDANCE,
    Intent.HELP_ME_CHOOSE: Response.UTTER_HELP_ME_CHOOSE,
    Intent.ASK_RESIDENCE_STATUS: Response.UTTER_ASK_RESIDENCE_STATUS,
    Intent.TELL_LOW_MOOD: Response.UTTER_TELL_LOW_MOOD,
    Intent.TELL_BULLYING: Response.UTTER_TELL_BULLYING,
    Intent.TELL_LOW_MOTIVATION: Response.UTTER_TELL_LOW_MOTIVATION,
    Intent.TELL_TROUBLE_AT_HOME: Response.UTTER_TELL_TROUBLE_AT_HOME,
    Intent.TELL_SUBSTANCE_USE: Response.UTTER_TELL_SUBSTANCE_USE,
    Intent.ASK_PRIVACY: Response.UTTER_ASK_PRIVACY,
    Intent.EXPORT_MY_DATA: Response.UTTER_EXPORT_MY_DATA,
}

# Small words beside an answer ("hej, jag heter ...") do not make a message a question of its own.
SMALL_TALK = frozenset({
    Intent.GREET, Intent.GOODBYE, Intent.THANK, Intent.CHITCHAT, Intent.PRAISE, Intent.COMPLAIN,
})  # fmt: skip

# Questions whose first button is the yes.
YES_IS_THE_FIRST_BUTTON = frozenset({
    Response.UTTER_ASK_IF_BOT, Response.UTTER_MISS_SECOND, Response.UTTER_NOTED_PLACE,
    Response.UTTER_NOTED_AGE_UNDER_20, Response.UTTER_NOTED_AGE_20_OR_MORE, Response.UTTER_SEARCH_MORE,
    Response.UTTER_SHOW_MORE_NOTHING, Response.UTTER_SHOW_MORE_END, Response.UTTER_TELL_LOW_MOOD,
    Response.UTTER_TELL_BULLYING, Response.UTTER_TELL_LOW_MOTIVATION, Response.UTTER_TELL_TROUBLE_AT_HOME,
    Response.UTTER_TELL_SUBSTANCE_USE, Response.UTTER_BOOKING_NOBODY, Response.UTTER_NO_BOOKING,
    Response.UTTER_ASK_NEW_TIME_ONE, Response.UTTER_CHECK_CORE, Response.UTTER_CHECK_TWO,
    Response.UTTER_LOW_MOOD_LONELY, Response.UTTER_LOW_MOOD_ANXIOUS, Response.UTTER_LOW_MOOD_STRESSED,
    Response.UTTER_LOW_MOOD_SLEEPLESS,
})  # fmt: skip

_QUESTION_WORDS = frozenset({
    *("vad", "hur", "när", "var", "vart", "vem", "vilken", "vilket", "vilka", "varför", "kan", "får", "måste"),
    *("finns", "är", "har", "ska", "går", "gäller", "vet", "berätta"),
    *("what", "how", "when", "where", "who", "which", "why", "can", "could", "do", "does", "is", "are", "am"),
    *("must", "should", "may", "whats", "tell"),
})  # fmt: skip
# An answer to a question of ours is seldom longer than this.
_SHORT = 3


def is_a_question(text: str) -> bool:
    """Whether a text looks like a question: by its mark or its first word, in either language."""
    words = text.lower().replace("?", " ? ").split()
    return "?" in words or (bool(words) and words[0].strip(".,!") in _QUESTION_WORDS)


def stands_alone(intent: Intent | None, text: str) -> bool:
    """Whether a message typed in a form asks for something of its own, rather than answering the form.

    "komvux" answers the question which kind; "vad är komvux" wants to know.
    """
    known = intent in ANSWERS or intent in (Intent.SET_REMINDER, Intent.STOP_REMINDERS)
    if not known or intent in SMALL_TALK:
        return False
    return is_a_question(text) or len(text.split()) > _SHORT
