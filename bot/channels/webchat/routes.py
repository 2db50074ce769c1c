"""The web chat's routes, as `bot.server` mounts them, with the headers that keep a visitor private."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.channels.webchat.api import Api
from bot.channels.webchat.chats import Chats
from bot.channels.webchat.limits import Limits
from bot.channels.webchat.live import Live
from bot.channels.webchat.page import Page
from bot.channels.webchat.tokens import Tokens
from bot.channels.webchat.words import Words
from bot.wiring import Services

_STATIC = Path(__file__).with_name("static")
_FILES = {
    "chat.css": "text/css", "chat.js": "text/javascript", "stream.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}  # fmt: skip

# No address, no copy, nothing from anybody else: the page is used on shared phones and computers.
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class PrivateHeaders:
    """Adds the headers to every answer of the web chat, without holding a stream back."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]
                names = {name for name, _ in ours}
                message["headers"] = [*(one for one in message["headers"] if one[0] not in names), *ours]
            await send(message)

        await self._app(scope, receive, send_with_headers)


def create_routes(services: Services) -> list[BaseRoute]:
    """Return the routes of the web chat."""
    words, tokens, counting = Words.load(), Tokens(services.settings.shared_secret), Limits()
    chats = Chats(services, words)
    page = Page(services, chats, tokens, counting, words)
    api = Api(chats, tokens, counting, Live(services, chats), words)
    routes = [*page.routes(), *api.routes(), Route("/chat/static/{name}", _file, methods=["GET"])]
    for route in routes:
        route.app = PrivateHeaders(route.app)
    return list(routes)


async def _file(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _FILES:
        return Response(status_code=404)
    return FileResponse(_STATIC / name, media_type=_FILES[name])
