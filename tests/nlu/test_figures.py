"""Figures of an evaluation against numbers worked out by hand, and the page made of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.nlu.figures import ALL, figures
from bot.nlu.labelled import BadLabels, Labelled, read
from bot.nlu.predict import records
from bot.nlu.report import page


def answer(intent: str, confidence: float, language: str = "sv", **entities: str) -> dict[str, Any]:
    return {"intent": intent, "confidence": confidence, "language": language, "entities": entities}


ROWS = [
    Labelled("hej", "sv", "greet", {}),
    Labelled("tack <b>så</b> mycket", "sv", "thank", {"municipality": "Motala"}),
    Labelled("hello", "en", "greet", {"municipality": "Kinda"}),
    Labelled("blir det snö", "sv", "nlu_fallback", {}),
]
ANSWERS = [
    answer("greet", 0.95),
    answer("greet", 0.55, municipality="Motala"),
    answer("greet", 0.85, "en", municipality="Motala"),
    answer("nlu_fallback", 0.75),
]


def test_scope_and_intents_by_hand() -> None:
    found = figures(ROWS, ANSWERS, 2.0, 12.0)
    assert found.per_second == 2.0
    assert (found.scope[ALL].in_scope, found.scope[ALL].accuracy) == (3, pytest.approx(2 / 3))
    assert found.scope["sv"].accuracy == 0.5
    assert found.scope["sv"].out_of_scope_recall == 1.0
    assert found.scope["en"].out_of_scope_recall is None
    greet = found.intents[("greet", ALL)]
    assert (greet.precision, greet.recall) == (pytest.approx(2 / 3), 1.0)
    assert found.intents[("thank", ALL)].recall == 0.0
    (confusion,) = found.confusions
    assert (confusion.wanted, confusion.given, confusion.texts) == ("thank", "greet", ("tack <b>så</b> mycket",))


def test_the_calibration_error_is_the_mean_gap_by_hand() -> None:
    found = figures(ROWS, ANSWERS, 1.0, 1.0)
    # Gaps of four bins with one message each: 0.05, 0.55, 0.15 and 0.25.
    assert found.calibration_error == pytest.approx(0.25)
    assert [one.count for one in found.bins] == [1, 1, 1, 1]


def test_a_wrong_value_is_a_false_alarm_and_a_miss() -> None:
    score = figures(ROWS, ANSWERS, 1.0, 1.0).entities[("municipality", ALL)]
    assert (score.hits, score.false, score.missed, score.f1) == (1, 1, 1, 0.5)


def test_what_is_not_judged_counts_neither_way() -> None:
    rows = [Labelled("kinda", "en", None, {}, frozenset({"municipality"})), Labelled("hej", "sv", "greet")]
    found = figures(rows, [answer("greet", 1.0, municipality="Kinda"), answer("greet", 1.0, age="17")], 1.0, 1.0)
    assert found.entities == {}
    assert found.scope[ALL].in_scope == 1


def test_the_page_is_one_file_with_plots_tables_and_escaped_messages() -> None:
    html = page(figures(ROWS, ANSWERS, 1.0, 1.0))
    assert html.count("<svg") == 4
    assert "&lt;b&gt;så&lt;/b&gt;" in html
    assert "<b>så</b>" not in html
    assert "http://" not in html.replace("http://www.w3.org/2000/svg", "")
    assert "<script" not in html
    assert "out of scope" in html
    assert "nlu_fallback" not in html


def test_labels_are_read_and_a_kind_that_a_file_never_labels_is_not_judged(tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text(
        '{"text": "hej", "lang": "sv", "entities": {"age": 17}}\n\n{"text": "yo", "lang": "en", "entities": {}}\n'
    )
    first, second = read(file)
    assert first.entities == {"age": "17"}
    assert first.judges("age")
    assert second.judges("age")
    assert not second.judges("time")


def test_a_line_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text('{"text": "hej"}\n{"text": "hej", "entities": {"shoe_size": "38"}}\n')
    with pytest.raises(BadLabels, match="line 2: there is no entity shoe_size"):
        read(file)


def test_names_numbers_and_ages_are_resolved_in_what_is_shown() -> None:
    seen: list[str] = []

    def parse(texts: list[str], now: str | None = None) -> list[dict[str, Any]]:
        seen.extend(texts)
        kinds = ("person_name", "phone_number", "email")
        return [
            {
                "language": "sv",
                "intent": "inform",
                "ranking": [{"name": "inform", "confidence": 0.9}],
                "entities": [{"entity": kind, "value": f"<{kind}_1>"} for kind in kinds],
            }
            for _ in texts
        ]

    text = "jag heter Sara, född 2008-12-01, 070-222 33 44, Sara@mail.se"
    (record,) = records(parse, [text], date(2026, 10, 21))
    assert record["text"] == text
    assert "Sara" not in seen[0]
    assert "2008" not in seen[0]
    assert record["entities"] == {
        "person_name": "Sara", "phone_number": "+46702223344", "email": "sara@mail.se", "age": "17",
    }  # fmt: skip
    (later,) = records(parse, [text], date(2026, 10, 21), "2026-12-02T10:00:00+01:00")
    assert later["entities"]["age"] == "18"
