"""Kod vid inloggning: switching the second factor of one's own account on and off."""

from __future__ import annotations

from starlette.responses import Response

from bot.console import second_factor
from bot.console.accounts import sign_out_everywhere
from bot.console.desk import Visit, ended
from bot.console.models import Staff
from bot.console.proofs import count_proof

_WRONG = "Koden stämmer inte. Vänta på nästa kod i appen och försök igen."


def show(visit: Visit) -> Response:
    """Show the secret to scan, or that the code is on."""
    with visit.desk.services.db.transaction() as session:
        staff = session.get_one(Staff, visit.visitor.staff_id)
        if staff.totp_since is None and staff.totp_secret is None:
            # Kept until the first code is right; it is worth nothing before.
            staff.totp_secret = second_factor.new_secret()
    return _page(visit)


def switch_on(visit: Visit) -> Response:
    """Take the first code: from now on the account needs one. Shows the paper codes, this once."""
    with visit.desk.services.db.transaction() as session:
        staff = session.get_one(Staff, visit.visitor.staff_id, with_for_update=True)
        secret = staff.totp_secret
        if staff.totp_since is not None or secret is None:
            return visit.go("/console/account/second-factor")
        step = second_factor.step_of(secret, visit.form.one("code"), visit.now, staff.totp_step)
        if step is not None:
            codes = second_factor.new_paper_codes()
            staff.totp_since, staff.totp_step = visit.now, step
            staff.recovery_codes = [second_factor.hash_of_paper(code) for code in codes]
            # A session of before would be one without the second factor.
            sign_out_everywhere(session, staff.id, keep=visit.visitor.session_hash)
    if step is None:
        return _page(visit, 422, fault=_WRONG)
    return visit.page("second_factor.html", codes=codes)


def switch_off(visit: Visit) -> Response:
    """Switch the code off with a last code, to move it to another phone; wrong ones end the session after some."""
    with visit.desk.services.db.transaction() as session:
        staff = session.get_one(Staff, visit.visitor.staff_id, with_for_update=True)
        if staff.totp_since is None or staff.totp_secret is None:
            return visit.go("/console/account/second-factor")
        step = second_factor.step_of(staff.totp_secret, visit.form.one("code"), visit.now, staff.totp_step)
        stands = count_proof(session, visit.visitor.session_hash, right=step is not None)
        if stands and step is not None:
            clear(staff)
    if not stands:
        raise ended()
    return visit.go("/console/account/second-factor") if step is not None else _page(visit, 422, fault=_WRONG)


def clear(staff: Staff) -> None:
    """Take the second factor off an account."""
    staff.totp_secret, staff.totp_since, staff.totp_step, staff.recovery_codes = None, None, 0, []


def _page(visit: Visit, status: int = 200, *, fault: str = "") -> Response:
    with visit.desk.services.db.reading() as session:
        staff = session.get_one(Staff, visit.visitor.staff_id)
    secret, on = staff.totp_secret or "", staff.totp_since is not None
    return visit.page(
        "second_factor.html", status, codes=None, on=on, left=len(staff.recovery_codes), fault=fault,
        required=visit.desk.needs_second_factor(visit.visitor),
        secret="" if on else " ".join(secret[n : n + 4] for n in range(0, len(secret), 4)),
        picture="" if on else second_factor.picture(secret, staff.username),
    )  # fmt: skip
