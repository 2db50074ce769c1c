"""Replaces what identifies a person by typed placeholders, before anything but the vault keeps the text.

Called by the inbox, the counsellors' thread and the command line. What is found and how well: docs/redaction.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from bot.safety.redaction.addresses import find_addresses, find_classes
from bot.safety.redaction.answers import name_in_answer
from bot.safety.redaction.contacts import find_emails, find_handles
from bot.safety.redaction.names import find_names
from bot.safety.redaction.personal import age, find_birth_dates, find_cards, find_personal_numbers
from bot.safety.redaction.phones import find_phones
from bot.safety.redaction.spans import FILLER, Kind, Span, View, hide, view_of

# Finding one value can lay bare another (two numbers written as one); three rounds are more than any text needed.
_ROUNDS = 3
_LOOK_ALIKE = re.compile(r"<(?=[^\W\d]++\d)")
_PLACEHOLDER = re.compile(r"[<‹](?:" + "|".join(Kind) + r")_\d{1,4}>")
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"@]{1,300}", re.IGNORECASE)
_STRONG = frozenset({Kind.EMAIL, Kind.PHONE_NUMBER, Kind.PERSONAL_NUMBER, Kind.CARD})


class Numbering(Protocol):
    """Gives the number in a placeholder; the same value of a kind keeps its number."""

    def number(self, kind: str, value: str) -> int:
        """Return the number of a value, 1 for the first of its kind."""


@dataclass(frozen=True)
class Found:
    """A value that was replaced: where it stood in the text that was given, and its standard form."""

    kind: str
    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Derived:
    """What the dialogue may know of a hidden value: the age from a date of birth."""

    entity: str
    value: str


@dataclass(frozen=True)
class Redaction:
    """The text with placeholders, what they stand for in order of appearance, and what may be known."""

    text: str
    found: tuple[Found, ...]
    entities: tuple[Derived, ...] = ()


class MessageNumbering:
    """Numbers the placeholders of one text alone."""

    def __init__(self) -> None:
        self._values: dict[str, list[str]] = {}

    def number(self, kind: str, value: str) -> int:
        """Return the number of a value, 1 for the first of its kind."""
        known = self._values.setdefault(kind, [])
        if value not in known:
            known.append(value)
        return known.index(value) + 1


def redact(
    text: str, numbering: Numbering | None = None, expecting: str | None = None, today: date | None = None
) -> Redaction:
    """Replace personal data by placeholders such as `<phone_number_1>`; never raises.

    Args:
        text: what a person wrote.
        numbering: numbers of the conversation; None numbers this text alone.
        expecting: what the bot has just asked for (`person_name`, `phone_number` or `email`): a bare answer is that.
        today: the day on which ages hold; None is the machine's day.
    """
    today = today or date.today()
    numbers = numbering or MessageNumbering()
    view = view_of(text)
    spans = _find(view, expecting, today)
    parts: list[str] = []
    found: list[Found] = []
    position = 0
    for span in spans:
        start, end = view.origin[span.start], view.origin[span.end]
        parts += [_escaped(text[position:start]), f"<{span.kind}_{numbers.number(span.kind, span.value)}>"]
        found.append(Found(str(span.kind), span.value, start, end))
        position = end
    parts.append(_escaped(text[position:]))
    return Redaction("".join(parts), tuple(found), _derived(spans, today))


def redact_record(text: str) -> dict[str, Any]:
    """Return what `bot safety redact` prints for a text."""
    redaction = redact(text)
    return {"text": text, "redacted": redaction.text, "found": [found.kind for found in redaction.found]}


def _escaped(text: str) -> str:
    """A typed look-alike must not be taken for a placeholder of the vault."""
    return _LOOK_ALIKE.sub("‹", text)


def _find(view: View, expecting: str | None, today: date) -> list[Span]:
    text = _PLACEHOLDER.sub(lambda match: FILLER * len(match[0]), view.text)
    spans: list[Span] = []
    for _ in range(_ROUNDS):
        news = _round(text, expecting, today)
        if not news:
            break
        spans += news
        text = hide(text, news)
    return sorted(spans, key=lambda span: span.start)


def _round(text: str, expecting: str | None, today: date) -> list[Span]:
    """Run the finders, the surest first; what one has found is hidden from the next."""
    taken: list[Span] = []

    def take(found: Iterable[Span]) -> None:
        nonlocal text
        letters = list(text)
        for span in found:
            place = slice(span.start, span.end)
            if span.end > span.start and FILLER not in letters[place]:
                taken.append(span)
                letters[place] = FILLER * (span.end - span.start)
        text = "".join(letters)

    finders: tuple[Callable[[str], Iterable[Span]], ...] = (
        lambda part: find_emails(part, lenient=expecting == Kind.EMAIL),
        find_cards,
        find_personal_numbers,
        lambda part: find_phones(part, lenient=expecting == Kind.PHONE_NUMBER),
        lambda part: find_birth_dates(part, today),
    )
    for finder in finders:
        take(list(finder(text)))
    take(_repeated(text, taken))
    text = _LINK.sub(lambda match: FILLER * len(match[0]), text)
    take(list(find_handles(text)))
    take(list(find_addresses(text)))
    take(list(find_classes(text)))
    if expecting == Kind.PERSON_NAME and (place := name_in_answer(text)):
        take([Span(Kind.PERSON_NAME, text[slice(*place)], *place)])
    take(list(find_names(text)))
    return taken


def _repeated(text: str, spans: list[Span]) -> list[Span]:
    """Find the same value where nothing beside it tells what it is."""
    found: list[Span] = []
    for kind, value in {(span.kind, span.value) for span in spans if span.kind in _STRONG}:
        for match in re.finditer(rf"(?<!\d){re.escape(value)}(?!\d)", text, re.IGNORECASE):
            found.append(Span(kind, value, *match.span()))
    return found


def _derived(spans: list[Span], today: date) -> tuple[Derived, ...]:
    for span in spans:
        if span.kind == Kind.BIRTH_DATE:
            return (Derived("age", str(age(date.fromisoformat(span.value), today))),)
    return ()
