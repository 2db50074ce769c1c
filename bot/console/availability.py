"""Mina mötestider: how I meet, days off and extra hours, my calendar. Each counsellor sets their own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select
from starlette.responses import Response

from bot.booking.availability import rules_of, set_rules
from bot.booking.hours import instant, parse_time
from bot.booking.models import AvailabilityException, BusySpan, ContactHow
from bot.booking.rota import hours_of, set_hours
from bot.booking.rules import Rules
from bot.calendars import export
from bot.calendars.fetch import CalendarFault
from bot.calendars.service import set_import
from bot.clock import STOCKHOLM
from bot.console.accounts import AccountError
from bot.console.desk import Visit, not_found
from bot.console.hours_form import fields_of, read_hours
from bot.console.security import Form
from bot.console.words import CALENDAR_FAULTS
from bot.duty.service import DutyError, absences_of, add_absence, remove_absence
from bot.given import read_day, whole_number

LENGTHS = (15, 20, 30, 45, 60, 90)
PAUSES = (0, 5, 10, 15, 30)
NOTICES = ((60, "1 timme"), (120, "2 timmar"), (240, "4 timmar"), (1440, "1 dygn"), (2880, "2 dygn"))
HORIZONS = ((14, "2 veckor"), (28, "4 veckor"), (56, "8 veckor"), (84, "12 veckor"))
AWAY, NO_MEETINGS, EXTRA = KINDS = ("away", "no_meetings", "extra")
MAX_PLACE, MAX_LINK = 200, 300
_LINK = re.compile(r"https://[^\s/]+\.[^\s]+")


def show(visit: Visit) -> Response:
    """Show everything that decides when I can be booked."""
    return _page(visit)


def set_rules_of(visit: Visit) -> Response:
    """Keep my rules."""
    try:
        rules = read_rules(visit.form)
    except AccountError as error:
        return _page(visit, 422, rules_fault=str(error))
    with visit.desk.services.db.transaction() as session:
        set_rules(session, visit.visitor.staff_id, rules)
    return visit.go("/console/availability?said=rules")


def read_rules(form: Form) -> Rules:
    """Read the form of the rules.

    Raises:
        AccountError: something is missing or cannot be.
    """
    ways = tuple(way for way in ContactHow if way in form.all("ways"))
    place, link = form.one("place").strip(), form.one("video_link").strip()
    if not ways:
        raise AccountError("Välj minst ett sätt att mötas.")
    if link and not _LINK.fullmatch(link):
        raise AccountError("Videolänken måste vara en hel adress som börjar med https://.")
    if len(place) > MAX_PLACE or len(link) > MAX_LINK:
        raise AccountError(f"Platsen får vara högst {MAX_PLACE} tecken och länken {MAX_LINK}.")
    return Rules(
        minutes=_choice(form, "minutes", LENGTHS),
        buffer_minutes=_choice(form, "buffer_minutes", PAUSES),
        notice_minutes=_choice(form, "notice_minutes", [value for value, _ in NOTICES]),
        horizon_days=_choice(form, "horizon_days", [value for value, _ in HORIZONS]),
        ways=ways,
        place=place or None,
        video_link=link or None,
    )


def _choice(form: Form, name: str, values: tuple[int, ...] | list[int]) -> int:
    chosen = whole_number(form.one(name))
    if chosen is None or chosen not in values:
        raise AccountError("Välj ett av alternativen i listorna.")
    return chosen


def change_hours(visit: Visit) -> Response:
    """Set my weekly hours, from this page."""
    try:
        periods = read_hours(visit.form)
    except AccountError as error:
        return _page(visit, 422, hours_fault=str(error))
    with visit.desk.services.db.transaction() as session:
        set_hours(session, visit.visitor.staff_id, periods)
    return visit.go("/console/availability?said=hours")


def add_exception(visit: Visit) -> Response:
    """Add time off, days without meetings, or extra hours."""
    me = visit.visitor.staff_id
    try:
        wish = read_exception(visit.form, visit.now.astimezone(STOCKHOLM).date())
        with visit.desk.services.db.transaction() as session:
            if wish.kind == AWAY:
                starts_at, ends_at = wish.span()
                add_absence(session, me, starts_at=starts_at, ends_at=ends_at, now=visit.now)
            else:
                session.add(
                    AvailabilityException(
                        staff_id=me, first_day=wish.first_day, last_day=wish.last_day, starts=wish.starts or None,
                        ends=wish.ends or None, away=wish.kind != EXTRA,
                    )
                )  # fmt: skip
    except (AccountError, DutyError) as error:
        return _page(visit, 422, exception_fault=str(error))
    return visit.go("/console/availability?said=exception#exceptions")


@dataclass(frozen=True)
class Wish:
    """A deviation from the week, as it stands in the form."""

    kind: str
    first_day: date
    last_day: date
    starts: str
    ends: str
    """Wall times `HH:MM`, or both empty: whole days."""

    def span(self) -> tuple[datetime, datetime]:
        """Return it as one time from its first to its last moment."""
        if not self.starts:
            return instant(self.first_day, time()), instant(self.last_day + timedelta(days=1), time())
        return instant(self.first_day, parse_time(self.starts)), instant(self.last_day, parse_time(self.ends))


def read_exception(form: Form, today: date) -> Wish:
    """Read the form of an exception.

    Raises:
        AccountError: a day or a time is missing, past, or the wrong way round.
    """
    try:
        first = read_day(form.one("first_day"))
        last = read_day(form.one("last_day") or form.one("first_day"))
    except ValueError:
        raise AccountError("Välj en dag, till exempel 2026-12-01.") from None
    if last < first or last < today or (last - first).days > 366:
        raise AccountError("Sista dagen måste vara efter den första, och inte ha varit.")
    kind, starts, ends = form.one("kind") or AWAY, form.one("starts").strip(), form.one("ends").strip()
    if kind not in KINDS:
        raise AccountError("Välj ett av alternativen.")
    if bool(starts) != bool(ends) or (kind == EXTRA and not starts):
        raise AccountError("Skriv både från och till, till exempel 09:00 och 12:00. För hela dagar: lämna båda tomma.")
    if starts:
        try:
            first_time, last_time = parse_time(starts), parse_time(ends)
        except ValueError:
            raise AccountError("Skriv tider som 09:00.") from None
        if first_time >= last_time and (kind != AWAY or first == last):
            raise AccountError("Sluttiden måste vara senare än starttiden.")
        starts, ends = f"{first_time:%H:%M}", f"{last_time:%H:%M}"
    return Wish(kind, first, last, starts, ends)


def remove_exception(visit: Visit) -> Response:
    """Take an exception or an absence of mine away."""
    me = visit.visitor.staff_id
    with visit.desk.services.db.transaction() as session:
        row = session.get(AvailabilityException, visit.path("exception"))
        if row is not None and row.staff_id == me:
            session.delete(row)
        elif not remove_absence(session, me, visit.path("exception")):
            raise not_found()
    return visit.go("/console/availability?said=removed#exceptions")


def change_feed(visit: Visit) -> Response:
    """Make a new secret address of my feed, take it away, or say how much it shows."""
    what, me = visit.form.one("what"), visit.visitor.staff_id
    with visit.desk.services.db.transaction() as session:
        if what == "close":
            export.close(session, me)
        elif what == "rotate":
            export.rotate(session, me)
        else:
            export.link_of(session, me).discreet = not visit.form.has("named")
    return visit.go("/console/availability?said=feed#calendar")


def change_import(visit: Visit) -> Response:
    """Read my own calendar from this address, or no longer."""
    url = "" if visit.form.one("what") == "remove" else visit.form.one("url").strip()[:1000]
    try:
        with visit.desk.services.db.transaction() as session:
            set_import(session, visit.visitor.staff_id, url, visit.now)
    except CalendarFault as error:
        return _page(visit, 422, import_fault=CALENDAR_FAULTS[error.fault])
    return visit.go("/console/availability?said=import#calendar")


def _page(
    visit: Visit,
    status: int = 200,
    *,
    rules_fault: str = "",
    hours_fault: str = "",
    exception_fault: str = "",
    import_fault: str = "",
) -> Response:
    me, services = visit.visitor.staff_id, visit.desk.services
    with services.db.transaction() as session:
        link = export.link_of(session, me)
        rules = rules_of(session, [me])[me]
        exceptions = session.scalars(
            select(AvailabilityException)
            .where(
                AvailabilityException.staff_id == me,
                AvailabilityException.last_day >= visit.now.astimezone(STOCKHOLM).date(),
            )
            .order_by(AvailabilityException.first_day, AvailabilityException.starts)
        ).all()
        absences = absences_of(session, me, visit.now)
        busy = session.scalar(
            select(func.count()).select_from(BusySpan).where(BusySpan.staff_id == me, BusySpan.ends_at > visit.now)
        )
        periods = hours_of(session, [me]).get(me, [])
    form = visit.form
    return visit.page(
        "availability.html",
        status,
        rules=rules,
        lengths=LENGTHS,
        pauses=PAUSES,
        notices=NOTICES,
        horizons=HORIZONS,
        all_ways=list(ContactHow),
        exceptions=exceptions,
        absences=absences,
        calendar=link,
        feed_url=f"{services.settings.public_url}/calendar/staff/{link.feed_token}.ics" if link.feed_token else "",
        busy=busy,
        days=fields_of(periods),
        hours_set=bool(periods),
        given={name: form.one(name) for name in ("first_day", "last_day", "starts", "ends", "kind", "url")},
        rules_fault=rules_fault,
        hours_fault=hours_fault,
        exception_fault=exception_fault,
        import_fault=import_fault,
        said=visit.query("said"),
    )
