"""The sign-in forms: password, then six digits where an account has them. Tied to their browser by a cookie."""

from __future__ import annotations

import math
import secrets

import anyio
import anyio.to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console import browsers, security
from bot.console.desk import Desk, Refused, Visit
from bot.console.guesses import Caller
from bot.console.sign_in import Opened, give_code, sign_in, sign_out, waiting_for_code
from bot.limits import Limit, Limits
from bot.log import get_logger

log = get_logger(__name__)

_FORM_SECONDS = 3600
# A whole office may share one address; nobody types so many passwords.
TRIES_OF_A_NETWORK = Limit("sign-ins of a network", 40, 3.0)
_WRONG = "Användarnamnet eller lösenordet stämmer inte. Efter flera försök får du vänta lite."
_WRONG_CODE = "Koden stämmer inte, eller har använts. Vänta på nästa kod och försök igen."
CODE_PATH = "/console/sign-in/code"


class SignIn:
    """Shows and takes the sign-in forms."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._limits = Limits()
        # Checking a password takes much memory on purpose: a flood of attempts waits in line.
        self._limiter = anyio.CapacityLimiter(2)

    async def __call__(self, request: Request) -> Response:
        """Answer GET and POST of the first form."""
        try:
            if request.method == "POST":
                return await self._take(request)
            visitor = await anyio.to_thread.run_sync(self._desk.visitor_of, request, self._desk.services.clock())
        except SQLAlchemyError as error:
            return self._down(error)
        return RedirectResponse("/console/", status_code=303) if visitor else self._form(request)

    async def code(self, request: Request) -> Response:
        """Answer GET and POST of the form for the six digits."""
        services = self._desk.services
        token = request.cookies.get(security.SESSION_COOKIE, "")
        try:
            csrf = await anyio.to_thread.run_sync(waiting_for_code, services.db, token, services.clock())
            if csrf is None:
                return RedirectResponse("/console/sign-in", status_code=303)
            if request.method == "GET":
                return self._code_form(csrf)
            form = await security.read_form(request)
            if not security.same(form.one("csrf"), csrf):
                return self._code_form(csrf, 403, "Formuläret hade gått ut. Försök igen.")
            caller = _caller_of(request)
            seconds = self._limits.wait((TRIES_OF_A_NETWORK, caller.network))
            if seconds:
                return self._code_form(csrf, 429, wait_words(seconds))
            opened = await anyio.to_thread.run_sync(
                give_code, services.db, self._desk.guesses, caller, token, form.one("code"), services.clock()
            )
        except security.FormTooLarge:
            return RedirectResponse("/console/sign-in", status_code=303)
        except SQLAlchemyError as error:
            return self._down(error)
        if opened is None:
            log.warning("console.code_refused")
            return self._code_form(csrf, 401, _WRONG_CODE)
        return self._opened(request, opened)

    async def _take(self, request: Request) -> Response:
        try:
            form = await security.read_form(request)
        except security.FormTooLarge:
            return self._form(request, status=413, fault="Det var för mycket text.")
        username = form.one("username")
        if not security.same(form.one("csrf"), request.cookies.get(security.FORM_COOKIE, "")):
            return self._form(request, status=403, fault="Formuläret hade gått ut. Försök igen.")
        caller = _caller_of(request)
        seconds = self._limits.wait((TRIES_OF_A_NETWORK, caller.network))
        if seconds:
            return self._form(request, status=429, username=username, fault=wait_words(seconds))
        services, guesses, password = self._desk.services, self._desk.guesses, form.one("password")
        opened = await anyio.to_thread.run_sync(
            sign_in, services.db, guesses, caller, username, password, services.clock(), limiter=self._limiter
        )
        if opened is None:
            log.warning("console.sign_in_refused")
            return self._form(request, status=401, username=username, fault=_WRONG)
        return self._opened(request, opened)

    def _opened(self, request: Request, opened: Opened) -> Response:
        response = RedirectResponse(CODE_PATH if opened.awaits_code else "/console/", status_code=303)
        security.set_cookie(response, security.SESSION_COOKIE, opened.token, https=self._desk.https)
        if not opened.awaits_code:
            self._desk.remember_browser(response, request, opened.staff)
        security.drop_cookie(response, security.FORM_COOKIE, https=self._desk.https)
        return response

    def _form(self, request: Request, *, status: int = 200, fault: str = "", username: str = "") -> Response:
        # A second tab must not make the form of the first one worthless: keep the cookie that is there.
        csrf = request.cookies.get(security.FORM_COOKIE) or secrets.token_urlsafe(24)
        response = self._desk.pages.render(
            "sign_in.html",
            status,
            csrf=csrf,
            fault=fault or (request.query_params.get("fault", "") and _MUNICIPAL_FAULT),
            username=username,
            municipal=self._desk.services.settings.oidc is not None,
        )
        security.set_cookie(response, security.FORM_COOKIE, csrf, https=self._desk.https, seconds=_FORM_SECONDS)
        return response

    def _code_form(self, csrf: str, status: int = 200, fault: str = "") -> Response:
        return self._desk.pages.render("sign_in_code.html", status, csrf=csrf, fault=fault)

    def _down(self, error: SQLAlchemyError) -> Response:
        log.error("console.database_down", error=type(error).__name__)
        return self._desk.refuse(Refused(503, "Databasen svarar inte", "Vänta en stund och ladda om sidan."))


_MUNICIPAL_FAULT = (
    "Det gick inte att logga in med kommunens konto. Försök igen."
    " Går det inte, be en administratör om ett konto med din e-postadress som användarnamn."
)


def wait_words(seconds: float) -> str:
    """Say for how long a network must wait."""
    return f"Det blev många försök. Vänta {math.ceil(seconds)} sekunder."


def _caller_of(request: Request) -> Caller:
    return Caller(security.network_of(request), request.cookies.get(browsers.COOKIE, ""))


def leave(visit: Visit) -> Response:
    """Sign out."""
    sign_out(visit.desk.services.db, visit.visitor)
    response = visit.go("/console/sign-in")
    security.drop_cookie(response, security.SESSION_COOKIE, https=visit.desk.https)
    return response
