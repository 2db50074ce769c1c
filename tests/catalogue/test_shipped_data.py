"""The catalogue that we ship: complete where it must be, honest where it is not."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from bot.catalogue.check import check
from bot.catalogue.files import read
from bot.catalogue.kinds import EducationType, Freshness, Status
from bot.catalogue.rules import normalise
from bot.catalogue.service import Catalogue
from bot.plain import FORBIDDEN, MAX_CHARACTERS, MAX_GRADE, MAX_LIX, MAX_SENTENCES, grade, lix, sentences
from tests.catalogue.conftest import SHIPPED, TODAY

COUNTY = (
    *("Boxholm", "Finspång", "Kinda", "Linköping", "Mjölby", "Motala", "Norrköping"),
    *("Söderköping", "Vadstena", "Valdemarsvik", "Ydre", "Åtvidaberg", "Ödeshög"),
)
NATIONAL = [
    "BA",
    "BF",
    "EE",
    "FR",
    "FS",
    "FT",
    "HT",
    "IN",
    "NB",
    "RL",
    "VF",
    "VO",
    "EK",
    "ES",
    "HU",
    "NA",
    "SA",
    "TE",
]
CONTENT = read(SHIPPED)[0]


def test_the_files_are_in_order() -> None:
    assert check(SHIPPED, TODAY) == []


@pytest.mark.parametrize("name", COUNTY)
def test_every_municipality_has_a_card_that_is_never_empty(shipped: Catalogue, name: str) -> None:
    card = shipped.municipality(name)
    assert card is not None
    assert card.website is not None
    assert "kommunala aktivitetsansvaret" in card.kaa_advice.sv
    assert "kommunala aktivitetsansvaret" in card.kaa_advice.en
    assert "komvux" in card.komvux_advice.sv
    assert "29 kap. 9 §" in card.law


def test_there_are_thirteen_municipalities_and_no_more(shipped: Catalogue) -> None:
    assert [card.name for card in shipped.municipalities()] == sorted(COUNTY)


@pytest.mark.parametrize("name", COUNTY)
@pytest.mark.parametrize("kind", [EducationType.UPPER_SECONDARY, EducationType.KOMVUX, EducationType.INTRODUCTORY])
def test_nobody_is_left_without_somewhere_to_turn(shipped: Catalogue, name: str, kind: EducationType) -> None:
    found = shipped.search(kind, name)
    assert found.items or found.nearest
    assert found.municipality_card is not None


def test_no_contact_point_for_kaa_is_called_confirmed_before_somebody_confirmed_it(
    shipped: Catalogue,
) -> None:
    assert not any(card.kaa_contact_confirmed for card in shipped.municipalities())


@pytest.mark.parametrize("code", NATIONAL)
def test_every_national_programme_is_there_with_words_in_both_languages(code: str) -> None:
    programme = next(row for row in CONTENT.programmes if row.code == code)
    assert len(programme.aliases_sv) >= 10
    assert len(programme.aliases_en) >= 10
    assert not programme.closed


@pytest.mark.parametrize(
    ("word", "code"),
    [
        *(
            ("elektriker", "EE"),
            ("undersköterska", "VO"),
            ("kock", "RL"),
            ("frisör", "FR"),
            ("snickare", "BA"),
        ),
        *(
            ("svets", "IN"),
            ("rörmokare", "VF"),
            ("bilmekaniker", "FT"),
            ("lastbil", "FT"),
            ("djurvårdare", "NB"),
        ),
        *(("häst", "NB"), ("barnskötare", "BF"), ("programmera", "TE"), ("natur", "NA"), ("samhäll", "SA")),
        *(
            ("estet", "ES"),
            ("musik", "ES"),
            ("dans", "ES"),
            ("ekonomi", "EK"),
            ("handel", "FS"),
            ("ib", "IB"),
        ),
        *(
            ("electrician", "EE"),
            ("carpenter", "BA"),
            ("hairdresser", "FR"),
            ("chef", "RL"),
            ("plumber", "VF"),
        ),
        *(("welding", "IN"), ("car mechanic", "FT"), ("science programme", "NA"), ("social science", "SA")),
        *(("språkintroduktion", "IM"), ("yrkesintroduktion", "IM"), ("introductory program", "IM")),
        *(
            ("flygtekniker", "FL"),
            ("barn o fritid", "BF"),
            ("industrial programme", "IN"),
            ("tekniker", None),
        ),
    ],
)
def test_everyday_words_mean_one_programme(word: str, code: str | None) -> None:
    owners = {
        row.replaced_by or row.code
        for row in CONTENT.programmes
        if normalise(word) in {normalise(alias) for alias in (*row.aliases_sv, *row.aliases_en)}
    }
    assert owners == ({code} if code else set())


@pytest.mark.parametrize(
    "word",
    [
        "in",
        "sa",
        "na",
        "ha",
        "fr",
        "im",
        "it",
        "data",
        "vet",
        "energi",
        "kurator",
        "buss",
        "law",
        "doctor",
        "human",
    ],
)
def test_words_that_usually_mean_something_else_are_no_english_or_swedish_alias(word: str) -> None:
    swedish_only = {"im"}
    for row in CONTENT.programmes:
        assert word not in row.aliases_en
        assert word in swedish_only or word not in row.aliases_sv


def test_what_the_register_does_not_say_is_not_said(shipped: Catalogue) -> None:
    """The register was read for vehicle programmes only; it proves no other programme."""
    allowed = {"FT", "FL", "FG", "IM"}
    for provider in CONTENT.providers:
        for offer in provider.programmes:
            if "api.skolverket.se" in offer.source.name:
                assert offer.code in allowed, (provider.id, offer.code)


@pytest.mark.parametrize(
    ("municipality", "code"),
    [("Söderköping", "SA"), ("Söderköping", "EK"), ("Söderköping", "NA"), ("Finspång", "SA")],
)
def test_programmes_that_take_no_new_students_are_not_offered(shipped: Catalogue, municipality: str, code: str) -> None:
    found = shipped.search(EducationType.UPPER_SECONDARY, municipality, code)
    assert found.total == 0
    assert "Nyströmska skolan" not in [card.name for card in found.maybe]
    assert "Bergska gymnasiet" not in [card.name for card in found.maybe]


def test_closed_schools_are_known_as_closed_and_listed_nowhere(shipped: Catalogue) -> None:
    closed = {row.id for row in CONTENT.providers if row.status is Status.CLOSED}
    assert "vadstenagymnasiet" in closed
    listed = {card.id for card in shipped.search(limit=500).items}
    assert not closed & listed
    match = shipped.find_provider("vadstenagymnasiet")[0]
    assert match.provider.status is Status.CLOSED
    assert match.provider.note is not None


def test_the_official_units_are_fresh_and_have_address_and_phone(shipped: Catalogue) -> None:
    found = shipped.search(EducationType.UPPER_SECONDARY, programme="FT", limit=50)
    official = [card for card in found.items if card.freshness is Freshness.FRESH]
    assert Counter(card.municipality for card in official) == {
        "Linköping": 4,
        "Norrköping": 3,
        "Motala": 1,
        "Mjölby": 1,
        "Söderköping": 1,
    }
    assert all(card.address and card.phone and card.web for card in official)


def test_units_of_one_school_are_one_provider() -> None:
    names = [row.name for row in CONTENT.providers]
    assert not [name for name in names if re.search(r"\b(\d+|MG\d|RO\d)$", name)]
    assert sum("Bråvalla" in name for name in names) == 1


def test_no_personal_data_is_in_the_files() -> None:
    for path in sorted(SHIPPED.glob("*.yml")):
        # An at sign elsewhere than in a word would be an e-mail address.
        assert "@" not in path.read_text(encoding="utf-8"), path.name


def _notes() -> list[tuple[str, str, str]]:
    notes = [(row.id, row.note.sv, row.note.en) for row in CONTENT.providers if row.note]
    for row in CONTENT.municipalities:
        if row.card is not None and row.card.note is not None:
            notes.append((row.name, row.card.note.sv, row.card.note.en))
    card = CONTENT.municipalities[0].card
    assert card is not None
    notes += [("advice kaa", card.kaa_advice.sv, card.kaa_advice.en)]
    return [*notes, ("advice komvux", card.komvux_advice.sv, card.komvux_advice.en)]


@pytest.mark.parametrize(("where", "swedish", "english"), _notes())
def test_what_is_said_is_plain_short_and_without_blame(where: str, swedish: str, english: str) -> None:
    for text in (swedish, english):
        assert len(text) <= MAX_CHARACTERS
        assert sentences(text) <= MAX_SENTENCES
        assert not any(word in text.lower() for word in FORBIDDEN)
    assert lix(swedish) <= MAX_LIX
    # A Swedish name in quotation marks, to be said on the phone, is not English to be read.
    assert grade(re.sub(r'"[^"]*"', "", english)) <= MAX_GRADE, where


def test_geonames_is_credited_where_its_data_is() -> None:
    for name in ("localities.yml", "municipalities.yml"):
        head = (SHIPPED / name).read_text(encoding="utf-8")[:1500]
        assert "GeoNames" in head
        assert "CC BY 4.0" in head


def test_files_stay_small_enough_to_read() -> None:
    # The programmes are one file because the dialogue engine reads it whole.
    long = [path.name for path in SHIPPED.glob("*.yml") if len(path.read_text().splitlines()) > 300]
    assert long == ["programmes.yml"]


def test_no_key_is_written_twice_in_a_row() -> None:
    class Strict(yaml.SafeLoader):
        pass

    def mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[object, object]:
        keys = [key.value for key, _value in node.value if key.value != "<<"]
        assert len(keys) == len(set(keys)), (node.start_mark, keys)
        loader.flatten_mapping(node)
        return dict(loader.construct_pairs(node, deep=True))

    Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    for path in sorted(SHIPPED.glob("*.yml")):
        assert yaml.load(Path(path).read_text(encoding="utf-8"), Strict)


@pytest.mark.parametrize(
    ("place", "municipality", "kind", "programme", "from_there", "from_the_seat"),
    [
        ("Rimforsa", "Kinda", None, "FT", "Yrkesgymnasiet Linköping", "Holavedsgymnasiet"),
        (
            "Mantorp",
            "Mjölby",
            EducationType.FOLK_HIGH_SCHOOL,
            None,
            "Liljeholmens folkhögskola",
            "Vadstena folkhögskola",
        ),
        ("Grebo", "Åtvidaberg", EducationType.SFI, None, "Nyströmska skolan", "Kinda Lärcentrum"),
    ],
)
def test_far_from_the_seat_the_nearest_is_another_school(
    shipped: Catalogue,
    place: str,
    municipality: str,
    kind: EducationType | None,
    programme: str | None,
    from_there: str,
    from_the_seat: str,
) -> None:
    village = shipped.locality(place)
    assert village is not None
    assert village.municipality == municipality
    near = shipped.search(kind, municipality, programme, origin=village.point).nearest[0]
    assert near.name.startswith(from_there)
    assert shipped.search(kind, municipality, programme).nearest[0].name.startswith(from_the_seat)


def test_a_municipality_is_measured_from_its_seat_whatever_it_is_called(shipped: Catalogue) -> None:
    assert shipped.locality("Kinda") is None
    assert shipped.locality("Peking") is None
    assert shipped.locality("Rimforsas") is not None
