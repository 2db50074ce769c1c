"""Sending somebody to the municipality's sign-in, and taking them back."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import asdict

import anyio
import anyio.to_thread
import httpx
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console import security
from bot.console.desk import Desk, Refused, not_found
from bot.console.oidc import Attempt, Provider, SignInFailed, sign_in_as
from bot.console.sign_in_page import wait_words
from bot.limits import Limit, Limits
from bot.log import get_logger

log = get_logger(__name__)

COOKIE = "console_municipality"
SECONDS = 600
CALLBACK = "/console/sign-in/callback"
# A whole office may share one address, and signs in at the same minute.
BEGUN_BY_A_NETWORK = Limit("municipal sign-ins begun by a network", 40, 3.0)
RETURNS_OF_A_NETWORK = Limit("municipal sign-ins that come back to a network", 40, 3.0)
# So many requests to the provider at once; more of them wait in line.
AT_ONCE = 4


class MunicipalSignIn:
    """The two addresses of it; without `OIDC_ISSUER` neither is there."""

    def __init__(self, desk: Desk, transport: httpx.BaseTransport | None = None) -> None:
        settings = desk.services.settings
        self._desk = desk
        self._provider = (
            Provider(settings.oidc, f"{settings.public_url}{CALLBACK}", transport) if settings.oidc else None
        )
        key = hmac.new(settings.shared_secret.encode(), b"municipal sign-in", hashlib.sha256).digest()
        self._signer = URLSafeTimedSerializer(key, salt="attempt")
        self._limits = Limits()
        # Threads of its own: a provider that answers slowly must not hold those that all pages share.
        self._limiter = anyio.CapacityLimiter(AT_ONCE)

    async def begin(self, request: Request) -> Response:
        """Send the browser away."""
        provider = self._provider
        refused = self._refused(request, BEGUN_BY_A_NETWORK)
        if provider is None or refused is not None:
            return await anyio.to_thread.run_sync(self._desk.refuse, refused or not_found())
        try:
            url, attempt = await anyio.to_thread.run_sync(
                provider.begin, self._desk.services.clock(), limiter=self._limiter
            )
        except SignInFailed as error:
            return self._failed(error)
        response = RedirectResponse(url, status_code=303)
        sealed = self._signer.dumps(asdict(attempt))
        security.set_cookie(response, COOKIE, str(sealed), https=self._desk.https, seconds=SECONDS)
        return response

    async def callback(self, request: Request) -> Response:
        """Take the browser back, and open a session for a person whom we know."""
        refused = self._refused(request, RETURNS_OF_A_NETWORK)
        if refused is not None:
            return await anyio.to_thread.run_sync(self._desk.refuse, refused)
        query = request.query_params
        try:
            attempt = Attempt(**self._signer.loads(request.cookies.get(COOKIE, ""), max_age=SECONDS))
            if not security.same(query.get("state", ""), attempt.state) or not query.get("code"):
                raise SignInFailed("state")
            token = await anyio.to_thread.run_sync(self._open, query["code"], attempt, limiter=self._limiter)
        except (BadData, TypeError):
            return self._failed(SignInFailed("cookie"))
        except SignInFailed as error:
            return self._failed(error)
        except SQLAlchemyError as error:
            log.error("console.database_down", error=type(error).__name__)
            return self._desk.refuse(Refused(503, "Databasen svarar inte", "Vänta en stund och försök igen."))
        response = RedirectResponse("/console/", status_code=303)
        security.set_cookie(response, security.SESSION_COOKIE, token, https=self._desk.https)
        security.drop_cookie(response, COOKIE, https=self._desk.https)
        return response

    def _refused(self, request: Request, limit: Limit) -> Refused | None:
        if self._provider is None:
            return not_found()
        seconds = self._limits.wait((limit, security.network_of(request)))
        return Refused(429, "Vänta lite", wait_words(seconds)) if seconds else None

    def _open(self, code: str, attempt: Attempt) -> str:
        now = self._desk.services.clock()
        assert self._provider is not None
        return sign_in_as(self._desk.services.db, self._provider.finish(code, attempt, now), now)

    def _failed(self, error: SignInFailed) -> Response:
        log.warning("console.municipal_sign_in_failed", why=str(error))
        response = RedirectResponse("/console/sign-in?fault=municipality", status_code=303)
        security.drop_cookie(response, COOKIE, https=self._desk.https)
        return response
