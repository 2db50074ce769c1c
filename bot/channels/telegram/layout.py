"""How a bubble looks in Telegram: escaped, split at Telegram's limit, with its rows of buttons.

Used by the sender. Limits: core.telegram.org/bots/api#sendmessage (4096 UTF-16 units after parsing)
and #inlinekeyboardbutton (callback_data 1 to 64 bytes).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

MAX_UNITS = 4096
MAX_CALLBACK_BYTES = 64
# Longer titles than this get a row of their own, or they are cut on a narrow phone.
LONG_TITLE = 20

# Where to break, best first: between paragraphs, lines, sentences, words.
_BREAKS = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"(?<=[.!?…])\s+"), re.compile(r"\s+"))

Keyboard = list[list[tuple[str, str]]]
"""Rows of (title, callback data), or (title, `Link`)."""


class Link(str):
    """A page that a button opens, in place of callback data."""

    __slots__ = ()


def units(text: str) -> int:
    """Return the length of a text as Telegram counts it: in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def escape(text: str) -> str:
    """Escape a text for Telegram's HTML mode; only these three characters matter outside tags."""
    return html.escape(text, quote=False)


def split(text: str, limit: int = MAX_UNITS) -> list[str]:
    """Cut a text into parts that Telegram takes, at a paragraph if possible, then a sentence.

    Counted before escaping: Telegram counts what is left after parsing. Never empty.
    """
    rest = text.strip()
    parts: list[str] = []
    while units(rest) > limit:
        head = _head(rest, limit)
        cut = _best_break(head, rest)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest or not parts else parts


def _head(text: str, limit: int) -> str:
    """Return the longest beginning within the limit; never half of a character outside the BMP."""
    end = min(len(text), limit)
    while units(text[:end]) > limit:
        end -= max(1, (units(text[:end]) - limit) // 2)
    return text[:end]


def _best_break(head: str, text: str) -> int:
    for pattern in _BREAKS:
        # One character more than fits: a break right after the head is the best of all.
        places = [match for match in pattern.finditer(text[: len(head) + 1]) if match.start() <= len(head)]
        # A break in the first quarter would leave a scrap; the next finer one is better.
        if places and places[-1].start() >= len(head) // 4:
            return places[-1].start()
    return len(head)


def keyboard(buttons: Sequence[Mapping[str, Any]]) -> Keyboard | None:
    """Arrange buttons: long titles one a row, short ones two a row. None when there are none.

    Raises:
        ValueError: a token is longer than Telegram allows, which is a fault of ours.
    """
    rows: Keyboard = []
    for group in _grouped(buttons):
        rows.append([(str(button["title"]), _meaning(button)) for button in group])
    return rows or None


def _grouped(buttons: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    waiting: list[Mapping[str, Any]] = []
    for button in buttons:
        if len(str(button["title"])) > LONG_TITLE:
            if waiting:
                yield waiting
                waiting = []
            yield [button]
            continue
        waiting.append(button)
        if len(waiting) == 2:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _meaning(button: Mapping[str, Any]) -> str:
    return Link(button["url"]) if "url" in button else _data(str(button["token"]))


def _data(token: str) -> str:
    if not 1 <= len(token.encode()) <= MAX_CALLBACK_BYTES:
        raise ValueError("callback data must have 1 to 64 bytes")
    return token
