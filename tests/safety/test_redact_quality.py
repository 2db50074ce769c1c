"""Redaction on labelled messages, on any text at all, and on texts made to be slow."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import re._constants as constants  # type: ignore[import-untyped]
import re._parser as parser  # type: ignore[import-untyped]
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

import bot.safety.redaction
from bot.safety.redact import redact

TODAY = date(2026, 11, 10)
DATA = Path(__file__).parent / "data"
ROOT = Path(__file__).parents[2]
STRONG = {"phone_number", "email", "personal_number", "card"}


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def recalls(name: str) -> tuple[dict[str, float], float, list[str]]:
    """Return recall by kind, the share of must-keep strings harmed, and the messages with a miss."""
    hits, total = Counter[str](), Counter[str]()
    kept = harmed = 0
    misses = []
    for row in rows(name):
        redaction = redact(row["text"], today=TODAY)
        found = [[f.kind, f.value] for f in redaction.found]
        for kind, value in row["found"]:
            total[kind] += 1
            hits[kind] += [kind, value] in found
            if [kind, value] not in found:
                misses.append(row["text"])
        kept += len(row["keep"])
        harmed += sum(text not in redaction.text for text in row["keep"])
    return {kind: hits[kind] / total[kind] for kind in total}, harmed / kept, misses


def reaches_the_bars(shares: dict[str, float], harmed: float, misses: list[str], others: float) -> None:
    bars = {"person_name": 0.95, **dict.fromkeys(STRONG, 1.0)}
    for kind, share in shares.items():
        assert share >= bars.get(kind, others), (kind, misses)
    assert harmed <= 0.02


@pytest.mark.parametrize("name", ["redact_labelled.jsonl", "redact_unseen.jsonl"])
def test_labelled_messages_reach_the_bars(name: str) -> None:
    reaches_the_bars(*recalls(name), others=0.95)


def shares_hidden(name: str) -> tuple[dict[str, float], float, list[str]]:
    """Return the share of pieces that are hidden to the last letter by kind, of keep strings harmed, and the misses.

    Of a name the genitive ending may stay.
    """
    hidden, total = Counter[str](), Counter[str]()
    kept = harmed = 0
    misses = []
    for row in rows(name):
        text, redaction = row["text"], redact(row["text"], today=TODAY)
        places = {place for found in redaction.found for place in range(found.start, found.end)}
        position = 0
        for kind, piece in row["found"]:
            start = text.index(piece, position)
            position = start + len(piece)
            end = position - (kind == "person_name" and piece.endswith("s"))
            seen = [text[place] for place in range(start, end) if text[place].isalnum() and place not in places]
            total[kind] += 1
            hidden[kind] += not seen
            misses += [f"{piece}: {text}"] if seen else []
        kept += len(row["keep"])
        harmed += sum(piece not in redaction.text for piece in row["keep"])
    return {kind: hidden[kind] / total[kind] for kind in total}, harmed / kept, misses


@pytest.mark.parametrize("name", ["redact_written.jsonl", "redact_unseen_second.jsonl"])
def test_what_others_wrote_is_hidden_to_the_bars(name: str) -> None:
    reaches_the_bars(*shares_hidden(name), others=0.85)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("min bror björn tror han ska bli kock", "min bror <person_name_1> tror han ska bli kock"),
        ("jag o ask har startat band", "jag o <person_name_1> har startat band"),
        ("rose from mjölby again", "<person_name_1> from mjölby again"),
        ("Chidera, 19, vill plugga", "<person_name_1>, 19, vill plugga"),
        ("jag jobbar med Thongchai nu", "jag jobbar med <person_name_1> nu"),
        ("tack hej då saga", "tack hej då <person_name_1>"),
        ("min granne skrek", "min granne skrek"),
        ("flyttade till Sarajevo i maj", "flyttade till Sarajevo i maj"),
        ("jobbar på Securitas nu", "jobbar på Securitas nu"),
        ("när öppnar Nya Munken", "när öppnar Nya Munken"),
        ("det är _jätte_ viktigt", "det är _jätte_ viktigt"),
        ("blockera knas_bengt99 tack", "blockera <handle_1> tack"),
        ("gick VO21 i fyra veckor", "gick <class_1> i fyra veckor"),
    ],
)
def test_a_word_is_a_name_where_its_place_says_so(text: str, masked: str) -> None:
    assert redact(text).text == masked


def test_the_labelled_messages_are_many_and_of_every_kind() -> None:
    labelled = rows("redact_labelled.jsonl")
    assert len(labelled) >= 200
    assert len({kind for row in labelled for kind, _ in row["found"]}) == 9


def test_every_name_in_the_catalogue_of_schools_and_places_stays() -> None:
    names = []
    for file in sorted((ROOT / "data" / "catalogue").glob("*.yml")):
        for rows_of_file in yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader).values():
            names += (
                [row["name"] for row in rows_of_file if isinstance(row, dict) and "name" in row]
                if isinstance(rows_of_file, list)
                else []
            )
    assert len(names) > 50
    harmed = [name for name in names for text in (f"finns det plats på {name} nu", name.lower()) if redact(text).found]
    assert len(harmed) <= 0.02 * len(names), harmed


pieces = st.sampled_from(
    [piece for row in rows("redact_labelled.jsonl") for piece in (row["text"], *(value for _, value in row["found"]))]
)
texts = st.one_of(
    st.text(max_size=200),
    st.text(alphabet="0123456789 -+./()@<>_åaAnN:", max_size=80),
    st.lists(st.one_of(pieces, st.text(max_size=8)), max_size=4).map(" ".join),
)


@settings(max_examples=400, deadline=None)
@given(texts, st.sampled_from([None, "person_name", "phone_number", "email", "x"]))
@example("\ud800 0701740605", None)
@example("<person_name_0701740605>", None)
def test_any_text_is_redacted_and_its_parts_add_up(text: str, expecting: str | None) -> None:
    redaction = redact(text, expecting=expecting, today=TODAY)
    position = 0
    for found in redaction.found:
        assert position <= found.start < found.end <= len(text)
        position = found.end
    assert len(re.findall(r"<[a-z_]+_\d+>", redaction.text)) == len(redaction.found)


@settings(max_examples=300, deadline=None)
@given(texts)
def test_no_value_that_was_found_is_left_in_the_text(text: str) -> None:
    redaction = redact(text, today=TODAY)
    for found in redaction.found:
        if found.kind in STRONG:
            assert not re.search(rf"(?<![\w.+-]){re.escape(found.value)}(?![\w])", redaction.text, re.IGNORECASE)


@settings(max_examples=300, deadline=None)
@given(st.lists(pieces, min_size=1, max_size=3).map(" ".join))
def test_a_redacted_text_has_nothing_more_to_redact(text: str) -> None:
    once = redact(text, today=TODAY).text
    twice = redact(once, today=TODAY)
    assert twice.found == ()
    assert twice.text == re.sub(r"<(?=[a-z_]+_\d+>)", "‹", once)


def lines_run(text: str) -> int:
    """Count the lines of Python that a redaction runs: a measure of work that no clock blurs."""
    count = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal count
        if "redact" not in frame.f_code.co_filename:
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        redact(text, today=TODAY)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize(
    "piece",
    [
        "0",
        "0 ",
        "07 ",
        "a.",
        "a@",
        "<a1",
        "Anna ",
        "jag heter ",
        "ett två ",
        "snap: x",
        "storgatan 1 ",
        "12-",
        "(",
        "+46 ",
        "a at ",
    ],
)
def test_twice_the_text_is_at_most_about_twice_the_work(piece: str) -> None:
    redact(piece * 200)
    once, twice = lines_run(piece * 200), lines_run(piece * 400)
    assert twice <= 2.5 * once + 500


def patterns() -> list[tuple[str, re.Pattern[str]]]:
    found = []
    for info in pkgutil.iter_modules(bot.safety.redaction.__path__):
        module = importlib.import_module(f"bot.safety.redaction.{info.name}")
        for name, value in vars(module).items():
            members = value if isinstance(value, tuple) else (value,)
            found += [(f"{info.name}.{name}", member) for member in members if isinstance(member, re.Pattern)]
    return found


def nested(tree: Any, inside: bool = False) -> bool:
    """Whether a repetition without end stands inside another: the form that can take for ever."""
    for operator, argument in tree:
        if operator in (constants.MAX_REPEAT, constants.MIN_REPEAT):
            endless = argument[1] is constants.MAXREPEAT
            if (endless and inside) or nested(argument[2], inside or endless):
                return True
        elif operator is constants.POSSESSIVE_REPEAT:
            # Gives nothing back, so it multiplies no work.
            continue
        elif operator is constants.BRANCH:
            if any(nested(branch, inside) for branch in argument[1]):
                return True
        elif operator is constants.SUBPATTERN and nested(argument[3], inside):
            return True
    return False


def test_no_pattern_repeats_without_end_inside_a_repetition_without_end() -> None:
    # The answer patterns see at most 40 and 80 characters.
    bounded = {"answers._TAIL", "answers._SHAPE", "contacts._ANSWER"}
    assert nested(parser.parse(r"(?:a+)+"))
    assert [
        name
        for name, pattern in patterns()
        if name not in bounded and nested(parser.parse(pattern.pattern, pattern.flags))
    ] == []
    assert len(patterns()) > 20
