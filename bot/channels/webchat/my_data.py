"""`/my-data/<secret>`: a youth fetches what we have about them, once, from any channel.

Opening the link shows a page with one button: programs that look at links in a chat use nothing up.
"""

from __future__ import annotations

from pathlib import Path

import anyio.to_thread
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from bot.channels.webchat import limits
from bot.channels.webchat.asking import language_of, network_of
from bot.channels.webchat.limits import Limits
from bot.channels.webchat.routes import PrivateHeaders
from bot.channels.webchat.words import Words
from bot.languages import Language
from bot.people import own_copy
from bot.wiring import Services


class MyData:
    """The page behind a link, and the file behind its button."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._limits = Limits()
        self._words = Words.load()
        self._template = Environment(
            loader=FileSystemLoader(Path(__file__).with_name("templates")), undefined=StrictUndefined, autoescape=True
        ).get_template("my_data.html")

    async def show(self, request: Request) -> Response:
        """Show the button. Says nothing about whether the link is good."""
        return self._page(language_of(request), used=False)

    async def fetch(self, request: Request) -> Response:
        """Give the file, and make the link worthless."""
        language = language_of(request)
        if self._limits.wait((limits.TRIES_OF_A_NETWORK, network_of(request))):
            return self._page(language, used=True, status=429)
        try:
            text = await anyio.to_thread.run_sync(self._use, str(request.path_params["secret"]))
        except SQLAlchemyError:
            return self._page(language, used=True, status=503)
        if text is None:
            return self._page(language, used=True, status=404)
        headers = {"content-disposition": 'attachment; filename="tillbaka.txt"'}
        # With the mark at the beginning that tells old Windows programs it is UTF-8.
        return Response("\ufeff" + text, media_type="text/plain; charset=utf-8", headers=headers)

    def _use(self, secret: str) -> str | None:
        with self._services.db.transaction() as session:
            return own_copy.use_link(session, secret, self._services.clock())

    def _page(self, language: Language, *, used: bool, status: int = 200) -> HTMLResponse:
        words = self._words.all(language)
        return HTMLResponse(self._template.render(w=words, language=language, used=used), status_code=status)


def create_routes(services: Services) -> list[BaseRoute]:
    """Return the routes, relative to the site."""
    page = MyData(services)
    routes = [
        Route("/my-data/{secret}", page.show, methods=["GET"]),
        Route("/my-data/{secret}", page.fetch, methods=["POST"]),
    ]
    for route in routes:
        route.app = PrivateHeaders(route.app)
    return list(routes)
