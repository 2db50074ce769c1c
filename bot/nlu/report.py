"""The page of `bot nlu evaluate --html`: one file without anything from outside, for a person to read."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.nlu import charts
from bot.nlu.figures import ALL, Figures, Score

_TEMPLATE = "report.html"


def page(figures: Figures) -> str:
    """Return the report as one HTML document."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    intents = _rows(figures.intents)
    intents.sort(key=lambda row: (min(score.f1 for score in row[1].values()), row[0]))
    entities = _rows(figures.entities)
    return environment.get_template(_TEMPLATE).render(
        figures=figures,
        scope=figures.scope,
        intents=intents,
        entities=entities,
        readable=charts.readable,
        intent_bars=charts.bars("F1 of each intent, the weakest first", intents) if intents else "",
        entity_bars=charts.bars("F1 of each kind of entity", entities) if entities else "",
        heat_map=charts.heat_map(figures.confusions) if figures.confusions else "",
        reliability=charts.reliability(figures.bins) if figures.bins else "",
        shown=charts.MOST_CONFUSED,
    )


def _rows(scores: dict[tuple[str, str], Score]) -> list[tuple[str, dict[str, Score]]]:
    """By name, the scores of each language apart."""
    rows: dict[str, dict[str, Score]] = {}
    for (name, language), score in scores.items():
        if language != ALL:
            rows.setdefault(name, {})[language] = score
    return sorted(rows.items())
