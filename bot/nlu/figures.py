"""How well messages were understood: pure arithmetic on labels and answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.nlu.labelled import ENTITIES, Labelled

OUT_OF_SCOPE = "nlu_fallback"
BINS = 10
Answer = dict[str, Any]


@dataclass(frozen=True)
class Score:
    """Hits, false alarms and misses of one label."""

    hits: int
    false: int
    missed: int

    @property
    def precision(self) -> float:
        """Share of what was given that was right; 0 when nothing was given."""
        return self.hits / (self.hits + self.false) if self.hits + self.false else 0.0

    @property
    def recall(self) -> float:
        """Share of what was wanted that was given; 0 when nothing was wanted."""
        return self.hits / self.wanted if self.wanted else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = 2 * self.hits + self.false + self.missed
        return 2 * self.hits / total if total else 0.0

    @property
    def wanted(self) -> int:
        """How often the label should have been given."""
        return self.hits + self.missed


@dataclass(frozen=True)
class Bin:
    """Answers of about the same confidence: how sure the model was and how often it was right."""

    low: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class Scope:
    """What became of the messages of one language; shares are None where there were no such messages."""

    in_scope: int
    accuracy: float | None
    refused: float | None
    out_of_scope: int
    out_of_scope_recall: float | None


@dataclass(frozen=True)
class Confusion:
    """One intent taken for another, and the messages it happened to."""

    wanted: str
    given: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Figures:
    """Everything that an evaluation says. Keys of intents are (intent, language), of entities (kind, language)."""

    messages: int
    scope: dict[str, Scope]
    intents: dict[tuple[str, str], Score]
    confusions: tuple[Confusion, ...]
    bins: tuple[Bin, ...]
    calibration_error: float
    languages: dict[str, Score]
    entities: dict[tuple[str, str], Score]
    wrong_entities: tuple[tuple[str, str, str, str], ...]
    """Kind, text, wanted, given."""
    per_second: float
    milliseconds: float


ALL = "all"
"""Stands for both languages in the keys of figures."""


def figures(rows: Sequence[Labelled], answers: Sequence[Answer], seconds: float, one_by_one: float) -> Figures:
    """Compare answers with labels.

    Args:
        rows: the labelled messages.
        answers: what `bot.nlu.predict.records` returned for them, in the same order.
        seconds: how long all of them took in batches.
        one_by_one: median milliseconds of a message asked alone.
    """
    pairs = list(zip(rows, answers, strict=True))
    meant = [(row, answer) for row, answer in pairs if row.intent is not None]
    bins, error = _calibration(meant)
    return Figures(
        messages=len(pairs),
        scope={name: _scope(part) for name, part in _by_language(meant).items()},
        intents=_intents(meant),
        confusions=_confusions(meant),
        bins=bins,
        calibration_error=error,
        languages=_labels(pairs, lambda row: row.language, lambda answer: str(answer["language"])),
        entities=_entities(pairs),
        wrong_entities=_wrong_entities(pairs),
        per_second=len(pairs) / seconds if seconds else 0.0,
        milliseconds=one_by_one,
    )


Pairs = list[tuple[Labelled, Answer]]


def _by_language(pairs: Pairs) -> dict[str, Pairs]:
    """All pairs, and those of each language."""
    parts: dict[str, Pairs] = {ALL: pairs} if pairs else {}
    for pair in pairs:
        parts.setdefault(pair[0].language, []).append(pair)
    return parts


def _labels(pairs: Pairs, wanted: Callable[[Labelled], str], given: Callable[[Answer], str]) -> dict[str, Score]:
    hits, false, missed = Counter[str](), Counter[str](), Counter[str]()
    for row, answer in pairs:
        right, said = wanted(row), given(answer)
        if right == said:
            hits[right] += 1
        else:
            missed[right] += 1
            false[said] += 1
    names = sorted({*hits, *missed, *false})
    return {name: Score(hits[name], false[name], missed[name]) for name in names}


def _scope(pairs: Pairs) -> Scope:
    inside = [(row.intent == answer["intent"], answer["intent"]) for row, answer in pairs if row.intent != OUT_OF_SCOPE]
    outside = [answer["intent"] == OUT_OF_SCOPE for row, answer in pairs if row.intent == OUT_OF_SCOPE]
    return Scope(
        in_scope=len(inside),
        accuracy=sum(hit for hit, _ in inside) / len(inside) if inside else None,
        refused=sum(given == OUT_OF_SCOPE for _, given in inside) / len(inside) if inside else None,
        out_of_scope=len(outside),
        out_of_scope_recall=sum(outside) / len(outside) if outside else None,
    )


def _intents(pairs: Pairs) -> dict[tuple[str, str], Score]:
    scores = {}
    for language, part in _by_language(pairs).items():
        for name, score in _labels(part, lambda row: str(row.intent), lambda answer: str(answer["intent"])).items():
            scores[(name, language)] = score
    return scores


def _confusions(pairs: Pairs) -> tuple[Confusion, ...]:
    texts: dict[tuple[str, str], list[str]] = {}
    for row, answer in pairs:
        if row.intent != answer["intent"]:
            texts.setdefault((str(row.intent), str(answer["intent"])), []).append(row.text)
    found = [Confusion(wanted, given, tuple(said)) for (wanted, given), said in texts.items()]
    return tuple(sorted(found, key=lambda one: (-len(one.texts), one.wanted, one.given)))


def _calibration(pairs: Pairs) -> tuple[tuple[Bin, ...], float]:
    """Bins of equal width and the expected calibration error: the mean gap, weighed by how many are in a bin."""
    members: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for row, answer in pairs:
        confidence = min(1.0, max(0.0, float(answer["confidence"])))
        members[min(BINS - 1, int(confidence * BINS))].append((confidence, row.intent == answer["intent"]))
    bins = []
    for place, inside in enumerate(members):
        if inside:
            mean = sum(confidence for confidence, _ in inside) / len(inside)
            bins.append(Bin(place / BINS, len(inside), mean, sum(hit for _, hit in inside) / len(inside)))
    total = sum(one.count for one in bins)
    error = sum(one.count * abs(one.confidence - one.accuracy) for one in bins) / total if total else 0.0
    return tuple(bins), error


def _entities(pairs: Pairs) -> dict[tuple[str, str], Score]:
    scores = {}
    for language, part in _by_language(pairs).items():
        for kind in ENTITIES:
            judged = [_values(row, answer, kind) for row, answer in part if row.judges(kind)]
            if any(wanted or given for wanted, given in judged):
                hits = sum(wanted == given != "" for wanted, given in judged)
                false = sum(given != "" and wanted != given for wanted, given in judged)
                missed = sum(wanted != "" and wanted != given for wanted, given in judged)
                scores[(kind, language)] = Score(hits, false, missed)
    return scores


def _wrong_entities(pairs: Pairs) -> tuple[tuple[str, str, str, str], ...]:
    return tuple(
        (kind, row.text, *_values(row, answer, kind))
        for kind in ENTITIES
        for row, answer in pairs
        if row.judges(kind) and _values(row, answer, kind)[0] != _values(row, answer, kind)[1]
    )


def _values(row: Labelled, answer: Answer, kind: str) -> tuple[str, str]:
    return (row.entities or {}).get(kind, ""), str(answer["entities"].get(kind, ""))
