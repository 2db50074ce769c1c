"""Texts and buttons fit Telegram's limits and lose nothing."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.layout import MAX_UNITS, Link, escape, keyboard, split, units


def _buttons(*titles: str) -> list[dict[str, str]]:
    return [{"title": title, "token": f"t{number}"} for number, title in enumerate(titles)]


def test_a_short_text_stays_one_message() -> None:
    assert split("Hej!\n\nHur är det?") == ["Hej!\n\nHur är det?"]


def test_a_long_text_is_cut_between_paragraphs() -> None:
    first, second = "a" * 2500, "b" * 2500
    assert split(f"{first}\n\n{second}") == [first, second]


def test_a_long_paragraph_is_cut_after_a_sentence() -> None:
    sentence = "Det här är en mening. "
    parts = split(sentence * 300)
    assert len(parts) > 1
    assert all(part.endswith("mening.") for part in parts)


def test_a_sentence_without_an_end_is_cut_between_words() -> None:
    parts = split("ord " * 2000)
    assert all(part.startswith("ord") and part.endswith("ord") for part in parts)


def test_a_character_of_two_units_is_never_halved() -> None:
    parts = split("😀" * 3000)
    assert [units(part) for part in parts] == [4096, 1904]
    assert "".join(parts) == "😀" * 3000


@given(st.text(alphabet=st.sampled_from("ab. \n😀å<&"), max_size=300), st.integers(min_value=20, max_value=80))
def test_every_part_fits_and_no_word_is_lost(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(units(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_the_limit_counts_what_is_left_after_parsing() -> None:
    assert len(split("&" * MAX_UNITS)) == 1


@given(st.text())
def test_what_is_escaped_reads_as_it_was_written(text: str) -> None:
    assert html.unescape(escape(text)) == html.unescape(html.escape(text, quote=False))
    assert "<" not in escape(text)


def test_short_buttons_stand_two_a_row_and_long_ones_alone() -> None:
    rows = keyboard(_buttons("Ja", "Nej", "Prata med en människa", "Meny"))
    assert rows == [
        [("Ja", "t0"), ("Nej", "t1")],
        [("Prata med en människa", "t2")],
        [("Meny", "t3")],
    ]


def test_no_buttons_are_no_keyboard() -> None:
    assert keyboard([]) is None


@pytest.mark.parametrize("token", ["", "x" * 65, "å" * 33])
def test_a_token_that_telegram_would_refuse_is_a_fault_of_ours(token: str) -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        keyboard([{"title": "Ja", "token": token}])


def test_a_token_of_64_bytes_is_taken() -> None:
    assert keyboard([{"title": "Ja", "token": "å" * 32}]) == [[("Ja", "å" * 32)]]


def test_a_button_that_opens_a_page_carries_its_address_in_place_of_a_token() -> None:
    rows = keyboard([{"title": "Mer", "token": "abc"}, {"title": "Karta", "url": "https://maps.example/?a=1"}])
    assert rows == [[("Mer", "abc"), ("Karta", "https://maps.example/?a=1")]]
    assert rows is not None
    assert [isinstance(data, Link) for _, data in rows[0]] == [False, True]
