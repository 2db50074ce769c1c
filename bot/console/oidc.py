"""The municipality's own sign-in for staff: OpenID Connect, authorization code with PKCE (Authlib).

Accounts are still added by an administrator here: a municipality's sign-in says who somebody is, this
program says what they may do. The first sign-in ties the two, when the user name that the administrator wrote
equals the verified e-mail address of the municipality's account; from then on the subject counts. Nothing else
ties: `preferred_username` and an unverified address are what somebody calls themselves (OpenID Connect Core 5.7).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.console.accounts import normalise_username, sign_out_everywhere
from bot.console.models import Staff
from bot.console.sign_in import open_session
from bot.db.session import Database
from bot.errors import BotError
from bot.given import storable
from bot.settings import OidcSettings

SCOPE = "openid email profile"
# Their clock and ours may differ so much.
LEEWAY_SECONDS = 60
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384"]
_TIMEOUT = 10.0
_LONGEST_SUBJECT = 255
METADATA_KEPT = timedelta(hours=1)


class SignInFailed(BotError):
    """The municipality's sign-in gave nothing that we can trust, or somebody whom we do not know."""


@dataclass(frozen=True)
class Attempt:
    """What must come back unchanged from a sign-in that was begun; kept signed in the browser."""

    state: str
    nonce: str
    verifier: str


class Provider:
    """The municipality's sign-in, by its own description of itself."""

    def __init__(self, settings: OidcSettings, redirect_uri: str, transport: httpx.BaseTransport | None = None) -> None:
        self._settings = settings
        self._redirect_uri = redirect_uri
        self._transport = transport
        self._metadata: dict[str, Any] | None = None
        self._read_at: datetime | None = None

    def begin(self, now: datetime) -> tuple[str, Attempt]:
        """Return the address to send the browser to, and what must come back.

        Raises:
            SignInFailed: the provider cannot be reached, or describes itself wrongly.
        """
        attempt = Attempt(secrets.token_urlsafe(24), secrets.token_urlsafe(24), generate_token(64))
        url = prepare_grant_uri(
            self._describe(now)["authorization_endpoint"],
            self._settings.client_id,
            "code",
            redirect_uri=self._redirect_uri,
            scope=SCOPE,
            state=attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
        )
        return str(url), attempt

    def finish(self, code: str, attempt: Attempt, now: datetime) -> dict[str, Any]:
        """Exchange the code and return the checked claims about somebody.

        Raises:
            SignInFailed: anything about the answer is wrong; the message says which kind, and no token.
        """
        about = self._describe(now)
        try:
            token = jwt.decode(
                self._id_token(about["token_endpoint"], code, attempt),
                KeySet.import_key_set(self._get(about["jwks_uri"])),  # type: ignore[arg-type]
                algorithms=_ALGORITHMS,
            )
            jwt.JWTClaimsRegistry(
                now=int(now.timestamp()),
                leeway=LEEWAY_SECONDS,
                iss={"essential": True, "value": self._settings.issuer},
                aud={"essential": True, "value": self._settings.client_id},
                exp={"essential": True},
                sub={"essential": True},
            ).validate(token.claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise SignInFailed(type(error).__name__) from None
        if not secrets.compare_digest(storable(str(token.claims.get("nonce", ""))).encode(), attempt.nonce.encode()):
            raise SignInFailed("nonce")
        subject = token.claims["sub"]
        # At most 255 ASCII characters (OpenID Connect Core 2): what had to be cut or mended could be two people.
        if not isinstance(subject, str) or not subject.isascii() or len(subject) > _LONGEST_SUBJECT:
            raise SignInFailed("sub")
        return {name: storable(claim) if isinstance(claim, str) else claim for name, claim in token.claims.items()}

    def _id_token(self, url: str, code: str, attempt: Attempt) -> str:
        body = prepare_token_request(
            "authorization_code", code=code, redirect_uri=self._redirect_uri, code_verifier=attempt.verifier
        )
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        secret = (self._settings.client_id, self._settings.client_secret)
        try:
            with httpx.Client(timeout=_TIMEOUT, transport=self._transport) as client:
                answer = client.post(url, content=body, headers=headers, auth=secret)
                answer.raise_for_status()
                return str(answer.json()["id_token"])
        except httpx.HTTPError as error:
            raise SignInFailed(type(error).__name__) from None

    def _describe(self, now: datetime) -> dict[str, Any]:
        if self._metadata is None or self._read_at is None or now - self._read_at > METADATA_KEPT:
            found = self._get(f"{self._settings.issuer}/.well-known/openid-configuration")
            if str(found.get("issuer", "")).rstrip("/") != self._settings.issuer:
                raise SignInFailed("issuer")
            self._metadata, self._read_at = found, now
        return self._metadata

    def _get(self, url: str) -> dict[str, Any]:
        try:
            with httpx.Client(timeout=_TIMEOUT, transport=self._transport) as client:
                answer = client.get(url)
                answer.raise_for_status()
                found = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise SignInFailed(type(error).__name__) from None
        if not isinstance(found, dict):
            raise SignInFailed("no object")
        return found


def sign_in_as(db: Database, claims: dict[str, Any], now: datetime) -> str:
    """Open a session for the person whom the claims name; return its cookie.

    Raises:
        SignInFailed: nobody here is them, or their account is closed.
    """
    subject = claims["sub"]
    with db.transaction() as session:
        staff = session.scalar(select(Staff).where(Staff.oidc_subject == subject).with_for_update())
        if staff is None:
            staff = _by_address(session, claims)
            if staff is None:
                raise SignInFailed("unknown")
            staff.oidc_subject = subject
            # From now on the municipality says who this is: no password opens the account any more.
            staff.password_hash, staff.must_change_password = "", False
            sign_out_everywhere(session, staff.id)
        if not staff.active:
            raise SignInFailed("closed")
        return open_session(session, staff, now, municipal=True)


def _by_address(session: Session, claims: dict[str, Any]) -> Staff | None:
    """Return the one account that a verified address belongs to: user names are unique, and an address is needed."""
    address = normalise_username(str(claims.get("email") or ""))
    if claims.get("email_verified") is not True or "@" not in address:
        return None
    return session.scalar(
        select(Staff)
        .where(Staff.username == address, Staff.oidc_subject.is_(None), Staff.active.is_(True))
        .with_for_update()
    )
