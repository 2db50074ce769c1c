"""Programmes by what somebody wrote: an occupation, inflected, misspelt, in either language."""

from __future__ import annotations

import pytest

from bot.catalogue.service import Catalogue


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("elektriker", ["EE"]),
        ("Elektrikern!", ["EE"]),
        ("elektrikker", ["EE"]),
        ("jag vill bli undersköterska", ["VO"]),
        ("undersköterskor", ["VO"]),
        ("undersjöterska", ["VO"]),
        ("snickarna", ["BA"]),
        ("frisörer", ["FR"]),
        ("rormokare", ["VF"]),
        ("bygg & anläggning", ["BA"]),
        ("Barn- och fritidsprogrammet", ["BF"]),
        ("hairdressers", ["FR"]),
        ("carpenters or electricians", ["BA", "EE"]),
        ("car mechanic", ["FT"]),
        ("handel", ["FS"]),
        ("vet inte", []),
        ("in", []),
        ("", []),
        ("?!", []),
    ],
)
def test_words_mean_programmes(shipped: Catalogue, text: str, codes: list[str]) -> None:
    assert shipped.programmes_in(text) == codes


def test_a_story_is_no_answer(shipped: Catalogue) -> None:
    assert shipped.programmes_in("min kompis är elektriker och " * 9) == []
