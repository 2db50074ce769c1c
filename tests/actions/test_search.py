"""Looking up schools: what is shown, in which words, and what is remembered for the next page."""

from __future__ import annotations

import pytest

from actions.base import BotAction
from actions.duty import ShowDutyContact
from actions.search import SearchEducation, ShowMore, ShowProvider
from actions.steering import Deny, NoteAnswer
from bot.catalogue.entries import Words
from bot.catalogue.kinds import EducationType, ProviderKind, Status
from bot.names import Entity, Form, Intent, Response, Slot
from tests.actions.catalogue import FRESH, OLD, UNDATED, FakeCatalogue, card
from tests.actions.fakes import booked_with
from tests.actions.turns import FRIDAY_10, THURSDAY_14, World
from tests.data.project_files import variations

EL_IN_MOTALA = {Slot.EDUCATION_TYPE: "upper_secondary", Slot.MUNICIPALITY: "Motala", Slot.PROGRAMME: "EE"}


def five_schools() -> FakeCatalogue:
    return FakeCatalogue(*(card(f"Skola {number}") for number in range(1, 6)))


def test_three_schools_are_shown_and_the_rest_is_offered() -> None:
    world = World(catalogue=five_schools())
    outcome = world.run(SearchEducation, slots=EL_IN_MOTALA)
    assert outcome.said == [Response.UTTER_SEARCH_IN_PLACE, *[Response.UTTER_PROVIDER] * 3, Response.UTTER_SEARCH_MORE]
    assert world.catalogue.asked == [(EducationType.UPPER_SECONDARY, "Motala", "EE", 0)]
    assert outcome.slots[Slot.LAST_SHOWN] == ["skola-1", "skola-2", "skola-3"]


def test_the_next_page_goes_on_with_the_same_question() -> None:
    world = World(catalogue=five_schools())
    first = world.run(SearchEducation, slots=EL_IN_MOTALA)
    second = world.run(ShowMore, intent=Intent.SHOW_MORE, slots={**EL_IN_MOTALA, **first.slots})
    assert second.said == [Response.UTTER_PROVIDER, Response.UTTER_PROVIDER, Response.UTTER_SEARCH_END]
    assert world.catalogue.asked[1] == (EducationType.UPPER_SECONDARY, "Motala", "EE", 3)
    third = world.run(ShowMore, intent=Intent.SHOW_MORE, slots={**first.slots, **second.slots})
    assert third.said == [Response.UTTER_SHOW_MORE_END]


def test_more_without_a_list_offers_a_search() -> None:
    assert World().run(ShowMore, intent=Intent.SHOW_MORE).said == [Response.UTTER_SHOW_MORE_NOTHING]


def test_more_after_times_were_offered_shows_later_times() -> None:
    world = World(booking=booked_with(THURSDAY_14, THURSDAY_14, FRIDAY_10))
    outcome = world.run(
        ShowMore, intent=Intent.SHOW_MORE, said=[Response.UTTER_ASK_NEW_TIME_ONE],
        payloads=[f'/change_booking{{"time":"{THURSDAY_14.isoformat()}"}}', "/deny"],
    )  # fmt: skip
    assert outcome.values(Response.UTTER_ASK_NEW_TIME_ONE)["iso_1"] == FRIDAY_10.isoformat()


@pytest.mark.parametrize("text", ["en annan ort", "nån annanstans?", "somewhere else", "another town please"])
def test_another_place_can_be_typed_too(text: str) -> None:
    outcome = World().run(ShowMore, text, intent=Intent.SHOW_MORE, slots={Slot.SHOWN_COUNT: 3.0})
    assert outcome.slots[Slot.MUNICIPALITY] == "other"
    assert outcome.follow_up == Form.FIND_EDUCATION_FORM


@pytest.mark.parametrize(
    ("dated", "phone", "response"),
    [
        (FRESH, "0141-1", Response.UTTER_PROVIDER),
        (OLD, "0141-1", Response.UTTER_PROVIDER_OLD),
        (UNDATED, "0141-1", Response.UTTER_PROVIDER_UNDATED),
        (FRESH, None, Response.UTTER_PROVIDER_NO_CONTACT),
        (OLD, None, Response.UTTER_PROVIDER_OLD_NO_CONTACT),
        (UNDATED, None, Response.UTTER_PROVIDER_UNDATED_NO_CONTACT),
    ],
)
def test_each_school_says_how_old_its_row_is(dated: object, phone: str | None, response: Response) -> None:
    world = World(catalogue=FakeCatalogue(card("Skolan", dated=dated, phone=phone)))  # type: ignore[arg-type]
    assert world.run(SearchEducation, slots=EL_IN_MOTALA).said[1] == response


def test_a_fresh_programme_with_an_old_number_is_said_with_the_older_date() -> None:
    world = World(catalogue=FakeCatalogue(card("Skolan", dated=FRESH, contact=OLD)))
    said = world.run(SearchEducation, slots=EL_IN_MOTALA).values(Response.UTTER_PROVIDER_OLD)
    assert said["as_of"] == "2018"


def test_a_long_list_of_programmes_is_cut_to_what_fits_a_bubble() -> None:
    long = tuple(f"Bygg- och anläggningsprogrammet {number}" for number in range(6))
    world = World(catalogue=FakeCatalogue(card("Skolan", programmes=long)))
    what = world.run(SearchEducation, slots=EL_IN_MOTALA).values(Response.UTTER_PROVIDER)["what"]
    assert len(what) <= 110
    assert what.endswith("(+4)")


def test_a_school_without_known_programmes_says_its_kind_in_the_right_language() -> None:
    world = World(catalogue=FakeCatalogue(card("Bona", kind=ProviderKind.FOLK_HIGH_SCHOOL, programmes=())))
    said = world.run(SearchEducation, slots={**EL_IN_MOTALA, Slot.LANGUAGE: "en"})
    assert said.values(Response.UTTER_PROVIDER)["what"] == "folk high school"


def test_a_long_address_on_the_web_is_shortened_to_the_site() -> None:
    web = "https://www.linkoping.se/forskola-och-utbildning/vuxenutbildning/regler-for-antagning"
    world = World(catalogue=FakeCatalogue(card("Komvux", phone=None, web=web)))
    contact = world.run(SearchEducation, slots=EL_IN_MOTALA).values(Response.UTTER_PROVIDER)["contact"]
    assert contact == "linkoping.se"


def test_nothing_in_the_place_shows_the_nearest_honestly() -> None:
    world = World(catalogue=FakeCatalogue(card("Skolan", "Linköping")))
    outcome = world.run(SearchEducation, slots={**EL_IN_MOTALA, Slot.MUNICIPALITY: "Ydre"})
    assert outcome.said[0] == Response.UTTER_SEARCH_NEAREST
    assert outcome.values(Response.UTTER_PROVIDER)["place"] == "Linköping"


def test_nothing_anywhere_says_so_and_offers_a_counsellor() -> None:
    assert World().run(SearchEducation, slots=EL_IN_MOTALA).said == [Response.UTTER_SEARCH_NONE]


def test_a_place_without_a_row_for_komvux_still_has_komvux() -> None:
    outcome = World().run(SearchEducation, slots={Slot.EDUCATION_TYPE: "komvux", Slot.MUNICIPALITY: "Ydre"})
    assert outcome.said == [Response.UTTER_KOMVUX_ADVICE, Response.UTTER_SEARCH_NONE]


def test_schools_that_may_have_it_are_shown_as_a_maybe() -> None:
    world = World()
    world.catalogue.maybe = (card("Platengymnasiet"),)
    outcome = world.run(SearchEducation, slots=EL_IN_MOTALA)
    assert outcome.said[:2] == [Response.UTTER_SEARCH_MAYBE, Response.UTTER_PROVIDER]


@pytest.mark.parametrize(("age", "noted"), [("17", True), ("19", True), ("20", False), (None, False)])
def test_komvux_has_a_note_for_those_who_are_known_to_be_under_20(age: str | None, noted: bool) -> None:
    world = World(catalogue=FakeCatalogue(card("Komvux")))
    slots = {Slot.EDUCATION_TYPE: "komvux", Slot.MUNICIPALITY: "Motala", Slot.AGE: age}
    assert (Response.UTTER_NOTE_KOMVUX_AGE in world.run(SearchEducation, slots=slots).said) is noted


@pytest.mark.parametrize(
    ("kind", "response"),
    [
        ("university", Response.UTTER_SEARCH_UNIVERSITY),
        ("higher_vocational", Response.UTTER_SEARCH_HIGHER_VOCATIONAL),
    ],
)
def test_what_the_list_does_not_hold_gets_an_honest_answer(kind: str, response: Response) -> None:
    outcome = World().run(SearchEducation, slots={Slot.EDUCATION_TYPE: kind})
    assert outcome.said == [response]


def test_any_place_and_any_programme_are_left_out_of_the_search() -> None:
    world = World(catalogue=five_schools())
    outcome = world.run(SearchEducation, slots={**EL_IN_MOTALA, Slot.ANY_PLACE: True, Slot.ANY_PROGRAMME: True})
    assert world.catalogue.asked == [(EducationType.UPPER_SECONDARY, None, None, 0)]
    assert outcome.said[0] == Response.UTTER_SEARCH_IN_COUNTY


def test_the_search_forgets_what_was_asked_for_but_not_the_place() -> None:
    outcome = World(catalogue=five_schools()).run(SearchEducation, slots=EL_IN_MOTALA)
    assert outcome.slots[Slot.PROGRAMME] is None
    assert Slot.MUNICIPALITY not in outcome.slots


def test_one_school_by_name_is_shown_with_address_and_note() -> None:
    school = card("Platengymnasiet", address="Platensgatan 1", note=Words("Bra att veta.", "Good to know."))
    outcome = World(catalogue=FakeCatalogue(school)).run(
        ShowProvider, "vad är numret till platengymnasiet", intent=Intent.ASK_PROVIDER_DETAILS
    )
    assert outcome.said == [
        Response.UTTER_PROVIDER, Response.UTTER_PROVIDER_ADDRESS, Response.UTTER_PROVIDER_NOTE,
        Response.UTTER_PROVIDER_NEXT,
    ]  # fmt: skip


def test_the_card_of_a_school_leads_to_a_meeting_about_it() -> None:
    outcome = World(catalogue=FakeCatalogue(card("Bona"))).run(ShowProvider, "bona")
    assert outcome.values(Response.UTTER_PROVIDER_NEXT)["id"] == "bona"
    (payload,) = {
        payload for one in variations() for _, payload in one.buttons
        if one.name == Response.UTTER_PROVIDER_NEXT and payload.startswith("/book_counsellor")
    }  # fmt: skip
    assert payload.format(id="bona") == '/book_counsellor{"provider":"bona"}'


def test_the_one_just_shown_needs_no_name() -> None:
    world = World(catalogue=FakeCatalogue(card("Skola 1")))
    outcome = world.run(ShowProvider, "mer om den", slots={Slot.LAST_SHOWN: ["skola-1"]})
    assert outcome.said[0] == Response.UTTER_PROVIDER


def test_of_several_just_shown_it_asks_which() -> None:
    slots = {Slot.LAST_SHOWN: ["skola-1", "skola-2", "skola-3"]}
    outcome = World(catalogue=five_schools()).run(ShowProvider, "mer om den", slots=slots)
    assert outcome.said == [Response.UTTER_WHICH_OF_THREE]
    assert outcome.values(Response.UTTER_WHICH_OF_THREE)["id_2"] == "skola-2"


def test_without_a_list_it_asks_for_a_name() -> None:
    assert World().run(ShowProvider, "mer info").said == [Response.UTTER_WHICH_PROVIDER]


def test_a_school_that_is_gone_from_the_catalogue_is_not_mistaken_for_another() -> None:
    world = World(catalogue=five_schools())
    outcome = world.run(ShowProvider, "/x", entities={Entity.PROVIDER: "borta"}, slots={Slot.LAST_SHOWN: ["skola-1"]})
    assert outcome.said == [Response.UTTER_PROVIDER_UNKNOWN]


def test_a_closed_school_says_that_it_is_closed() -> None:
    closed = card("Vadstenagymnasiet", status=Status.CLOSED, note=Words("Flyttade 2018.", "Moved in 2018."))
    outcome = World(catalogue=FakeCatalogue(closed)).run(ShowProvider, "vadstenagymnasiet")
    assert outcome.values(Response.UTTER_PROVIDER_CLOSED)["note"] == "Flyttade 2018."
    assert Response.UTTER_PROVIDER_ADDRESS not in outcome.said


@pytest.mark.parametrize(
    ("phone", "dated", "said"),
    [
        ("0141-22 50 00", FRESH, [Response.UTTER_DUTY_PHONE]),
        ("0141-22 50 00", UNDATED, [Response.UTTER_DUTY_PHONE_OLD]),
        (None, None, [Response.UTTER_DUTY_NO_PHONE]),
    ],
)
def test_the_municipality_s_number_is_said_with_its_doubt(phone: str, dated: object, said: list[Response]) -> None:
    world = World()
    world.catalogue.phone, world.catalogue.phone_dated = phone, dated  # type: ignore[assignment]
    assert world.run(ShowDutyContact, slots={Slot.MUNICIPALITY: "Motala"}).said == said


def test_without_a_known_municipality_no_number_is_said_and_it_is_asked_for_once() -> None:
    assert World().run(ShowDutyContact).said == [Response.UTTER_ASK_HOME_MUNICIPALITY]
    asked = {Slot.ASKED: [str(Response.UTTER_ASK_HOME_MUNICIPALITY)]}
    assert World().run(ShowDutyContact, slots=asked).said == []


LAST_LIST = {Slot.SEARCHED_KIND: "upper_secondary", Slot.SEARCHED_PLACE: "Linköping", Slot.SEARCHED_PROGRAMME: "EE"}


@pytest.mark.parametrize(
    ("action", "text", "entities", "searched"),
    [
        (Deny, "nej jag menade Motala", {Entity.MUNICIPALITY: "Motala"}, ("upper_secondary", "Motala", "EE")),
        (NoteAnswer, "Motala, not there", {Entity.MUNICIPALITY: "Motala"}, ("upper_secondary", "Motala", "EE")),
        (Deny, "nä, bygg", {Entity.PROGRAMME: "BA"}, (None, "Linköping", "BA")),
        (Deny, "no, komvux", {Entity.EDUCATION_TYPE: "komvux"}, ("komvux", "Linköping", None)),
    ],
)  # fmt: skip
def test_a_correction_after_a_list_searches_again(
    action: type[BotAction], text: str, entities: dict[str, str], searched: tuple[str | None, str, str | None]
) -> None:
    world = World(catalogue=five_schools())
    said = [Response.UTTER_SEARCH_IN_PLACE, Response.UTTER_PROVIDER, Response.UTTER_SEARCH_END]
    outcome = world.run(action, text, entities=entities, slots=LAST_LIST, said=said)
    assert world.catalogue.asked == [(*searched, 0)]
    assert outcome.said[0] in (Response.UTTER_SEARCH_IN_PLACE, Response.UTTER_SEARCH_NEAREST)


def test_a_place_that_follows_no_list_corrects_nothing() -> None:
    world = World(catalogue=five_schools())
    place = {Entity.MUNICIPALITY: "Norrköping"}
    assert world.run(Deny, "nej, Norrköping", entities=place, slots=LAST_LIST).said == [Response.UTTER_DENY]
    assert world.catalogue.asked == []
