"""What every answer of the console carries, and what is read of a request: headers, forms, cookies."""

from __future__ import annotations

import hmac
from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot import limits

SESSION_COOKIE = "console_session"
FORM_COOKIE = "console_form"
"""Ties the sign-in form to the browser that was shown it: there is no session yet."""
MAX_FORM = 64_000
MAX_FIELDS = 200

_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class SecurityHeaders:
    """Middleware that puts the same headers on every answer."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._headers = {**_HEADERS, "strict-transport-security": "max-age=31536000"} if https else _HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and mark its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                # Pages hold what young people wrote: no copy stays in a browser or a proxy. The style
                # sheet and the script have their version in their address and may stay for a year.
                asset = "/static/" in scope["path"]
                headers["cache-control"] = "public, max-age=31536000, immutable" if asset else "no-store"
            await send(message)

        await self._app(scope, receive, send_marked)


class Form:
    """The fields of a submitted form."""

    def __init__(self, fields: dict[str, list[str]]) -> None:
        self._fields = fields

    def one(self, name: str) -> str:
        """Return a field's value; empty when it is missing."""
        values = self._fields.get(name)
        return values[0] if values else ""

    def all(self, name: str) -> list[str]:
        """Return all values of a field, such as ticked boxes."""
        return list(self._fields.get(name, ()))

    def has(self, name: str) -> bool:
        """Whether a field was sent."""
        return name in self._fields


class FormTooLarge(Exception):
    """More was sent than any form of ours holds."""


async def read_form(request: Request) -> Form:
    """Read a form of the usual encoding; anything else is an empty one, and fails the check that follows.

    Raises:
        FormTooLarge: it is larger than MAX_FORM bytes, or has more than MAX_FIELDS fields.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM:
            raise FormTooLarge
    if kind != "application/x-www-form-urlencoded":
        return Form({})
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise FormTooLarge from None
    return Form({name: [_plain(value) for value in values] for name, values in fields.items()})


def _plain(value: str) -> str:
    """Return a value as it is kept: line ends as LF, and no NUL, which PostgreSQL refuses."""
    return value.replace("\r\n", "\n").replace("\x00", "")


def network_of(request: Request) -> str:
    """Return whose limits count: an address, or the whole network that one household or office has with IPv6."""
    return limits.network_of(request.client.host if request.client else "")


def same(given: str, expected: str) -> bool:
    """Compare a secret in constant time; an empty one never fits."""
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())


def set_cookie(response: Response, name: str, value: str, *, https: bool, seconds: int | None = None) -> None:
    """Set a cookie that no script reads and no other site sends along with a form."""
    response.set_cookie(name, value, path="/console", httponly=True, samesite="lax", secure=https, max_age=seconds)


def drop_cookie(response: Response, name: str, *, https: bool) -> None:
    """Take a cookie back."""
    response.delete_cookie(name, path="/console", httponly=True, samesite="lax", secure=https)
