"""How old somebody is, seen from today."""

import pytest
from dialogue.nlu.entities import ages, numbers

from recognising import day


def age(text: str, today: str = "2026-10-21") -> str:
    entities = ages.find(text, day(today))
    assert len(entities) <= 1
    return entities[0].value if entities else ""


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("sjutton", 17),
        ("tjugoett", 21),
        ("tjugo två", 22),
        ("twenty-three", 23),
        ("nineteen", 19),
        ("sextån", 16),
        ("99", 99),
    ],
)
def test_numbers_in_words(word: str, value: int) -> None:
    assert numbers.number(word) == value


def test_a_word_that_is_no_number_has_no_value() -> None:
    assert numbers.number("hund") is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("17", "17"),
        ("jag är sjutton", "17"),
        ("im 16", "16"),
        ("tjej, 18, motala", "18"),
        ("<person_name_1>, 17, norrköping", "17"),
        ("25 and no diploma", "25"),
        ("är man för gammal vid 24", "24"),
        ("is 26 too old", "26"),
        ("17 och ett halvt", "17"),
        ("min bror är 15 men jag är 18", "18"),
        ("i quit when i was 16, im 20 now", "20"),
        ("eighteen years of age", "18"),
    ],
)
def test_an_age_said_outright(text: str, value: str) -> None:
    assert age(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "om 18 dagar flyttar jag",
        "för 17 år sen",
        "jag fick 17 poäng",
        "24 elever i klassen",
        "buss 18",
        "kl 18",
        "19 november",
        "mellan 16 och 20 år gäller va",
        "gränsen är 20",
        "när jag var 15 var allt bra",
        "until 20 is it free",
        "vid 65 går man i pension",
        "går ut nian",
        "room 18",
    ],
)
def test_a_number_of_something_else_is_no_age(text: str) -> None:
    assert age(text) == ""


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("jag fyller 18 i maj", "17"),
        ("turning 18 in may", "17"),
        ("fyller 18 idag", "18"),
        ("fyllde 18 i maj", "18"),
        ("har inte fyllt 18 än", "17"),
        ("snart 18", "17"),
        ("är 17, snart 18", "17"),
        ("when i turn 20 what happens", ""),
    ],
)
def test_birthdays_to_come_and_gone(text: str, value: str) -> None:
    assert age(text) == value


@pytest.mark.parametrize(
    ("text", "today", "value"),
    [
        ("född i maj 2008", "2026-04-30", "17"),
        ("född i maj 2008", "2026-06-01", "18"),
        ("född 2008", "2026-02-01", "17"),
        ("född 2008", "2026-11-01", "18"),
        ("born in december 2008", "2026-12-31", "18"),
        ("jag är en 07a", "2026-11-01", "19"),
        ("född -09", "2026-11-01", "17"),
    ],
)
def test_a_year_of_birth_on_both_sides_of_the_birthday(text: str, today: str, value: str) -> None:
    assert age(text, today) == value
