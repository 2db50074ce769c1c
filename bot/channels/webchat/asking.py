"""What every route of the web chat needs to know of a request, and how each refuses."""

from __future__ import annotations

import json
import math
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from bot import limits
from bot.channels.body import read_body
from bot.channels.webchat.words import Words, preferred_language
from bot.languages import Language

# A text of 8,000 characters in any alphabet, with room for its fields.
MAX_BODY = 64_000

_STATUS = {
    "empty": 422, "malformed": 400, "too_long": 413, "wrong_token": 401, "wrong_code": 404,
    "not_started": 404, "erased": 410, "too_fast": 429, "database_down": 503, "crowded": 503,
}  # fmt: skip


def language_of(request: Request) -> Language:
    """Return the page's language: as asked for in the address, else as the browser prefers."""
    asked = request.query_params.get("lang", "")
    if asked in set(Language):
        return Language(asked)
    return preferred_language(request.headers.get("accept-language", ""))


def network_of(request: Request) -> str:
    """Return where a request comes from, for limits only."""
    return limits.network_of(request.client.host if request.client else "")


def refuse(words: Words, error: str, language: Language, *, seconds: float = 0.0) -> JSONResponse:
    """Refuse in the one shape of errors: a code for our script, and what to do in plain words."""
    wait = math.ceil(seconds)
    values, headers = ({"seconds": wait}, {"Retry-After": str(wait)}) if error == "too_fast" else ({}, None)
    next_step = words.say(error, language, **values)
    return JSONResponse({"error": error, "next": next_step}, status_code=_STATUS[error], headers=headers)


def status_of(error: str) -> int:
    """Return the HTTP status of a refusal."""
    return _STATUS[error]


async def body_of(request: Request) -> bytes | None:
    """Read the body; None when it is above the limit."""
    return await read_body(request, MAX_BODY)


def json_object(body: bytes) -> dict[str, Any] | None:
    """Return a JSON object; None when the body is none."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
