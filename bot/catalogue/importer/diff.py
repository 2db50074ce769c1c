"""What an import would change, in words, and whether it loses too much to be believed. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import BotError

# A municipality that loses more of its rows than this share is more likely a fault of the register than the truth.
LARGEST_LOSS = 0.30
_SHOWN_FIELDS = ("name", "municipality", "locality", "address", "phone", "web", "education_types", "distance")

Row = Mapping[str, Any]


class LossRefused(BotError):
    """The import would lose too much; the catalogue stays as it is."""


@dataclass(frozen=True)
class Change:
    """One row that an import adds, takes away or changes; `what` says the fields with old and new value."""

    municipality: str
    id: str
    name: str
    what: tuple[str, ...] = ()


@dataclass(frozen=True)
class Diff:
    """The difference between two imports."""

    added: tuple[Change, ...]
    removed: tuple[Change, ...]
    changed: tuple[Change, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing changes."""
        return not (self.added or self.removed or self.changed)

    def lines(self) -> list[str]:
        """Return the difference as text, by municipality."""
        if self.empty:
            return ["Nothing changes."]
        lines = []
        for place in sorted({change.municipality for change in (*self.added, *self.removed, *self.changed)}):
            lines.append(f"{place}:")
            for sign, changes in (("+", self.added), ("-", self.removed), ("~", self.changed)):
                for change in changes:
                    if change.municipality == place:
                        lines.append(f"  {sign} {change.name} ({change.id})")
                        lines += [f"      {what}" for what in change.what]
        lines.append(f"{len(self.added)} new, {len(self.removed)} gone, {len(self.changed)} changed.")
        return lines


def compare(before: Iterable[Row], after: Iterable[Row]) -> Diff:
    """Compare the rows of two imports by id."""
    old, new = {row["id"]: row for row in before}, {row["id"]: row for row in after}
    return Diff(
        added=tuple(_change(new[key], _contents(new[key])) for key in sorted(new.keys() - old.keys())),
        removed=tuple(_change(old[key]) for key in sorted(old.keys() - new.keys())),
        changed=tuple(
            _change(new[key], _differences(old[key], new[key]))
            for key in sorted(old.keys() & new.keys())
            if dict(old[key]) != dict(new[key])
        ),
    )


def refuse_loss(before: Iterable[Row], after: Iterable[Row], accepted: Collection[str] = ()) -> None:
    """Refuse an import that is empty, or in which a municipality loses more than 30 % of its rows.

    Args:
        accepted: municipalities whose loss somebody has looked at and believes.

    Raises:
        LossRefused: names the municipalities.
    """
    rows, old = list(after), list(before)
    if not rows:
        raise LossRefused("The registers gave no schools at all. The catalogue stays as it is; try later.")
    kept = {row["id"] for row in rows}
    had = Counter(row["municipality"] for row in old)
    lost = Counter(row["municipality"] for row in old if row["id"] not in kept)
    large = [place for place in sorted(lost) if lost[place] / had[place] > LARGEST_LOSS and place not in accepted]
    if large:
        named = ", ".join(f"{place} ({lost[place]} of {had[place]})" for place in large)
        raise LossRefused(
            f"The import would lose more than {LARGEST_LOSS:.0%} of the rows of {named}. The catalogue stays as it is. "
            "Look at them with --dry-run; if they are really gone, add --accept-loss with the municipality's name."
        )


def _change(row: Row, what: Iterable[str] = ()) -> Change:
    return Change(row["municipality"], row["id"], row["name"], tuple(what))


def _contents(row: Row) -> Iterable[str]:
    yield from (f"{key}: {_text(row[key])}" for key in ("address", "phone", "web") if row.get(key))
    if row["programmes"]:
        yield f"programmes: {', '.join(sorted(_offers(row)))}"
    if row["courses"]:
        yield f"courses: {len(row['courses'])}"


def _differences(old: Row, new: Row) -> Iterable[str]:
    for key in _SHOWN_FIELDS:
        if old.get(key) != new.get(key):
            yield f"{key}: {_text(old.get(key))} -> {_text(new.get(key))}"
    if (old.get("lat"), old.get("lon")) != (new.get("lat"), new.get("lon")):
        yield f"coordinates: {old.get('lat')}, {old.get('lon')} -> {new.get('lat')}, {new.get('lon')}"
    for key, values in (("programmes", _offers), ("courses", lambda row: set(row["courses"])), ("units", _units)):
        before, after = values(old), values(new)
        if before != after:
            parts = [f"+{item}" for item in sorted(after - before)] + [f"-{item}" for item in sorted(before - after)]
            yield f"{key}: {', '.join(parts)}"


def _offers(row: Row) -> set[str]:
    return {" ".join(str(part) for part in (o["code"], o["orientation"], o["form"]) if part) for o in row["programmes"]}


def _units(row: Row) -> set[str]:
    return set(row["units"])


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value if value is not None else "-")
