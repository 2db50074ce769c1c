"""Redaction: what is replaced, by which value, and what stays readable."""

from __future__ import annotations

from datetime import date

import pytest

from bot.safety.redact import Derived, MessageNumbering, redact, redact_record

TODAY = date(2026, 11, 10)


def values(text: str, expecting: str | None = None) -> list[tuple[str, str]]:
    return [(found.kind, found.value) for found in redact(text, expecting=expecting, today=TODAY).found]


@pytest.mark.parametrize(
    "written",
    [
        "070-174 06 05", "0701740605", "070 174 06 05", "070/1740605", "070.174.06.05", "0 7 0 1 7 4 0 6 0 5",
        "+46701740605", "+46 (0)70 174 06 05", "0046 70 174 06 05", "(+46) 70-174 06 05",
        "070\u2011174\u00a006\u200b 05",
        "noll sju noll ett sju fyra noll sex noll fem", "zero seven zero one seven four zero six zero five",
        "noll sjuttio, ett sju fyra, noll sex, noll fem", "٠٧٠١٧٤٠٦٠٥",
    ],
)  # fmt: skip
def test_every_notation_of_a_phone_number_has_the_same_value(written: str) -> None:
    redaction = redact(f"ring mig på {written}, tack")
    assert [(f.kind, f.value) for f in redaction.found] == [("phone_number", "+46701740605")]
    assert redaction.text == "ring mig på <phone_number_1>, tack"


@pytest.mark.parametrize(
    ("written", "value"),
    [("08-465 004 00", "+46846500400"), ("031-390 06 15", "+46313900615"), ("+47 406 12 345", "+4740612345")],
)
def test_landlines_and_foreign_numbers_are_masked(written: str, value: str) -> None:
    assert values(f"nummer {written}") == [("phone_number", value)]


def test_a_phone_number_with_a_digit_too_few_is_masked_as_well() -> None:
    assert redact("ring 070-174 06 0").text == "ring <phone_number_1>"


@pytest.mark.parametrize(
    "written",
    [
        "050612-9808", "20050612-9808", "200506129808", "20050612 9808", "050612 9808", 
        "2005-06-12-9808", "20 05 06 12 9808",
        "050612–9808",
    ],
)  # fmt: skip
def test_every_notation_of_a_personal_number_is_masked(written: str) -> None:
    redaction = redact(f"pnr: {written}.")
    assert redaction.text == "pnr: <personal_number_1>."
    assert redaction.found[0].value.replace("-", "")[-10:] == "0506129808"


def test_a_coordination_number_has_its_day_plus_sixty() -> None:
    assert values("200506729805") == [("personal_number", "20050672-9805")]


def test_a_mistyped_personal_number_still_tells_the_birth_date_and_is_masked() -> None:
    assert values("050612-9800") == [("personal_number", "050612-9800")]


def test_ten_digits_that_are_also_a_mobile_number_follow_the_words_before() -> None:
    assert values("ring 0701019804")[0][0] == "phone_number"
    assert values("personnummer 070101-9804")[0][0] == "personal_number"


def test_an_organisation_number_is_no_personal_number() -> None:
    assert values("kommunen har 212000-0449") == []


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("Anna.Karlsson@Example.com", "anna.karlsson@example.com"),
        ("anna snabel-a example punkt com", "anna@example.com"),
        ("anna(at)example.com", "anna@example.com"),
        ("anna at gmail dot com", "anna@gmail.com"),
        ("anna @ gmail.com", "anna@gmail.com"),
        ("anna punkt k at exempel dot se", "anna.k@exempel.se"),
    ],
)
def test_mail_addresses_are_masked_also_when_spelled_out(written: str, value: str) -> None:
    assert values(f"mejla {written}") == [("email", value)] or values(written) == [("email", value)]


def test_a_site_or_a_school_after_at_is_no_mail_address() -> None:
    assert values("i study at liu.se") == []


def test_a_mail_address_ends_with_its_sentence() -> None:
    assert redact("min mejl är anna@example.se. Hej då").text == "min mejl är <email_1>. Hej då"


def test_a_birth_date_tells_the_age() -> None:
    redaction = redact("jag är född 12 mars 2009", today=TODAY)
    assert redaction.found[0].value == "2009-03-12"
    assert redaction.entities == (Derived("age", "17"),)


def test_on_the_day_before_the_birthday_the_age_is_a_year_less() -> None:
    assert redact("2008-11-11", today=TODAY).entities == (Derived("age", "17"),)
    assert redact("2008-11-10", today=TODAY).entities == (Derived("age", "18"),)


@pytest.mark.parametrize(
    "text", ["2026-01-15 öppnar ansökan", "mötet 2026-12-01", "26 november", "den 5 juni 2024", "år 2009"]
)
def test_other_dates_stay(text: str) -> None:
    assert redact(text, today=TODAY).text == text


def test_an_address_is_masked_and_the_place_beside_it_stays() -> None:
    assert redact("jag bor på Storgatan 12 i Linköping").text == "jag bor på <address_1> i Linköping"
    assert redact("Drottninggatan 5B, 602 24 Norrköping").text == "<address_1>"


def test_a_way_that_takes_minutes_is_no_address() -> None:
    assert values("det är 12 minuter, på skolvägen 20 minuter") == []


@pytest.mark.parametrize(
    "text", ["@leyla.xx", "snap: leyla.xx", "min insta är leylaxx", "jag heter leyla.xx på discord"]
)
def test_user_names_are_masked(text: str) -> None:
    assert [kind for kind, _ in values(text)] == ["handle"]


def test_a_service_without_a_user_name_stays() -> None:
    assert values("kan man prata på snap eller insta idag") == []


def test_a_card_number_needs_its_check_digit() -> None:
    assert values("4111 1111 1111 1111") == [("card", "4111111111111111")]
    assert values("4111 1111 1111 1112") == []


@pytest.mark.parametrize("text", ["jag går i TE22B", "klass TE22B", "TE22B är bäst"])
def test_class_names_are_masked(text: str) -> None:
    assert values(text) == [("class", "TE22B")]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("jag heter leyla och bor i motala", "leyla"),
        ("jag heter Zorbina Qwertson", "Zorbina Qwertson"),
        ("hon heter visst Pia Lundvall", "Pia Lundvall"),
        ("my teacher is called Obi", "Obi"),
        ("I'm Will, 18", "Will"),
        ("jag pratade med Maj igår", "Maj"),
        ("Hans Larsson ringde", "Hans Larsson"),
        ("annas mamma", "anna"),
        ("mvh\nTorsten Öhman", "Torsten Öhman"),
        ("Kim här", "Kim"),
        ("JAG HETER LEYLA", "LEYLA"),
        ("Sixten von Platen skrev", "Sixten von Platen"),
        ("jag heter A\u030asa", "A\u030asa"),
    ],
)
def test_names_are_masked(text: str, name: str) -> None:
    found = [text[f.start : f.end] for f in redact(text).found if f.kind == "person_name"]
    assert found == [name]


@pytest.mark.parametrize(
    "text",
    [
        "Hej! Maj är fin. Vill du bo i Berg? Love it", "will it be hard in May", "Anders Ljungstedts gymnasium",
        "anders ljungstedts gymnasium", "Curt Nicolin Gymnasiet", "vad heter du?", "skolan heter Kungsgård",
        "något som heter IMV", "SVESVE01 och MATMAT01b",
        "ring 112, 1177, 116 111, 90101, 020-50 50 50 eller 020-80 80 80",
        "öppet 08.30-16.00", "jag är 17 år", "13 500 kr", "https://www.linkoping.se/anna", "S:t Lars gymnasium", "<3",
    ],
)  # fmt: skip
def test_what_is_no_personal_data_stays(text: str) -> None:
    assert redact(text, today=TODAY).text == text


@pytest.mark.parametrize("answer", ["My", "Bo", "kim", "Xhevahire", "Love Ek", "Anna-Karin von Ek", "Will"])
def test_a_bare_answer_to_what_to_call_somebody_is_a_name(answer: str) -> None:
    assert values(answer, expecting="person_name") == [("person_name", answer)]


@pytest.mark.parametrize(
    "answer", ["jag heter Kim", "kalla mig Kim", "i'm Kim", "call me Kim", "du kan kalla mig Kim tack", "Kim, 17"]
)
def test_only_the_name_of_the_answer_is_taken(answer: str) -> None:
    assert values(answer, expecting="person_name") == [("person_name", "Kim")]


@pytest.mark.parametrize(
    "answer",
    [
        "nej", "vill inte säga", "spelar ingen roll", "stopp", "avbryt", "no", "i don't want to", "skip", "hej",
        "varför?",
        "vem frågar", "hoppa över", "anonym", "Linköping", "jag vill byta tid",
    ],
)  # fmt: skip
def test_refusals_greetings_and_questions_are_no_names(answer: str) -> None:
    assert values(answer, expecting="person_name") == []


def test_an_expected_number_may_lack_its_zero_or_its_form() -> None:
    assert values("701740605", expecting="phone_number") == [("phone_number", "+46701740605")]
    assert values("013 12345", expecting="phone_number")[0][0] == "phone_number"
    assert values("vill inte", expecting="phone_number") == []


def test_an_expected_mail_address_may_lack_its_signs() -> None:
    assert values("anna at telia se", expecting="email") == [("email", "anna@telia.se")]


def test_the_same_value_keeps_its_number_and_numbers_follow_the_order() -> None:
    text = redact("Anna ringde 070-174 06 05, sen Ali 0701740606, sen Anna +46701740605").text
    assert text == (
        "<person_name_1> ringde <phone_number_1>, sen <person_name_2> <phone_number_2>, "
        "sen <person_name_1> <phone_number_1>"
    )


def test_a_numbering_goes_on_over_messages() -> None:
    numbers = MessageNumbering()
    redact("jag heter Anna", numbers)
    assert redact("jag heter Ali", numbers).text == "jag heter <person_name_2>"


def test_a_typed_placeholder_is_escaped() -> None:
    assert redact("visa <person_name_1> och <phone_number_2>").text == "visa ‹person_name_1> och ‹phone_number_2>"


def test_found_tells_where_the_value_stood() -> None:
    text = "hej\u200b! ring 070-174 06 05"
    found = redact(text).found[0]
    assert text[found.start : found.end] == "070-174 06 05"


def test_the_record_of_the_command_line() -> None:
    assert redact_record("jag heter Anna") == {
        "text": "jag heter Anna", "redacted": "jag heter <person_name_1>", "found": ["person_name"],
    }  # fmt: skip
