"""The plain-language gate: every word the bot says is short, easy and kind."""

from __future__ import annotations

import re

import pytest

from bot import plain
from bot.languages import Language
from tests.data.each import of_each
from tests.data.project_files import PLACEHOLDER, Variation, variations

# What a placeholder may hold, about as long as in real use: the longest that the project's own data gives.
EXAMPLES = {
    "name": "Bona folkhögskola", "place": "Motala", "what": "Folkhögskola", "contact": "0141-123 45",
    "as_of": "hämtad 26 september 2026", "address": "Storgatan 1, Motala", "counsellor": "Sara", "position": "2",
    "age": "17",
    "where": "Storgatan 1, rum 3", "link": "https://tillbaka.example/calendar/meeting/abc.ics", "count": "3",
    "number": "2", "origin": "Skolverket", "more": '/ask_provider_details{"provider": "bona-folkhogskola"}',
    "map": "https://www.openstreetmap.org/?mlat=58.5&mlon=15.0#map=15/58.5/15.0", "web": "https://bona.nu/",
    "when": "torsdag 26 november kl. 14.00", "municipality": "Motala",
    "phone": "0141-22 50 00", "note": "Programmen flyttade till Motala 2018.",
    "minutes": "10", "about": "Komvux, 19 år, Motala", "agreed": "Vi hörs på torsdag.", "other": "Maria",
    "receipt": "12 meddelanden, 2 bokningar", "items": "12 meddelanden, 2 bokningar",
    "year": "2027", "site": "utbildningsguiden.skolverket.se",
    "source": "\nKälla: utbildningsguiden.skolverket.se, utan datum. Kolla med en vägledare.",
    "names": "Restaurang och livsmedel, Hotell och turism, Naturbruk",
    "last_day": "30 juni det år du fyller 20", "first_day": "1 juli det år du fyller 20",
    "year_18": "det år du fyller 18", "opens": "15 januari", "closes": "15 februari", "folk_high_school": "1 februari",
    "next": "slutet av juli till september",
    "messages": "12", "bookings": "2", "people": "1", "reminders": "2", "plan": "3",
    **{f"time_{n}": "onsdag 26 nov kl. 14.00" for n in (1, 2, 3)},
    **{f"iso_{n}": "2026-11-26T14:00:00+01:00" for n in (1, 2, 3)},
    **{f"topic_{n}": "Vilka betyg behövs?" for n in (1, 2, 3)},
    **{f"intent_{n}": "ask_eligibility" for n in (1, 2, 3)},
    **{f"name_{n}": "Bona folkhögskola" for n in (1, 2, 3)},
    **{f"id_{n}": "bona-folkhogskola-motala" for n in (1, 2, 3)},
    "id": "bona-folkhogskola-motala",
    **{f"title_{n}": "Restaurang och livsmedel" for n in (1, 2)},
    **{f"code_{n}": "RL" for n in (1, 2)},
}  # fmt: skip
# Ordinary words that stand in the text as if they were written there: they count for how easy it is to read.
WORDS = {
    "sv": {name: EXAMPLES[name] for name in (
        "last_day", "first_day", "year_18", "opens", "closes", "folk_high_school", "next", "year", "position", "age",
    )},
    "en": {
        "last_day": "30 June of the year you turn 20", "first_day": "1 July of the year you turn 20",
        "year_18": "the year you turn 18", "opens": "15 January", "closes": "15 February",
        "folk_high_school": "1 February", "next": "late July to September",
        "year": "2027", "position": "2", "age": "17",
    },
}  # fmt: skip
# In the booking and the duty hours it is a time.
OPENS_AT = "torsdag 26 november kl. 9.00"
# Files and keys whose news may be bad: no exclamation marks there.
SERIOUS_FILES = {"crisis.yml", "wellbeing.yml"}
SERIOUS = re.compile(r"technical|set_aside|off_hours|nobody|none|not_free|taken|no_new|retry|stuck|miss|complain")


def filled(variation: Variation) -> str:
    """Return the text as a youth may read it."""
    return PLACEHOLDER.sub(lambda match: _example(variation, match[1]), variation.text)


def readable(variation: Variation) -> str:
    """Return the text with a short word for each name, which cannot be made easier, and without its source line."""
    words = WORDS[variation.language]
    return PLACEHOLDER.sub(lambda match: "" if match[1] == "source" else words.get(match[1], "2"), variation.text)


def _example(variation: Variation, name: str) -> str:
    return OPENS_AT if name == "opens" and variation.file != "dates.yml" else EXAMPLES[name]


def titles(variation: Variation) -> list[str]:
    """Return the titles as a youth may read them."""
    return [PLACEHOLDER.sub(lambda match: EXAMPLES[match[1]], title) for title, _ in variation.buttons]


every_text = of_each(variations(), lambda one: f"{one.name}-{one.language}")


@every_text
def test_a_bubble_is_short(variation: Variation) -> None:
    text = filled(variation)
    assert len(text) <= plain.MAX_CHARACTERS, f"{len(text)} characters"
    assert plain.sentences(readable(variation)) <= plain.MAX_SENTENCES


@every_text
def test_a_text_is_easy_to_read(variation: Variation) -> None:
    if variation.name.startswith("utter_part_"):
        return  # a piece of other texts, and measured in those
    crisis = variation.file == "crisis.yml"
    reading = plain.read(readable(variation), Language(variation.language), crisis=crisis)
    assert reading.value <= reading.limit, f"{reading.measure} {reading.value:.1f}: {variation.text}"


@every_text
def test_no_word_blames_or_needs_explaining(variation: Variation) -> None:
    assert plain.blaming(" ".join([variation.text, *titles(variation)])) == []
    assert plain.unexplained(variation.text, " ".join(titles(variation))) == []


@every_text
def test_every_short_form_is_one_that_can_be_explained(variation: Variation) -> None:
    for short in plain.short_forms(" ".join([variation.text, *titles(variation)])):
        assert short.upper() in plain.EXPLAINED_BY, f"write {short} out, or say in bot/plain.py what explains it"


@every_text
def test_bad_news_has_no_exclamation_mark(variation: Variation) -> None:
    if variation.file in SERIOUS_FILES or SERIOUS.search(variation.name):
        assert "!" not in variation.text


@every_text
def test_titles_fit_a_button(variation: Variation) -> None:
    for title in titles(variation):
        assert 0 < len(title) <= plain.MAX_TITLE, f"{title}: {len(title)} characters"


@pytest.mark.parametrize(("text", "at_least"), [
    ("Kommunerna har ett lagstadgat aktivitetsansvar för ungdomar under tjugo år som inte genomför utbildning.", 55),
    ("Du kan skriva hit. Vi svarar.", 0),
])  # fmt: skip
def test_the_measure_tells_officialese_from_plain_words(text: str, at_least: int) -> None:
    assert plain.lix(text) >= at_least
    if at_least == 0:
        assert plain.lix(text) < 15
