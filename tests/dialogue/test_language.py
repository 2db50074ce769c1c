"""Which language a message is in, and which one the bot answers in."""

from typing import Any, Dict, List, Optional

import pytest
from dialogue.language import choose, guess
from dialogue.turns import _in_other_language


def languages(*texts: Optional[str], hint: Optional[str] = None) -> List[str]:
    """The language of each turn of a conversation."""
    memory: Dict[str, Any] = {}
    chosen = []
    for text in texts:
        choice = choose(text, memory, hint)
        memory = choice.memory
        chosen.append(choice.language)
    return chosen


@pytest.mark.parametrize(
    "text",
    [
        "hur gör man för att komma tillbaka",
        "jag vet inte vad jag vill",
        "hur soker man",
        "hela klassen hade en gruppchatt om mig",
        "jag vill go back to school liksom",
        "finns det nån skola i motala",
    ],
)
def test_swedish_is_known_without_diacritics_and_with_loans(text: str) -> None:
    seen = guess(text)
    assert (seen.language, seen.other) == ("sv", False)


@pytest.mark.parametrize(
    "text",
    [
        "how do i get back to school",
        "is bråvalla closed",
        "my cousin does allmän kurs at some folkhögskola what is that even",
        "i wanna die",
        "a friend in vaxholm",
        "my dad works in gusum",
    ],
)
def test_english_is_known_around_names_of_things_here(text: str) -> None:
    seen = guess(text)
    assert (seen.language, seen.other) == ("en", False)


@pytest.mark.parametrize("text", ["komvux", "Linköping", "17", "ok", "hej", "yh i linköping", "<person_name_1>", "😭"])
def test_short_words_and_names_of_places_decide_nothing(text: str) -> None:
    assert guess(text).language is None
    assert languages("how do i get back to school", text) == ["en", "en"]
    assert languages("hur kommer jag tillbaka till skolan", text) == ["sv", "sv"]


@pytest.mark.parametrize(
    "text",
    [
        "أين يمكنني تعلم اللغة السويدية",
        "چگونه می توانم به مدرسه بروم",
        "waxaan rabaa inaan dugsi dhigto halkee baan ka bilaabaa",
        "gdzie mogę chodzić do szkoły",
        "де я можу вчитися",
        "missä voin opiskella suomea",
        "hvordan kan jeg komme tilbake til skolen",
        "wo kann ich hier zur schule gehen",
        "dónde puedo estudiar para ser electricista",
        "nerede okula gidebilirim",
    ],
)
def test_a_third_language_is_seen_and_does_not_move_the_chat(text: str) -> None:
    assert guess(text).other
    assert languages("hur kommer jag tillbaka till skolan", text) == ["sv", "sv"]
    assert choose(text, {}, None).language == "en"


def test_one_word_never_flips_the_language() -> None:
    assert languages("hur gör man för att söka", "thanks", "please") == ["sv", "sv", "en"]
    assert languages("how do i apply here", "snälla", "what now") == ["en", "en", "en"]


def test_a_whole_sentence_switches_at_once_and_a_wish_does_too() -> None:
    assert languages("hur gör man för att söka", "sorry can we continue this in a language i understand") == [
        "sv",
        "en",
    ]
    assert languages("hur gör man för att söka", "english please") == ["sv", "en"]


def test_the_channel_is_a_prior_that_a_button_keeps() -> None:
    assert languages("hmm", None, hint="en") == ["en", "en"]
    assert languages("var ligger skolan och när börjar den", hint="en") == ["sv"]


def test_danger_in_a_third_language_is_still_danger() -> None:
    crisis = {"name": "crisis_self_harm", "confidence": 0.9}
    assert _in_other_language(crisis) == crisis
    assert _in_other_language({"name": "find_education", "confidence": 0.9})["name"] == "nlu_fallback"
