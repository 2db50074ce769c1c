"""The dates of the application year: what comes next, and whether it is too late today.

The rows stand in data/knowledge/season.yml; `load_season` reads them, everything else is pure. Used by the
answers on dates, by the reminders and by the check of the data files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from bot.catalogue.entries import Words
from bot.catalogue.rules import SourceDate
from bot.guidance.facts import UNDATED
from bot.languages import Language


class About(StrEnum):
    """What a date belongs to."""

    UPPER_SECONDARY = "upper_secondary"
    FOLK_HIGH_SCHOOL = "folk_high_school"
    KOMVUX = "komvux"
    MONEY = "money"


@dataclass(frozen=True)
class DateSource:
    """Where a date is from: the page, and the date that the page itself shows (None: undated)."""

    name: str
    checked_on: SourceDate | None


@dataclass(frozen=True)
class SeasonDate:
    """One recurring date of the year. Exactly one of `month_day`, `first_monday` and `between` is set."""

    key: str
    about: About
    title: Words
    source: DateSource
    shown: bool
    """Whether it may be said: only what its source confirms."""
    where: str | None = None
    month_day: tuple[int, int] | None = None
    first_monday: int | None = None
    between: tuple[tuple[int, int], tuple[int, int]] | None = None
    words: Words | None = None
    years: Mapping[int, tuple[date, date, DateSource]] | None = None

    def in_year(self, year: int) -> Occurrence:
        """Return when it is in a year."""
        if self.years and year in self.years:
            first, last, source = self.years[year]
            return Occurrence(self, first, last, True, source)
        if self.between is not None:
            (first_month, first_day), (last_month, last_day) = self.between
            return Occurrence(
                self, date(year, first_month, first_day), date(year, last_month, last_day), False, self.source
            )
        if self.first_monday is not None:
            first = date(year, self.first_monday, 1)
            day = first + timedelta(days=-first.weekday() % 7)
        else:
            month, number = self.month_day or (1, 1)
            day = date(year, month, number)
        return Occurrence(self, day, day, True, self.source)


@dataclass(frozen=True)
class Occurrence:
    """A date in one year. Where the day itself is not known, `first` and `last` are the limits and `exact` is false."""

    row: SeasonDate
    first: date
    last: date
    exact: bool
    source: DateSource

    def text(self, language: Language) -> str:
        """Return it in words: `15 januari`, or `slutet av juli` where the day is not known."""
        words = self.row.words
        if not self.exact and words is not None:
            return words.sv if language is Language.SV else words.en
        if self.first != self.last:
            return " – ".join(_day_text(day, language) for day in (self.first, self.last))
        return _day_text(self.first, language)


def _day_text(day: date, language: Language) -> str:
    # Without the year: within twelve months it only makes the sentence longer.
    return SourceDate(day.year, day.month, day.day).text(language).rpartition(" ")[0]


@dataclass(frozen=True)
class NextDate:
    """A coming date, as reminders use it."""

    key: str
    date: date
    source: str
    exact: bool
    occurrence: Occurrence


def next_dates(dates: Iterable[SeasonDate], today: date, *, exact_only: bool = False) -> list[NextDate]:
    """Return the next occurrence of each date that may be said, the soonest first.

    A period that is going on counts with its first day, which may lie before `today`.

    Args:
        exact_only: leave out what has no certain day (nothing can be promised on it).
    """
    found = []
    for row in dates:
        if not row.shown:
            continue
        this_year = row.in_year(today.year)
        coming = this_year if this_year.last >= today else row.in_year(today.year + 1)
        if coming.exact or not exact_only:
            found.append(NextDate(row.key, coming.first, coming.source.name, coming.exact, coming))
    return sorted(found, key=lambda one: (one.date, one.key))


class Stage(StrEnum):
    """Where the application year of upper secondary school stands on a day."""

    NOT_OPEN_YET = "not_open_yet"
    OPEN = "open"
    WAIT_FOR_CHANGE = "wait_for_change"
    CHANGE = "change"
    WAIT_FOR_RESERVES = "wait_for_reserves"
    RESERVES = "reserves"


@dataclass(frozen=True)
class Chance:
    """The answer to "is it too late?": how it stands today, and the next chance."""

    stage: Stage
    next: Occurrence
    """What is open now, or what opens next. For an open application: its last day."""
    opens: Occurrence
    """The next time that the ordinary application opens (or opened, when it is open)."""


def upper_secondary_chance(dates: Sequence[SeasonDate], today: date) -> Chance:
    """Say whether it is too late to apply to upper secondary school today, and what the next chance is.

    Raises:
        KeyError: a date that the answer needs is not among the rows.
    """
    rows = {row.key: row for row in dates}
    year = today.year
    opens, closes = rows["application_opens"].in_year(year), rows["application_closes"].in_year(year)
    change, reserves = rows["change_of_choice"].in_year(year), rows["reserve_admission"].in_year(year)
    following = rows["application_opens"].in_year(year + 1)
    if today < opens.first:
        return Chance(Stage.NOT_OPEN_YET, opens, opens)
    if today <= closes.last:
        return Chance(Stage.OPEN, closes, opens)
    if today < change.first:
        return Chance(Stage.WAIT_FOR_CHANGE, change, following)
    if today <= change.last:
        return Chance(Stage.CHANGE, change, following)
    if today < reserves.first:
        return Chance(Stage.WAIT_FOR_RESERVES, reserves, following)
    if today <= reserves.last:
        return Chance(Stage.RESERVES, reserves, following)
    return Chance(Stage.NOT_OPEN_YET, following, following)


def load_season(path: Path) -> tuple[SeasonDate, ...]:
    """Read data/knowledge/season.yml.

    Raises:
        ValueError: a row has no source, names two kinds of day or none, or a date that does not exist;
            the message says which row and what to write.
    """
    return season_from(yaml.safe_load(path.read_text(encoding="utf-8"))["dates"])


def season_from(rows: Iterable[Mapping[str, Any]]) -> tuple[SeasonDate, ...]:
    """Build the dates from rows as they stand in the file.

    Raises:
        ValueError: as in `load_season`.
    """
    found: dict[str, SeasonDate] = {}
    for row in rows:
        try:
            one = _date(row)
        except (KeyError, TypeError, ValueError) as error:
            what = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
            raise ValueError(f"season.yml, {row.get('key', 'a row without key')}: {what}") from error
        if one.key in found:
            raise ValueError(f"season.yml, {one.key}: stands twice; keep one of them")
        found[one.key] = one
    return tuple(found.values())


def _date(row: Mapping[str, Any]) -> SeasonDate:
    kinds = [kind for kind in ("day", "first_monday", "between") if kind in row]
    if len(kinds) != 1:
        raise ValueError("write one of day, first_monday and between")
    between = tuple(_month_day(value) for value in row["between"]) if "between" in row else None
    if between is not None and (len(between) != 2 or between[0] > between[1]):
        raise ValueError("between has two days of the same year, the earlier first")
    if between is not None and not (row.get("words_sv") and row.get("words_en")):
        raise ValueError("between needs words_sv and words_en, since the day is not known")
    confidence = row["confidence"]
    if confidence not in ("sourced", "secondary", "unverified"):
        raise ValueError(f"confidence '{confidence}' is none of sourced, secondary, unverified")
    return SeasonDate(
        key=str(row["key"]),
        about=About(row["about"]),
        title=Words(row["title_sv"], row["title_en"]),
        source=_source(row),
        shown=confidence == "sourced",
        where=row.get("where"),
        month_day=_month_day(row["day"]) if "day" in row else None,
        first_monday=int(row["first_monday"]) if "first_monday" in row else None,
        between=(between[0], between[1]) if between is not None else None,
        words=Words(row["words_sv"], row["words_en"]) if "words_sv" in row else None,
        years=dict(map(_one_year, row.get("years", ()))),
    )


def _one_year(row: Mapping[str, Any]) -> tuple[int, tuple[date, date, DateSource]]:
    first, last = (row["on"], row["on"]) if "on" in row else (row["from"], row["to"])
    if not (isinstance(first, date) and isinstance(last, date)) or first > last:
        raise ValueError("a year has 'on: 2027-05-04', or from and to, the earlier first")
    return first.year, (first, last, _source(row))


def _source(row: Mapping[str, Any]) -> DateSource:
    if not str(row["source"]).strip():
        raise ValueError("the source is empty; name the page")
    checked = row["checked_on"]
    if checked == UNDATED:
        return DateSource(str(row["source"]), None)
    return DateSource(str(row["source"]), SourceDate.parse(checked if isinstance(checked, date) else str(checked)))


def _month_day(value: str) -> tuple[int, int]:
    month, day = (int(part) for part in str(value).split("-"))
    # Any leap-free year will do; a day that some years lack cannot recur.
    date(2027, month, day)
    return month, day
