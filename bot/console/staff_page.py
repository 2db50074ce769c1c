"""Personal: the accounts of staff, for administrators, who manage those within their own municipalities."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot import bell as bells
from bot.booking.rota import hours_of, set_hours
from bot.console import passwords, second_factor_page
from bot.console.accounts import AccountError, add_staff, change_staff, reset_password, sign_out_everywhere
from bot.console.desk import Visit, not_found
from bot.console.duty_page import undecided_for
from bot.console.hours_form import fields_of, read_hours
from bot.console.models import Staff
from bot.console.permissions import Role
from bot.console.scope import governs, governs_place
from bot.console.security import Form
from bot.duty.models import COUNTY


def show(visit: Visit) -> Response:
    """List the accounts, with the form for a new one."""
    return _list(visit)


def add(visit: Visit) -> Response:
    """Add an account; its first password is shown on this one page."""
    form = visit.form
    try:
        with visit.desk.services.db.transaction() as session:
            staff, password = add_staff(
                session,
                username=form.one("username"),
                display_name=form.one("display_name"),
                roles=form.all("roles"),
                municipalities=_places(visit, form),
                now=visit.now,
            )
    except AccountError as error:
        return _list(visit, 422, fault=str(error), form=form)
    return visit.page("first_password.html", 201, username=staff.username, password=password)


def show_one(visit: Visit) -> Response:
    """Show one account."""
    return _one(visit)


def change(visit: Visit) -> Response:
    """Change an account."""
    form = visit.form
    try:
        with visit.desk.services.db.transaction() as session:
            staff = _account(session, visit, to_change=True)
            change_staff(
                session,
                staff,
                display_name=form.one("display_name"),
                roles=form.all("roles"),
                municipalities=_places(visit, form),
                active=form.has("active"),
            )
    except AccountError as error:
        return _one(visit, 422, fault=str(error))
    visit.desk.ring(bells.STAFF)
    return visit.go(f"/console/staff/{visit.path('staff')}?said=changed")


def change_hours(visit: Visit) -> Response:
    """Set the weekly hours of an account."""
    try:
        periods = read_hours(visit.form)
    except AccountError as error:
        return _one(visit, 422, hours_fault=str(error))
    with visit.desk.services.db.transaction() as session:
        set_hours(session, _account(session, visit, to_change=True).id, periods)
    return visit.go(f"/console/staff/{visit.path('staff')}?said=hours")


def new_password(visit: Visit) -> Response:
    """Give an account a new first password; whoever guessed at it does not hold its owner up."""
    password = passwords.new_password()
    password_hash = passwords.hash_password(password)
    with visit.desk.services.db.transaction() as session:
        staff = _account(session, visit, to_change=True)
        reset_password(session, staff, password_hash)
        visit.desk.guesses.forget(session, staff.username)
    return visit.page("first_password.html", username=staff.username, password=password)


def clear_second_factor(visit: Visit) -> Response:
    """Take the second factor off an account whose phone and paper are lost."""
    with visit.desk.services.db.transaction() as session:
        staff = _account(session, visit, to_change=True)
        second_factor_page.clear(staff)
        sign_out_everywhere(session, staff.id)
    return visit.go(f"/console/staff/{visit.path('staff')}?said=changed")


def _list(visit: Visit, status: int = 200, *, fault: str = "", form: Form | None = None) -> Response:
    with visit.desk.services.db.reading() as session:
        people = session.scalars(select(Staff).order_by(Staff.active.desc(), Staff.display_name)).all()
        undecided = undecided_for(visit, session)
        under_attack = visit.desk.guesses.under_attack(session, [row.username for row in people], visit.now)
    given = form or Form({})
    return visit.page(
        "staff.html",
        status,
        people=[row for row in people if governs(visit.visitor, row.municipalities)],
        undecided=undecided,
        under_attack=under_attack,
        municipal=visit.desk.services.settings.oidc is not None,
        fault=fault,
        places=_own_places(visit),
        roles=list(Role),
        username=given.one("username"),
        display_name=given.one("display_name"),
        chosen_roles=given.all("roles"),
        chosen_places=given.all("municipalities"),
        whole_county=given.has("whole_county") or form is None,
    )


def _one(visit: Visit, status: int = 200, *, fault: str = "", hours_fault: str = "") -> Response:
    with visit.desk.services.db.reading() as session:
        staff = _account(session, visit)
        periods = hours_of(session, [staff.id]).get(staff.id, [])
    return visit.page(
        "staff_one.html",
        status,
        staff=staff,
        days=fields_of(periods),
        hours_set=bool(periods),
        fault=fault,
        hours_fault=hours_fault,
        said=visit.query("said"),
        roles=list(Role),
        places=sorted({*_own_places(visit), *staff.municipalities}),
    )


def _account(session: Session, visit: Visit, *, to_change: bool = False) -> Staff:
    """Return the account of the address.

    Raises:
        Refused: there is none, or it reaches beyond the administrator's own municipalities.
    """
    staff = session.get(Staff, visit.path("staff"), with_for_update=to_change)
    if staff is None or not governs(visit.visitor, staff.municipalities):
        raise not_found()
    return staff


def _own_places(visit: Visit) -> list[str]:
    names = [card.name for card in visit.desk.catalogue.municipalities()]
    return [name for name in names if governs_place(visit.visitor, name)]


def _places(visit: Visit, form: Form) -> list[str]:
    """Return the chosen municipalities; the whole county must be chosen in so many words.

    Raises:
        AccountError: none is chosen, or one that is unknown or not the administrator's own: never silently the whole
            county, and never more than they have themselves.
    """
    county = governs_place(visit.visitor, COUNTY)
    if county and form.has("whole_county"):
        return []
    chosen = list(dict.fromkeys(form.all("municipalities")))
    if not chosen or not set(chosen) <= set(_own_places(visit)):
        raise AccountError(f"Välj {'hela länet eller ' if county else ''}minst en kommun.")
    return chosen
