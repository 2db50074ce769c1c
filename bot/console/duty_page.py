"""Tjänst: my shift, my open chats and what shall become of them, my phone, absence, and who answers at night."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy.orm import Session
from starlette.responses import Response

from bot import bell as bells
from bot.alerts import contacts
from bot.alerts.outbox import pseudonym
from bot.approvals.service import TOPICS, chosen
from bot.booking.hours import instant, parse_time
from bot.booking.rota import active_counsellors, counsellors_for
from bot.clock import STOCKHOLM
from bot.console.accounts import AccountError
from bot.console.desk import Refused, Visit
from bot.console.hours_form import fields_of, read_hours
from bot.console.models import Staff
from bot.console.permissions import Permission
from bot.console.scope import governs_place
from bot.duty import service as duty
from bot.duty.models import COUNTY
from bot.duty.plan import DutyPlan, opening_hours
from bot.duty.service import DutyError
from bot.given import read_day
from bot.handover import transfer
from bot.handover.counsellor import MAX_AGREED, Gone, NotOwner
from bot.handover.models import EndReason
from bot.handover.service import HasChats

NIGHT_NOBODY = "nobody"


@dataclass(frozen=True)
class Place:
    """The night and the hours of one municipality, or of the county."""

    name: str
    title: str
    night: duty.NightDuty
    open_now: bool
    opens_at: datetime | None
    on_duty: tuple[str, ...]


def show(visit: Visit) -> Response:
    """Show the page."""
    return _page(visit)


def sign_on(visit: Visit) -> Response:
    """Go on duty until a time of today, beside the rota."""
    try:
        until = _today_at(visit, visit.form.one("until"))
        with visit.desk.services.db.transaction() as session:
            duty.sign_on(session, visit.visitor.staff_id, until=until, now=visit.now)
    except ValueError as error:
        fault = str(error) if isinstance(error, DutyError) else "Skriv en tid som 17:30."
        return _page(visit, 422, fault=fault)
    return _done(visit, "on")


def sign_off(visit: Visit) -> Response:
    """Go off duty; with open chats the page asks what shall become of each."""
    if isinstance(visit.desk.handover.leave_shift(visit.visitor.staff_id), HasChats):
        fault = "Du har öppna chattar. Välj vad som ska hända med var och en, sedan kan du sluta."
        return _page(visit, 409, fault=fault)
    return _done(visit, "off")


def follow_rota(visit: Visit) -> Response:
    """Let my weekly hours decide again."""
    with visit.desk.services.db.transaction() as session:
        duty.follow_rota(session, visit.visitor.staff_id)
    return _done(visit, "rota")


def add_absence(visit: Visit) -> Response:
    """Note that I am away."""
    try:
        first, last = (read_day(visit.form.one(name)) for name in ("first_day", "last_day"))
        starts_at = instant(first, time(0))
        ends_at = instant(last + timedelta(days=1), time(0))
        result = visit.desk.handover.be_away(visit.visitor.staff_id, starts_at, ends_at)
    except ValueError as error:
        fault = str(error) if isinstance(error, DutyError) else "Välj första och sista dagen."
        return _page(visit, 422, fault=fault)
    if isinstance(result, HasChats):
        return _page(visit, 409, fault="Du har öppna chattar. Välj först vad som ska hända med var och en.")
    return _done(visit, "absence")


def remove_absence(visit: Visit) -> Response:
    """Take an absence of mine away."""
    with visit.desk.services.db.transaction() as session:
        duty.remove_absence(session, visit.visitor.staff_id, visit.path("absence"))
    return _done(visit, "absence")


def close(visit: Visit) -> Response:
    """Close a chat of mine with what was agreed, and give it back to the bot."""
    agreed = visit.form.one("agreed")
    if len(agreed.strip()) > MAX_AGREED:
        return _page(visit, 422, fault=f"Skriv högst {MAX_AGREED} tecken om vad ni kom överens om.")
    _mine(
        visit.desk.handover.hand_back(
            visit.path("handover"), visit.visitor.staff_id, EndReason.COUNSELLOR_CLOSED, agreed
        )
    )
    return _done(visit, "closed")


def new_code(visit: Visit) -> Response:
    """Make the code that links my phone, and show it once."""
    services = visit.desk.services
    with services.db.transaction() as session:
        code = contacts.new_code(session, services.vault, visit.visitor.staff_id, visit.now)
    return _page(visit, code=code)


def unlink(visit: Visit) -> Response:
    """Take the link to my phone away."""
    with visit.desk.services.db.transaction() as session:
        contacts.unlink(session, visit.visitor.staff_id)
    return _done(visit, "unlinked")


def set_reach(visit: Visit) -> Response:
    """Set what may stand on my lock screen, and my address for mail."""
    form = visit.form
    try:
        with visit.desk.services.db.transaction() as session:
            contacts.set_reach(
                session,
                visit.visitor.staff_id,
                show_text=form.one("show_text") == "1",
                email=form.one("email"),
                email_on=form.one("email_on") == "1",
            )
    except contacts.ContactError as error:
        return _page(visit, 422, fault=str(error))
    return _done(visit, "reach")


def set_night(visit: Visit) -> Response:
    """Decide who answers for a crisis at night, for a municipality or the county."""
    place, chosen = _place(visit), visit.form.one("crisis_owner")
    owner = chosen if chosen not in ("", NIGHT_NOBODY) else None
    responsible = visit.form.one("responsible") or None
    try:
        with visit.desk.services.db.transaction() as session:
            if not {owner, responsible} - {None} <= {row.id for row in _candidates(session, visit, place)}:
                raise DutyError("Personen finns inte, har slutat eller finns inte för kommunen. Välj någon annan.")
            duty.set_night_duty(
                session,
                place,
                crisis_owner=owner,
                crisis_nobody=chosen == NIGHT_NOBODY,
                responsible=responsible,
                by=visit.visitor.staff_id,
                now=visit.now,
            )
    except DutyError as error:
        return _page(visit, 422, fault=str(error))
    return _done(visit, "night")


def set_hours(visit: Visit) -> Response:
    """Set the opening hours of a municipality or of the county."""
    place = _place(visit)
    try:
        periods = read_hours(visit.form)
    except AccountError as error:
        return _page(visit, 422, fault=str(error))
    with visit.desk.services.db.transaction() as session:
        duty.set_opening_hours(session, place, periods)
    return _done(visit, "hours")


def _place(visit: Visit) -> str:
    place = visit.form.one("place") or visit.query("place")
    if place not in _own_places(visit):
        raise Refused(422, "Okänd kommun", "Välj en kommun som ditt konto gäller för.")
    return place


def _places(visit: Visit) -> list[str]:
    return [COUNTY, *(card.name for card in visit.desk.catalogue.municipalities())]


def _own_places(visit: Visit) -> list[str]:
    """Return the places whose night and hours this person may decide about."""
    return [name for name in _places(visit) if governs_place(visit.visitor, name)]


def _candidates(session: Session, visit: Visit, place: str) -> list[Staff]:
    """Return who may be named for a place: for the county's administrator anybody, else who is there for it."""
    return active_counsellors(session) if governs_place(visit.visitor, COUNTY) else counsellors_for(session, place)


def _today_at(visit: Visit, text: str) -> datetime:
    return instant(visit.now.astimezone(STOCKHOLM).date(), parse_time(text)).astimezone(UTC)


def _mine(result: object) -> None:
    if isinstance(result, NotOwner | Gone):
        raise Refused(409, "Chatten är inte din", "Någon annan har chatten nu, eller den är slut.")


def _done(visit: Visit, said: str) -> Response:
    visit.desk.ring(bells.STAFF)
    return visit.go(f"/console/duty?said={said}")


def _page(visit: Visit, status: int = 200, *, fault: str = "", code: str = "") -> Response:
    desk, visitor = visit.desk, visit.visitor
    own = _own_places(visit)
    place = asked if (asked := visit.query("place")) in own else next(iter(own), None)
    with desk.services.db.reading() as session:
        plan = DutyPlan(session, visit.now)
        places = [_view(session, plan, name) for name in _places(visit)]
        return visit.page(
            "duty.html",
            status,
            fault=fault,
            code=code,
            said=visit.query("said"),
            on_duty=plan.works_now(visitor.staff_id),
            by_hand=plan.by_hand(visitor.staff_id),
            mine=desk.handover.mine(visitor.staff_id),
            offered=desk.handover.offered(visitor.staff_id),
            colleagues=transfer.colleagues(session, visitor.staff_id, visit.now),
            absences=duty.absences_of(session, visitor.staff_id, visit.now),
            reach=contacts.reach_of(session, visitor.staff_id),
            telegram=desk.services.settings.telegram is not None,
            mail=bool(desk.services.settings.smtp_url),
            places=places,
            own=own,
            place=next((one for one in places if one.name == place), None),
            days=fields_of(opening_hours(session).get(place or COUNTY, []), default=False),
            people=_candidates(session, visit, place or COUNTY),
            staff_names={row.id: row.display_name for row in session.query(Staff)},
            undecided=undecided_for(visit, session),
            may_set=visitor.may(Permission.MANAGE_STAFF),
            answers=visitor.may(Permission.ANSWER_CHATS),
            pseudonym=pseudonym,
            max_agreed=MAX_AGREED,
            nobody=NIGHT_NOBODY,
            topics=TOPICS,
            chosen_topics=chosen(session),
        )


def undecided_for(visit: Visit, session: Session) -> list[str]:
    """Return where nobody owns a crisis at night: of somebody's municipalities, or of the whole county."""
    return duty.undecided_places(session, visit.visitor.municipalities or _places(visit))


def _view(session: Session, plan: DutyPlan, name: str) -> Place:
    municipality = name or None
    here = plan.is_open(municipality)
    return Place(
        name=name,
        title=name or "Hela länet",
        night=duty.night_duty(session, municipality),
        open_now=here,
        opens_at=None if here else plan.next_opening(municipality),
        on_duty=tuple(row.display_name for row in plan.on_duty(municipality)),
    )
