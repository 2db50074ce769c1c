"""The sign-in form, and signing out. The form is tied to its browser by a cookie: no session is there yet."""

from __future__ import annotations

import secrets

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console import security
from bot.console.desk import Desk, Visit
from bot.console.sign_in import sign_in, sign_out
from bot.log import get_logger

log = get_logger(__name__)

_FORM_SECONDS = 3600


class SignIn:
    """Shows and takes the sign-in form."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        # Checking a password takes much memory on purpose: a flood of attempts waits in line.
        self._limiter = anyio.CapacityLimiter(2)

    async def __call__(self, request: Request) -> Response:
        """Answer GET and POST of the page."""
        if request.method == "POST":
            return await self._take(request)
        visitor = await anyio.to_thread.run_sync(self._desk.visitor_of, request, self._desk.services.clock())
        return RedirectResponse("/console/", status_code=303) if visitor else self._form(request)

    async def _take(self, request: Request) -> Response:
        try:
            form = await security.read_form(request)
        except security.FormTooLarge:
            return self._form(request, status=413, fault="Det var för mycket text.")
        if not security.same(form.one("csrf"), request.cookies.get(security.FORM_COOKIE, "")):
            return self._form(request, status=403, fault="Formuläret hade gått ut. Försök igen.")
        services = self._desk.services
        token = await anyio.to_thread.run_sync(
            sign_in,
            services.db,
            form.one("username"),
            form.one("password"),
            services.clock(),
            limiter=self._limiter,
        )
        if token is None:
            log.warning("console.sign_in_refused")
            return self._form(
                request,
                status=401,
                username=form.one("username"),
                fault="Användarnamnet eller lösenordet stämmer inte. Efter flera försök får du vänta lite.",
            )
        response = RedirectResponse("/console/", status_code=303)
        security.set_cookie(response, security.SESSION_COOKIE, token, https=self._desk.https)
        security.drop_cookie(response, security.FORM_COOKIE, https=self._desk.https)
        return response

    def _form(self, request: Request, *, status: int = 200, fault: str = "", username: str = "") -> Response:
        # A second tab must not make the form of the first one worthless: keep the cookie that is there.
        csrf = request.cookies.get(security.FORM_COOKIE) or secrets.token_urlsafe(24)
        response = self._desk.pages.render("sign_in.html", status, csrf=csrf, fault=fault, username=username)
        security.set_cookie(response, security.FORM_COOKIE, csrf, https=self._desk.https, seconds=_FORM_SECONDS)
        return response


def leave(visit: Visit) -> Response:
    """Sign out."""
    sign_out(visit.desk.services.db, visit.visitor)
    response = visit.go("/console/sign-in")
    security.drop_cookie(response, security.SESSION_COOKIE, https=visit.desk.https)
    return response
