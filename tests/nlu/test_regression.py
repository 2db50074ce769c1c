"""The gate: what the trained model understands may not get worse. Labelled apart from the training data.

A failure names the messages. Mend the data or the rules; a floor is lowered only with a reason in the commit.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from bot.nlu.engine import Engine
from bot.nlu.evaluate import answer
from bot.nlu.figures import ALL, OUT_OF_SCOPE, Figures, figures
from bot.nlu.labelled import Labelled, read
from bot.settings import ROOT, Settings

pytestmark = pytest.mark.end_to_end

SETS = ROOT / "tests" / "data" / "nlu"
ACCURACY = 0.93
INTENT_RECALL = 0.7
"""About twenty messages an intent: each may lose some by chance, none may sink."""
MOST_REFUSED = 0.03
OUT_OF_SCOPE_RECALL = 0.93
ENTITY_F1 = {
    "municipality": 0.98, "age": 0.97, "programme": 0.95, "education_type": 0.97, "provider": 0.96, "time": 0.96,
    "person_name": 0.95, "phone_number": 0.98, "email": 0.98,
}  # fmt: skip
LANGUAGE_RECALL = 0.95


@cache
def _rows(folder: str) -> tuple[Labelled, ...]:
    files = sorted((ROOT / "tests" / "data" / folder).glob("*.jsonl"))
    return tuple(row for file in files for row in read(file))


@pytest.fixture(scope="session")
def understood(running_engine: Engine, engine_settings: Settings) -> Figures:
    """Intents of the labelled messages."""
    return _figures(list(_rows("nlu")), running_engine, engine_settings)


@pytest.fixture(scope="session")
def found(running_engine: Engine, engine_settings: Settings) -> Figures:
    """Entities of the labelled messages."""
    return _figures(list(_rows("entities")), running_engine, engine_settings)


def _figures(rows: list[Labelled], engine: Engine, settings: Settings) -> Figures:
    return figures(rows, answer(engine.parse, rows, settings), 1.0, 1.0)


def test_no_message_of_the_crisis_list_is_missed(running_engine: Engine, engine_settings: Settings) -> None:
    rows = read(SETS / "crisis.jsonl")
    answers = answer(running_engine.parse, rows, engine_settings)
    missed = [
        f"{row.text!r} is {given['intent']}"
        for row, given in zip(rows, answers, strict=True)
        if not str(given["intent"]).startswith("crisis_")
    ]
    assert not missed, "Danger that the model no longer sees:\n" + "\n".join(missed)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_intents_are_understood(understood: Figures, language: str) -> None:
    scope = understood.scope[language]
    assert scope.accuracy is not None
    assert scope.accuracy >= ACCURACY, _wrong(understood)


def test_no_intent_falls_below_its_floor(understood: Figures) -> None:
    weak = {
        name: score.recall
        for (name, language), score in understood.intents.items()
        if language == ALL and name != OUT_OF_SCOPE and score.wanted and score.recall < INTENT_RECALL
    }
    assert not weak, f"{weak}\n{_wrong(understood, weak)}"


def test_out_of_scope_is_refused_and_little_else(understood: Figures) -> None:
    scope = understood.scope[ALL]
    assert scope.out_of_scope_recall is not None
    assert scope.refused is not None
    assert scope.out_of_scope_recall >= OUT_OF_SCOPE_RECALL, _wrong(understood, {OUT_OF_SCOPE: 0.0})
    assert scope.refused <= MOST_REFUSED, _wrong(understood)


@pytest.mark.parametrize("kind", sorted(ENTITY_F1))
def test_entities_keep_their_floor(found: Figures, kind: str) -> None:
    score = found.entities[(kind, ALL)]
    wrong = [f"{text!r}: {wanted or '-'}, found {given or '-'}" for what, text, wanted, given in found.wrong_entities
             if what == kind]  # fmt: skip
    assert score.f1 >= ENTITY_F1[kind], f"{kind} {score.f1:.3f}\n" + "\n".join(wrong)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_language_is_known(understood: Figures, language: str) -> None:
    assert understood.languages[language].recall >= LANGUAGE_RECALL


def _wrong(understood: Figures, only: dict[str, Any] | None = None) -> str:
    lines = [
        f"{text!r}: {one.wanted}, understood as {one.given}"
        for one in understood.confusions
        for text in one.texts
        if only is None or one.wanted in only
    ]
    return "\n".join(lines[:60])
