"""Personal: the accounts of staff, for administrators."""

from __future__ import annotations

from sqlalchemy import select
from starlette.responses import Response

from bot import bell as bells
from bot.booking.rota import hours_of, set_hours
from bot.console import second_factor_page
from bot.console.accounts import AccountError, add_staff, change_staff, reset_password, sign_out_everywhere
from bot.console.desk import Visit, not_found
from bot.console.duty_page import undecided_for
from bot.console.hours_form import fields_of, read_hours
from bot.console.models import Staff
from bot.console.permissions import Role
from bot.console.security import Form


def show(visit: Visit) -> Response:
    """List all accounts, with the form for a new one."""
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
            staff = session.get(Staff, visit.path("staff"), with_for_update=True)
            if staff is None:
                raise not_found()
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
        if session.get(Staff, visit.path("staff")) is None:
            raise not_found()
        set_hours(session, visit.path("staff"), periods)
    return visit.go(f"/console/staff/{visit.path('staff')}?said=hours")


def new_password(visit: Visit) -> Response:
    """Give an account a new first password."""
    with visit.desk.services.db.transaction() as session:
        staff = session.get(Staff, visit.path("staff"), with_for_update=True)
        if staff is None:
            raise not_found()
        password = reset_password(session, staff)
    return visit.page("first_password.html", username=staff.username, password=password)


def clear_second_factor(visit: Visit) -> Response:
    """Take the second factor off an account whose phone and paper are lost."""
    with visit.desk.services.db.transaction() as session:
        staff = session.get(Staff, visit.path("staff"), with_for_update=True)
        if staff is None:
            raise not_found()
        second_factor_page.clear(staff)
        sign_out_everywhere(session, staff.id)
    return visit.go(f"/console/staff/{visit.path('staff')}?said=changed")


def _list(visit: Visit, status: int = 200, *, fault: str = "", form: Form | None = None) -> Response:
    with visit.desk.services.db.reading() as session:
        people = session.scalars(select(Staff).order_by(Staff.active.desc(), Staff.display_name)).all()
        undecided = undecided_for(visit, session)
    given = form or Form({})
    return visit.page(
        "staff.html",
        status,
        people=people,
        undecided=undecided,
        fault=fault,
        places=_all_places(visit),
        roles=list(Role),
        username=given.one("username"),
        display_name=given.one("display_name"),
        chosen_roles=given.all("roles"),
        chosen_places=given.all("municipalities"),
        whole_county=given.has("whole_county") or form is None,
    )


def _one(visit: Visit, status: int = 200, *, fault: str = "", hours_fault: str = "") -> Response:
    with visit.desk.services.db.reading() as session:
        staff = session.get(Staff, visit.path("staff"))
        if staff is None:
            raise not_found()
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
        places=sorted({*_all_places(visit), *staff.municipalities}),
    )


def _all_places(visit: Visit) -> list[str]:
    return [card.name for card in visit.desk.catalogue.municipalities()]


def _places(visit: Visit, form: Form) -> list[str]:
    """Return the chosen municipalities; the whole county must be chosen in so many words.

    Raises:
        AccountError: none is chosen, or one that we do not know: never silently the whole county.
    """
    if form.has("whole_county"):
        return []
    chosen = list(dict.fromkeys(form.all("municipalities")))
    if not chosen or not set(chosen) <= set(_all_places(visit)):
        raise AccountError("Välj hela länet eller minst en kommun.")
    return chosen
