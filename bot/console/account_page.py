"""Mitt konto: my password and my hours."""

from __future__ import annotations

from starlette.responses import Response

from bot.booking.rota import hours_of, set_hours
from bot.console.accounts import AccountError, choose_password
from bot.console.desk import Visit, ended
from bot.console.hours_form import fields_of, read_hours
from bot.console.passwords import MIN_LENGTH
from bot.console.permissions import Permission


def show(visit: Visit) -> Response:
    """Show both forms."""
    return _page(visit)


def change_password(visit: Visit) -> Response:
    """Choose a new password; other browsers are signed out."""
    form = visit.form
    if form.one("new") != form.one("again"):
        return _page(visit, 422, password_fault="De två nya lösenorden är inte lika.")  # noqa: S106 - a sentence
    visitor, desk = visit.visitor, visit.desk
    try:
        staff = choose_password(
            desk.services.db, visitor.staff_id, visitor.session_hash, old=form.one("old"), new=form.one("new")
        )
    except AccountError as error:
        return _page(visit, 422, password_fault=str(error))
    if staff is None:
        raise ended()
    response = visit.go("/console/" if visitor.must_change_password else "/console/account?said=password")
    desk.remember_browser(response, visit.request, staff)
    return response


def change_hours(visit: Visit) -> Response:
    """Set my weekly hours."""
    try:
        periods = read_hours(visit.form)
    except AccountError as error:
        return _page(visit, 422, hours_fault=str(error))
    with visit.desk.services.db.transaction() as session:
        set_hours(session, visit.visitor.staff_id, periods)
    return visit.go("/console/account?said=hours")


def _page(visit: Visit, status: int = 200, *, password_fault: str = "", hours_fault: str = "") -> Response:
    with visit.desk.services.db.reading() as session:
        periods = hours_of(session, [visit.visitor.staff_id]).get(visit.visitor.staff_id, [])
    return visit.page(
        "account.html",
        status,
        days=fields_of(periods),
        hours_set=bool(periods),
        password_fault=password_fault,
        hours_fault=hours_fault,
        said=visit.query("said"),
        min_length=MIN_LENGTH,
        has_hours=visit.visitor.may(Permission.ANSWER_CHATS),
    )
