"""How several models of danger are asked, and counted together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from bot.safety import screen
from bot.safety.danger import Risk
from bot.safety.meaning import DOUBT, Meaning, Opinion, Vectors

NONE, SELF_HARM, VIOLENCE, THREAT, OTHER = range(5)


class Said:
    """A model that says the same of every text, and counts how often it was asked."""

    def __init__(self, danger: float, kind: int = SELF_HARM, other: float = 0.5) -> None:
        self.asked = 0
        shares = np.full(4, 1e-6)
        shares[NONE], shares[kind] = 1 - danger, danger
        self._scores = np.append(np.log(shares), np.log(other / (1 - other))).astype(np.float32)
        self.opinion = Opinion(self._embed, np.eye(5, dtype=np.float32), np.zeros(5, np.float32))

    def _embed(self, texts: Sequence[str]) -> Vectors:
        self.asked += len(texts)
        return np.tile(self._scores, (len(texts), 1))


@pytest.mark.parametrize(("danger", "asked"), [(DOUBT - 0.01, 0), (DOUBT + 0.01, 1), (0.99, 1)])
def test_the_second_is_asked_where_the_first_sees_any_danger(danger: float, asked: int) -> None:
    first, second = Said(danger), Said(0.99)
    found = Meaning(first.opinion, second.opinion).likeness("text")

    assert (first.asked, second.asked) == (1, asked)
    assert (found.danger > danger + 0.001) == bool(asked and danger < 0.9)


def test_where_a_phrase_was_found_all_are_asked() -> None:
    first, second = Said(0.001), Said(0.99)
    found = Meaning(first.opinion, second.opinion).likeness("text", thorough=True)

    assert second.asked == 1
    assert found.danger > 0.1


def test_a_plain_phrase_is_outweighed_by_all_models_or_by_none(monkeypatch: pytest.MonkeyPatch) -> None:
    both = Meaning(Said(0.001).opinion, Said(0.99).opinion)
    monkeypatch.setattr(screen, "load_meaning", lambda: both)

    assert screen.screen("jag vill dö").risk is Risk.SELF_HARM


@pytest.mark.parametrize(("one", "two"), [(0.2, 0.9), (0.06, 0.7), (0.5, 0.5)])
def test_both_count_alike(one: float, two: float) -> None:
    low, high = Said(one), Said(two)
    found = Meaning(low.opinion, high.opinion).likeness("text").danger
    turned = Meaning(high.opinion, low.opinion).likeness("text").danger

    assert found == pytest.approx(turned, abs=1e-4)
    assert one - 1e-4 <= found <= two + 1e-4
    odds = np.sqrt(one / (1 - one) * two / (1 - two))
    assert found == pytest.approx(odds / (1 + odds), abs=0.005)


def test_kind_and_person_are_those_of_the_surer_one() -> None:
    found = Meaning(Said(0.5, VIOLENCE, other=0.6).opinion, Said(0.95, SELF_HARM, other=0.01).opinion).likeness("text")

    assert found.risk is Risk.SELF_HARM
    assert not found.threat
    assert found.other < 0.5


def test_models_that_differ_on_the_kind_agree_on_danger() -> None:
    found = Meaning(Said(0.9, VIOLENCE).opinion, Said(0.9, SELF_HARM).opinion, Said(0.9, THREAT).opinion).likeness(
        "text"
    )

    assert found.danger == pytest.approx(0.9, abs=0.005)


def test_nothing_to_read_is_no_danger_and_nobody_is_asked() -> None:
    first, second = Said(0.99), Said(0.99)

    assert Meaning(first.opinion, second.opinion).likeness(" \0 ").danger == 0
    assert (first.asked, second.asked) == (0, 0)


def test_one_dangerous_part_of_a_long_message_has_the_whole_message_read_twice() -> None:
    first, second = Said(0.5), Said(0.5)
    text = " ".join(f"det här är mening nummer {number} av många." for number in range(12))
    Meaning(first.opinion, second.opinion).likeness(text)

    assert first.asked == second.asked > 1
