"""`/calendar/…`: calendar files behind secret addresses. Nothing here needs, or sets, a cookie."""

from __future__ import annotations

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.calendars import export
from bot.wiring import Services

_HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
}
_LONGEST_TOKEN = 64


def create_routes(services: Services) -> list[BaseRoute]:
    """Return the routes of the calendar files."""

    def staff_feed(token: str) -> bytes | None:
        return export.feed(services.db, token, services.clock())

    def one_meeting(token: str) -> bytes | None:
        with services.db.reading() as session:
            return export.meeting(session, token, services.settings.public_url)

    async def staff(request: Request) -> Response:
        return _file(await anyio.to_thread.run_sync(staff_feed, _token(request)), "mina-moten.ics")

    async def meeting(request: Request) -> Response:
        return _file(await anyio.to_thread.run_sync(one_meeting, _token(request)), "tid.ics")

    return [
        Route("/calendar/staff/{token}.ics", staff),
        Route("/calendar/meeting/{token}.ics", meeting),
    ]


def _token(request: Request) -> str:
    return str(request.path_params["token"]).replace("\x00", "")[:_LONGEST_TOKEN]


def _file(content: bytes | None, name: str) -> Response:
    if content is None:
        return PlainTextResponse("Kalendern finns inte längre. / The calendar is gone.", 404, headers=_HEADERS)
    headers = {**_HEADERS, "content-disposition": f'inline; filename="{name}"'}
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)
