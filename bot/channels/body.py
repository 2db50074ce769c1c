"""Reads what a stranger sends over HTTP, never more of it than is allowed."""

from __future__ import annotations

from starlette.requests import ClientDisconnect, Request


async def read_body(request: Request, most: int) -> bytes | None:
    """Read a body of at most `most` bytes; None when it is longer, whatever its header says."""
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and (len(length) > 10 or int(length) > most):
        return None
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                return None
    except ClientDisconnect:
        return b""
    return bytes(body)
