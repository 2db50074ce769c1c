"""`bot nlu evaluate`: measure the model on labelled messages, as text and as a page with plots."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Any

from bot.nlu.engine import Parse, engine
from bot.nlu.figures import ALL, OUT_OF_SCOPE, Figures, Scope, Score, figures
from bot.nlu.labelled import Labelled
from bot.nlu.predict import BATCH, records
from bot.nlu.report import page
from bot.settings import Settings

_ALONE = 40
"""Messages asked one by one to learn what a single one costs."""


def evaluate(
    settings: Settings, dialogue_python: Path, rows: list[Labelled], html: Path | None, say: Callable[[str], None]
) -> Figures:
    """Print the figures of these messages, and write them as a page where `html` names a file.

    Raises:
        EngineFailed: the model does not load.
    """
    with engine(settings, dialogue_python) as running:
        began = time.monotonic()
        answers = answer(running.parse, rows, settings)
        seconds = time.monotonic() - began
        alone = statistics.median(_milliseconds(running.parse, row, settings) for row in rows[:_ALONE])
        megabytes = running.megabytes()
    found = figures(rows, answers, seconds, alone)
    for line in lines(found):
        say(line)
    say(f"memory of the engine: {megabytes:.0f} MB")
    if html is not None:
        html.write_text(page(found), encoding="utf-8")
        say(f"report: {html}")
    return found


def answer(parse: Parse, rows: list[Labelled], settings: Settings) -> list[dict[str, Any]]:
    """Ask for all messages in their order, in batches of the same moment."""
    answers: list[dict[str, Any]] = []
    today = settings.clock().date()
    for now, group in groupby(rows, key=lambda row: row.now):
        texts = [row.text for row in group]
        for start in range(0, len(texts), BATCH):
            answers += records(parse, texts[start : start + BATCH], today, now)
    return answers


def _milliseconds(parse: Parse, row: Labelled, settings: Settings) -> float:
    began = time.perf_counter()
    records(parse, [row.text], settings.clock().date(), row.now)
    return (time.perf_counter() - began) * 1000


def lines(found: Figures) -> list[str]:
    """The figures as text for a terminal."""
    out = [f"{found.messages} messages, {found.per_second:.0f} a second, {found.milliseconds:.0f} ms one by one"]
    out += [f"{name:4} {_scope_line(scope)}" for name, scope in found.scope.items()]
    if found.bins:
        out.append(f"calibration error {found.calibration_error:.3f}")
    out += [f"language {name:3} {_score_line(score)}" for name, score in found.languages.items()]
    out += [
        f"{kind:16} {language:4} {_score_line(score)}" for (kind, language), score in sorted(found.entities.items())
    ]
    weak = sorted((score.f1, name, score) for (name, language), score in found.intents.items() if language == ALL)
    out += [f"weakest intent: {name} {_score_line(score)}" for _, name, score in weak[:8]]
    out += [
        f"confused: {one.wanted} -> {one.given} ({len(one.texts)}), such as: {one.texts[0]}"
        for one in found.confusions[:10]
    ]
    return out


def _scope_line(scope: Scope) -> str:
    parts = []
    if scope.accuracy is not None and scope.refused is not None:
        parts.append(f"accuracy in scope {scope.accuracy:.3f} of {scope.in_scope}, refused {scope.refused:.3f}")
    if scope.out_of_scope_recall is not None:
        parts.append(f"{OUT_OF_SCOPE} recall {scope.out_of_scope_recall:.3f} of {scope.out_of_scope}")
    return ", ".join(parts)


def _score_line(score: Score) -> str:
    return f"P {score.precision:.3f} R {score.recall:.3f} F1 {score.f1:.3f} of {score.wanted}"
