"""Places, programmes, forms of education and schools in what young people write."""

from typing import Dict

import pytest
from dialogue.nlu.entities.words import Phrases, distance, spelled_as, words_of

from recognising import found


@pytest.mark.parametrize(
    ("text", "municipality"),
    [
        ("linkan", "Linköping"),
        ("norrköpingskille", "Norrköping"),
        ("mjölby's school said no", "Mjölby"),
        ("linkping", "Linköping"),
        ("jag bor i mantorp", "Mjölby"),
        ("jag bor i kinda", "Kinda"),
        ("i come from Kinda, the small one", "Kinda"),
        ("vastena", "Vadstena"),
    ],
)
def test_a_municipality_by_any_of_its_names(text: str, municipality: str) -> None:
    assert found(text)["municipality"] == municipality


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("its kinda hard", "en"),
        ("de va kinda jobbigt", "sv"),
        ("jag kommer från lidköping", "sv"),
        ("är det bättre i jönköping", "sv"),
        ("en fest på berget", "sv"),
        ("a friend in vaxholm", "en"),
    ],
)
def test_words_and_towns_elsewhere_are_no_municipality(text: str, language: str) -> None:
    assert "municipality" not in found(text, language=language)


@pytest.mark.parametrize(
    ("text", "programme"),
    [
        ("elprogramet", "EE"),
        ("el i motala?", "EE"),
        ("snickare vill jag bli", "BA"),
        ("läkare vill jag bli", "NA"),
        ("frissa har alltid varit drömmen", "FR"),
        ("working with kids, what should i study", "BF"),
        ("what is IM", "IM"),
        ("yrkesintroduktion, är det nåt för mig", "IM"),
        ("undersköterksa utbildning", "VO"),
    ],
)
def test_a_programme_by_name_trade_or_aim(text: str, programme: str) -> None:
    assert found(text)["programme"] == programme


@pytest.mark.parametrize(
    "text",
    [
        "min läkare säger att jag ska vila",
        "jag får ingen vård för min ångest",
        "vad är en gymnasieexamen värd",
        "får man lön då el är det csn",
        "jag gillar att vara ute i naturen",
        "im so done with this",
        "im <person_name_1>",
        "pappas bil är trasig så jag missar skolan",
    ],
)
def test_everyday_words_are_no_programme(text: str) -> None:
    assert "programme" not in found(text, intent="tell_low_mood")


def test_the_meaning_of_the_message_decides_about_everyday_words() -> None:
    text = "samhäll eller ekonomi, är det svårt att komma in"
    assert found(text, intent="ask_eligibility")["programme"] == "SA"
    assert "programme" not in found("har dålig ekonomi hemma kan jag få bidrag", intent="ask_study_finance")


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("gymnasiet", {"education_type": "upper_secondary"}),
        ("gymnasium", {"education_type": "upper_secondary"}),
        ("gymnaiset", {"education_type": "upper_secondary"}),
        ("gymnasieexamen", {}),
        ("introduktionsprogram", {"programme": "IM"}),
        ("kommvux", {"education_type": "komvux"}),
        ("jag e vuxen nu", {}),
        ("anpassade gymnasiet", {"education_type": "adapted_upper_secondary"}),
        ("Curt Nicolin Gymnasiet", {"provider": "curt-nicolin-gymnasiet"}),
        ("komvux i linköping", {"education_type": "komvux", "municipality": "Linköping"}),
        ("berzan", {"provider": "berzeliusskolan"}),
        ("haga i göteborg bor min kusin", {}),
    ],
)
def test_forms_of_education_and_names_of_schools(text: str, entities: Dict[str, str]) -> None:
    assert found(text) == entities


def test_a_written_diacritic_must_be_the_right_one() -> None:
    assert spelled_as("vard", "vård") and spelled_as("Vård", "vård") and not spelled_as("värd", "vård")
    words = Phrases([("vård", "VO")])
    assert [hit.value for hit in words.hits(words_of("vard eller värd"))] == ["VO"]


def test_a_swap_of_neighbours_is_one_edit() -> None:
    assert distance("motala", "motlaa", 2) == 1
    assert distance("motala", "mjolby", 2) == 3
