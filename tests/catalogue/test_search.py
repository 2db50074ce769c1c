"""What a young person is shown for a place, a kind of school and a programme."""

from __future__ import annotations

from bot.catalogue.kinds import EducationType, Freshness, StudyForm
from bot.clock import FakeClock
from bot.languages import Language
from tests.catalogue.conftest import OLD_PAPER, REGISTER, RUMOUR, UNDATED, Loaded, offer, provider

KOMVUX = {"kind": "komvux", "education_types": ["komvux"]}
FOLK = {"kind": "folk_high_school", "education_types": ["folk_high_school"]}
IM = {"education_types": ["upper_secondary", "introductory"]}


def names(cards: object) -> list[str]:
    """Names of cards, in their order."""
    return [card.name for card in cards]  # type: ignore[attr-defined]


def test_a_search_for_a_kind_finds_the_schools_of_the_place_only(loaded: Loaded) -> None:
    catalogue = loaded(provider("a", "A"), provider("b", "B", "Grannby"), provider("k", "K", **KOMVUX))
    found = catalogue.search(EducationType.UPPER_SECONDARY, "Storstad")
    assert names(found.items) == ["A"]
    assert found.total == 1
    assert found.nearest == ()


def test_independent_schools_are_upper_secondary_schools_too(loaded: Loaded) -> None:
    catalogue = loaded(provider("fri", "Fri", kind="independent_upper_secondary"))
    assert names(catalogue.search(EducationType.UPPER_SECONDARY, "Storstad").items) == ["Fri"]


def test_a_programme_search_finds_only_schools_with_evidence(loaded: Loaded) -> None:
    catalogue = loaded(
        provider("with", "Har el", programmes=[offer("EE")]),
        provider("other", "Har bygg", programmes=[offer("BA")]),
    )
    found = catalogue.search(municipality="Storstad", programme="EE")
    assert names(found.items) == ["Har el"]
    assert [view.code for view in found.items[0].programmes] == ["EE"]


def test_a_school_whose_list_is_not_complete_is_offered_apart_as_one_to_ask(loaded: Loaded) -> None:
    catalogue = loaded(
        provider("open", "Kanske", programmes=[offer("BA")]),
        provider("whole", "Hela listan", programmes=[offer("BA")], programmes_complete=True),
        provider("stopped", "Slutat", stopped=["EE"]),
        provider("theory", "Teori", offers=["preparatory"]),
        provider("trade", "Yrke", offers=["vocational"]),
        provider("far", "Långt bort", "Grannby"),
    )
    found = catalogue.search(EducationType.UPPER_SECONDARY, "Storstad", "EE")
    assert found.items == ()
    assert names(found.maybe) == ["Kanske", "Yrke"]
    assert found.maybe[0].programmes == ()


def test_nobody_is_offered_as_one_to_ask_when_no_programme_was_asked_for(loaded: Loaded) -> None:
    assert loaded(provider("a", "A")).search(EducationType.KOMVUX, "Storstad").maybe == ()


def test_a_place_without_the_programme_gets_the_nearest_with_their_distance(loaded: Loaded) -> None:
    catalogue = loaded(
        provider("far", "Långt", "Skogen", programmes=[offer("EE")]),
        provider("near", "Nära", "Grannby", programmes=[offer("EE")]),
    )
    found = catalogue.search(None, "Storstad", "EE")
    assert (found.items, found.total) == ((), 0)
    assert names(found.nearest) == ["Nära", "Långt"]
    assert found.nearest_total == 2
    assert [card.distance_km for card in found.nearest] == [41, 69]


def test_the_school_s_own_coordinates_decide_the_distance(loaded: Loaded) -> None:
    catalogue = loaded(
        provider("seat", "I orten", "Grannby", programmes=[offer("EE")]),
        provider("edge", "Vid gränsen", "Grannby", lat=58.45, lon=15.7, programmes=[offer("EE")]),
    )
    assert names(catalogue.search(None, "Storstad", "EE").nearest) == ["Vid gränsen", "I orten"]


def test_a_neighbour_outside_the_county_is_offered_only_as_somewhere_near(loaded: Loaded) -> None:
    catalogue = loaded(provider("out", "Grannlänet", "Utanför"), provider("in", "Länet", "Grannby"))
    near = catalogue.search(EducationType.UPPER_SECONDARY, "Skogen").nearest
    assert names(near) == ["Grannlänet", "Länet"]
    assert near[0].outside_county
    assert names(catalogue.search(EducationType.UPPER_SECONDARY).items) == ["Länet"]


def test_fresh_facts_come_first_then_the_name_and_nothing_else_counts(loaded: Loaded) -> None:
    catalogue = loaded(
        provider("1", "Ö fräsch"),
        provider("2", "A gammal", **OLD_PAPER),
        provider("3", "B odaterad", **UNDATED),
        provider("4", "A fräsch"),
    )
    found = catalogue.search(EducationType.UPPER_SECONDARY, "Storstad", limit=10)
    assert names(found.items) == ["A fräsch", "Ö fräsch", "A gammal", "B odaterad"]


def test_results_come_in_pages_without_gaps_or_repeats(loaded: Loaded) -> None:
    catalogue = loaded(*(provider(f"p{n}", f"Skola {n}") for n in range(7)))
    pages = [catalogue.search(EducationType.UPPER_SECONDARY, "Storstad", offset=o).items for o in (0, 3, 6, 9)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert sorted(name for page in pages for name in names(page)) == [f"Skola {n}" for n in range(7)]


def test_the_nearest_come_in_pages_too(loaded: Loaded) -> None:
    catalogue = loaded(*(provider(f"p{n}", f"Skola {n}", "Grannby") for n in range(4)))
    second = catalogue.search(EducationType.UPPER_SECONDARY, "Storstad", limit=3, offset=3)
    assert (names(second.nearest), second.nearest_total) == (["Skola 3"], 4)


def test_what_nobody_confirmed_is_never_shown(loaded: Loaded) -> None:
    catalogue = loaded(
        provider("ghost", "Spöket", **RUMOUR),
        provider("real", "Riktig", programmes=[offer("EE", source=RUMOUR), offer("BA")]),
    )
    assert names(catalogue.search(EducationType.UPPER_SECONDARY, "Storstad").items) == ["Riktig"]
    assert catalogue.search(None, "Storstad", "EE").total == 0
    real = catalogue.provider("real")
    assert real is not None
    assert [view.code for view in real.programmes] == ["BA"]
    assert catalogue.find_provider("Spöket") == ()


def test_a_closed_school_is_found_by_name_but_never_listed(loaded: Loaded) -> None:
    catalogue = loaded(provider("shut", "Stängda skolan", status="closed", note_sv="Stängd.", note_en="Closed."))
    assert catalogue.search(EducationType.UPPER_SECONDARY, "Storstad").total == 0
    assert catalogue.search(EducationType.UPPER_SECONDARY, "Grannby").nearest_total == 0
    found = catalogue.find_provider("stängda skolan")
    assert found[0].provider.status == "closed"
    assert found[0].provider.note_text(Language.SV) == "Stängd."


def test_old_evidence_is_shown_with_its_date_even_when_the_school_s_row_is_fresh(loaded: Loaded) -> None:
    catalogue = loaded(provider("a", "A", programmes=[offer("EE", source=OLD_PAPER), offer("BA")]))
    card = catalogue.search(None, "Storstad", "EE").items[0]
    assert card.freshness is Freshness.DATED
    assert card.as_of_text(Language.SV) == "omkring 2018"
    assert card.as_of_text(Language.EN) == "about 2018"
    assert catalogue.search(None, "Storstad", "BA").items[0].freshness is Freshness.FRESH


def test_the_best_evidence_for_a_programme_gives_its_date_and_all_forms_are_named(loaded: Loaded) -> None:
    catalogue = loaded(provider("a", "A", programmes=[offer("EE", "apprentice", OLD_PAPER), offer("EE")]))
    view = catalogue.search(None, "Storstad", "EE").items[0].programmes[0]
    assert view.dated.freshness is Freshness.FRESH
    assert view.forms == (StudyForm.APPRENTICE, StudyForm.SCHOOL)


def test_a_fact_grows_old_while_the_bot_runs(loaded: Loaded, clock: FakeClock) -> None:
    catalogue = loaded(provider("a", "A"))
    assert catalogue.search(EducationType.UPPER_SECONDARY, "Storstad").items[0].freshness is Freshness.FRESH
    clock.advance(days=100)
    later = catalogue.search(EducationType.UPPER_SECONDARY, "Storstad").items[0]
    assert later.freshness is Freshness.DATED
    assert later.as_of_text(Language.SV) == "3 september 2026"


def test_the_contact_has_an_age_of_its_own(loaded: Loaded) -> None:
    contact = {"contact_source": REGISTER["source"], "contact_date": REGISTER["source_date"]}
    catalogue = loaded(provider("a", "A", **(OLD_PAPER | contact)))
    card = catalogue.provider("a")
    assert card is not None
    assert (card.freshness, card.contact.freshness) == (Freshness.DATED, Freshness.FRESH)


def test_introductory_programmes_are_found_by_kind_by_code_and_by_gymnasiet(loaded: Loaded) -> None:
    catalogue = loaded(
        provider("im", "Med IM", programmes=[offer("EE"), offer("IM", orientation="IMS")], **IM),
        provider("no", "Utan IM", programmes=[offer("EE")]),
    )
    for kind, code in (
        (EducationType.INTRODUCTORY, None),
        (None, "IM"),
        (EducationType.INTRODUCTORY, "IM"),
        (EducationType.UPPER_SECONDARY, "IM"),
    ):
        found = catalogue.search(kind, "Storstad", code)
        assert names(found.items) == ["Med IM"]
        assert [view.code for view in found.items[0].programmes] == ["IM"]
    assert found.items[0].programmes[0].orientations[0].name_sv == "Språkintroduktion"


def test_a_closed_programme_is_answered_by_the_one_that_replaced_it(loaded: Loaded) -> None:
    catalogue = loaded(provider("a", "A", programmes=[offer("FS")]))
    assert names(catalogue.search(None, "Storstad", "HA").items) == ["A"]
    replaced = catalogue.programme("HA")
    assert replaced is not None
    assert replaced.code == "FS"


def test_an_unknown_programme_finds_nobody_instead_of_everybody(loaded: Loaded) -> None:
    found = loaded(provider("a", "A")).search(None, "Storstad", "QQ")
    assert (found.items, found.nearest, found.maybe) == ((), (), ())


def test_folk_high_schools_have_no_programmes_so_the_programme_is_left_out_and_that_is_said(
    loaded: Loaded,
) -> None:
    found = loaded(provider("f", "Folk", **FOLK)).search(EducationType.FOLK_HIGH_SCHOOL, "Storstad", "NA")
    assert names(found.items) == ["Folk"]
    assert found.programme_ignored


def test_the_komvux_of_the_place_is_the_one_to_ask_about_sfi(loaded: Loaded) -> None:
    catalogue = loaded(
        provider("here", "Komvux här", **KOMVUX),
        provider("there", "Sfi där", "Grannby", kind="komvux", education_types=["komvux", "sfi"]),
    )
    found = catalogue.search(EducationType.SFI, "Storstad")
    assert names(found.nearest) == ["Sfi där"]
    assert names(found.maybe) == ["Komvux här"]


def test_universities_are_not_in_the_catalogue_and_that_is_said(loaded: Loaded) -> None:
    catalogue = loaded(provider("a", "A"))
    for kind in (EducationType.UNIVERSITY, EducationType.HIGHER_VOCATIONAL):
        found = catalogue.search(kind, "Storstad")
        assert found.out_of_catalogue
        assert (found.items, found.nearest, found.maybe) == ((), (), ())


def test_a_place_that_is_not_ours_is_said_to_be_unknown(loaded: Loaded) -> None:
    found = loaded(provider("a", "A")).search(EducationType.UPPER_SECONDARY, "Göteborg")
    assert found.unknown_place
    assert (found.items, found.nearest, found.municipality_card) == ((), (), None)


def test_every_search_in_a_municipality_brings_its_card(loaded: Loaded) -> None:
    catalogue = loaded()
    for kind in (EducationType.KOMVUX, EducationType.UNIVERSITY, None):
        card = catalogue.search(kind, "Skogen").municipality_card
        assert card is not None
        assert (card.name, card.kaa_contact_confirmed, card.phone) == ("Skogen", False, None)
        assert card.kaa_advice.sv == "Ring växeln."


def test_offices_are_no_schools_but_are_given_as_guidance(loaded: Loaded) -> None:
    catalogue = loaded(
        provider("office", "Vägledarna", kind="guidance", education_types=[]),
        provider("county", "Länets antagning", "Grannby", kind="guidance", education_types=[], whole_county=True),
        provider("elsewhere", "Andra", "Grannby", kind="guidance", education_types=[]),
    )
    assert catalogue.search(None, "Storstad").total == 0
    assert names(catalogue.guidance("Storstad")) == ["Vägledarna", "Länets antagning"]
