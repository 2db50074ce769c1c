"""What a young person will see after an edit: the bubbles in both languages, with how easy they are to read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from bot import plain
from bot.catalogue.bubbles import card_bubble
from bot.catalogue.cards import provider_card
from bot.catalogue.compose import Composed
from bot.catalogue.entries import Municipality, Provider
from bot.catalogue.snapshot import Snapshot
from bot.console.desk import Desk
from bot.languages import Language
from bot.names import Response
from bot.plain import Reading
from bot.texts import Texts

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_PIECES: Mapping[str, Response] = {
    "last_day": Response.UTTER_PART_LAST_DAY_ANY,
    "first_day": Response.UTTER_PART_FIRST_DAY_ANY,
    "year_18": Response.UTTER_PART_YEAR_18_ANY,
}


@dataclass(frozen=True)
class Preview:
    """One bubble in one language."""

    language: Language
    text: str
    reading: Reading


def provider(desk: Desk, made: Composed, key: str, today: date) -> list[Preview]:
    """Return the bubbles of a school."""
    content = made.content
    found: Provider | None = next((one for one in content.providers if one.id == key), None)
    if found is None:
        return []
    snapshot = Snapshot(
        version=None,
        municipalities={place.name: place for place in content.municipalities},
        localities=content.localities,
        programmes={one.code: one for one in content.programmes},
        providers=content.providers,
    )
    card = provider_card(snapshot, found, today)
    shown = []
    for language in Language:
        response, values = card_bubble(card, language, desk.kind_names[card.kind][language])
        shown.append(_said(desk, response, language, values))
        note = card.note_text(language)
        if note:
            shown.append(_measured(note, language))
    return sorted(shown, key=lambda one: one.language != Language.SV)


def municipality(desk: Desk, made: Composed, key: str) -> list[Preview]:
    """Return what is said of a municipality's komvux and its duty to the young."""
    found: Municipality | None = next((one for one in made.content.municipalities if one.code == key), None)
    if found is None or found.card is None:
        return []
    return [
        _measured(text, language)
        for language in Language
        for text in (getattr(found.card.kaa_advice, language), _said_komvux(desk, found, language))
    ]


def _said_komvux(desk: Desk, found: Municipality, language: Language) -> str:
    return desk.services.texts.say(Response.UTTER_KOMVUX_ADVICE, language, place=found.name).text


def fact(desk: Desk, key: str) -> list[Preview]:
    """Return the bubbles that state a fact, with the days as they are said to somebody whose age is not known."""
    texts = desk.services.texts
    return [
        _measured(_PLACEHOLDER.sub(partial(_piece, texts, language), text), language)
        for language in Language
        for text in texts.stating(key).get(language, ())
    ]


def _piece(texts: Texts, language: Language, found: re.Match[str]) -> str:
    name = found[1]
    if name == "source":
        return ""  # the line under the answer, which is not measured
    return texts.say(_PIECES[name], language).text if name in _PIECES else "…"


def _said(desk: Desk, response: Response, language: Language, values: Mapping[str, Any]) -> Preview:
    return _measured(desk.services.texts.say(response, language, **values).text, language)


def _measured(text: str, language: Language) -> Preview:
    return Preview(language, text, plain.read(text, language))
