"""The plots of the report, as SVG that takes its colours from the page (light and dark)."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from bot.nlu.figures import Bin, Confusion, Score

LABEL = 230
ROW = 22
WIDTH = 760
MOST_CONFUSED = 30


def readable(name: str) -> str:
    """An intent or entity as words: "ask_csn_absence" is "ask csn absence"."""
    return "out of scope" if name == "nlu_fallback" else name.replace("_", " ")


def bars(title: str, rows: Sequence[tuple[str, dict[str, Score]]]) -> str:
    """Horizontal bars of F1, one line of bars a name and one bar a language."""
    languages = sorted({language for _, scores in rows for language in scores})
    height = 30 + len(rows) * (ROW + 4)
    scale = WIDTH - LABEL - 130
    parts = []
    for step in range(6):
        x = LABEL + scale * step / 5
        parts.append(f'<line class="grid" x1="{x:.0f}" y1="22" x2="{x:.0f}" y2="{height}"/>')
        parts.append(f'<text class="axis" x="{x:.0f}" y="14" text-anchor="middle">{step / 5:.1f}</text>')
    for place, (name, scores) in enumerate(rows):
        top = 28 + place * (ROW + 4)
        parts.append(f'<text x="{LABEL - 8}" y="{top + 15}" text-anchor="end">{escape(readable(name))}</text>')
        thick = ROW / max(1, len(languages))
        said = []
        for index, language in enumerate(languages):
            score = scores.get(language)
            if score is None:
                continue
            y = top + index * thick
            tip = f"{readable(name)}, {language}: F1 {score.f1:.2f}, precision {score.precision:.2f}, "
            tip += f"recall {score.recall:.2f}, {score.wanted} messages"
            parts.append(
                f'<rect class="bar b{index}" x="{LABEL}" y="{y:.1f}" width="{max(1.0, scale * score.f1):.1f}" '
                f'height="{thick - 1:.1f}"><title>{escape(tip)}</title></rect>'
            )
            said.append(f"{score.f1:.2f}")
        parts.append(f'<text class="value" x="{WIDTH - 122}" y="{top + 15}">{" / ".join(said)}</text>')
    key = " ".join(f'<span class="key b{index}"></span>{escape(name)}' for index, name in enumerate(languages))
    return f'<p class="keys">{key}</p>' + _svg(title, WIDTH, height, parts)


def heat_map(confusions: Sequence[Confusion]) -> str:
    """How often one intent was taken for another; only the intents of the commonest confusions."""
    shown = confusions[:MOST_CONFUSED]
    wanted = sorted({one.wanted for one in shown})
    given = sorted({one.given for one in shown})
    most = max((len(one.texts) for one in shown), default=1)
    cell, top = 24, 190
    width, height = LABEL + cell * len(given) + 120, top + cell * len(wanted) + 10
    parts = [
        f'<text transform="translate({LABEL + cell * place + 16},{top - 8}) rotate(-50)">'
        f"{escape(readable(name))}</text>"
        for place, name in enumerate(given)
    ]
    for place, name in enumerate(wanted):
        y = top + cell * place
        parts.append(f'<text x="{LABEL - 8}" y="{y + 16}" text-anchor="end">{escape(readable(name))}</text>')
        parts.append(
            f'<line class="grid" x1="{LABEL}" y1="{y + cell}" x2="{LABEL + cell * len(given)}" y2="{y + cell}"/>'
        )
    for one in shown:
        x, y = LABEL + cell * given.index(one.given), top + cell * wanted.index(one.wanted)
        strength = 0.25 + 0.75 * len(one.texts) / most
        tip = f"{readable(one.wanted)} taken for {readable(one.given)}: {len(one.texts)}, such as: {one.texts[0]}"
        parts.append(
            f'<g><rect class="heat" x="{x + 1}" y="{y + 1}" width="{cell - 2}" height="{cell - 2}" '
            f'fill-opacity="{strength:.2f}"/><text x="{x + cell / 2}" y="{y + 16}" text-anchor="middle">'
            f"{len(one.texts)}</text><title>{escape(tip)}</title></g>"
        )
    return _svg("What was meant (rows) and what was understood (columns)", width, height, parts)


def reliability(bins: Sequence[Bin]) -> str:
    """How often the model was right when it was that sure; on the line it is neither too sure nor too shy."""
    left, top, side = 60, 20, 360
    parts = [
        f'<rect class="frame" x="{left}" y="{top}" width="{side}" height="{side}"/>',
        f'<line class="ideal" x1="{left}" y1="{top + side}" x2="{left + side}" y2="{top}"/>',
    ]
    for step in range(6):
        share = step / 5
        x, y = left + side * share, top + side * (1 - share)
        parts.append(f'<text class="axis" x="{x}" y="{top + side + 18}" text-anchor="middle">{share:.1f}</text>')
        parts.append(f'<text class="axis" x="{left - 8}" y="{y + 4}" text-anchor="end">{share:.1f}</text>')
    total = sum(one.count for one in bins) or 1
    for one in bins:
        x, y = left + side * one.confidence, top + side * (1 - one.accuracy)
        tip = f"{one.count} messages: sure {one.confidence:.2f}, right {one.accuracy:.2f}"
        radius = 4 + 14 * (one.count / total) ** 0.5
        parts.append(
            f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"><title>{escape(tip)}</title></circle>'
        )
    parts.append(
        f'<text x="{left + side / 2}" y="{top + side + 40}" text-anchor="middle">how sure the model was</text>'
    )
    parts.append(
        f'<text transform="translate(16,{top + side / 2}) rotate(-90)" text-anchor="middle">'
        "how often it was right</text>"
    )
    return _svg("How sure the model was against how often it was right", left + side + 20, top + side + 50, parts)


def _svg(title: str, width: int, height: int, parts: Sequence[str]) -> str:
    return (
        f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" xmlns="http://www.w3.org/2000/svg"><title>{escape(title)}</title>{"".join(parts)}</svg>'
    )
