"""The JSON routes that our script calls. The token travels in the Authorization header only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import anyio.to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.channels.webchat import limits
from bot.channels.webchat.asking import body_of, json_object, language_of, network_of, refuse
from bot.channels.webchat.chats import Chats, Gone, NotStarted, Refused
from bot.channels.webchat.limits import Limits
from bot.channels.webchat.live import Live, as_json
from bot.channels.webchat.tokens import Tokens
from bot.channels.webchat.words import Words
from bot.given import whole_number
from bot.languages import Language
from bot.log import get_logger

log = get_logger(__name__)


class Api:
    """The routes; everything that touches the database runs in a thread."""

    def __init__(self, chats: Chats, tokens: Tokens, counting: Limits, live: Live, words: Words) -> None:
        self._chats = chats
        self._tokens = tokens
        self._limits = counting
        self._live = live
        self._words = words

    def routes(self) -> list[Route]:
        """Return the routes, relative to the site."""
        return [
            Route("/chat/start", self._start, methods=["POST"]),
            Route("/chat/messages", self._answering(self._message), methods=["POST"]),
            Route("/chat/typing", self._typing, methods=["POST"]),
            Route("/chat/events", self._events, methods=["GET"]),
            Route("/chat/resume", self._answering(self._resume), methods=["POST"]),
            Route("/chat/resume-code", self._answering(self._resume_code), methods=["POST"]),
        ]

    async def _start(self, request: Request) -> Response:
        """A token for a new chat. Stores nothing."""
        seconds = self._limits.wait((limits.STARTS_OF_A_NETWORK, network_of(request)))
        if seconds:
            return refuse(self._words, "too_fast", language_of(request), seconds=seconds)
        return JSONResponse({"token": self._tokens.mint()})

    async def _message(self, request: Request, asked: dict[str, Any], language: Language) -> Response:
        address = self._address(request)
        message_id = str(asked.get("id", ""))
        seconds = self._limits.wait(
            (limits.MESSAGES_OF_A_CHAT, address), (limits.MESSAGES_OF_A_NETWORK, network_of(request))
        )
        if seconds:
            return refuse(self._words, "too_fast", language, seconds=seconds)
        match asked:
            case {"text": str(text)}:
                await anyio.to_thread.run_sync(self._chats.write, address, message_id, text, language)
            case {"button": "human"}:
                await anyio.to_thread.run_sync(self._chats.ask_for_human, address, message_id, language)
            case {"button": str(button)}:
                await anyio.to_thread.run_sync(self._chats.press, address, message_id, button, language)
            case _:
                raise Refused("malformed")
        return JSONResponse({"id": message_id})

    async def _typing(self, request: Request) -> Response:
        """A sign that somebody types. The body is not even read: what is unsent stays with the youth."""
        language = language_of(request)
        try:
            address = self._address(request)
            if self._limits.wait((limits.SIGNS_OF_A_CHAT, address)):
                return Response(status_code=204)
            await anyio.to_thread.run_sync(self._chats.is_typing, address)
        except Refused as refused:
            return refuse(self._words, refused.word, language)
        except SQLAlchemyError:
            return refuse(self._words, "database_down", language)
        return Response(status_code=204)

    async def _events(self, request: Request) -> Response:
        language = language_of(request)
        # The page may follow a chat from its beginning.
        after = whole_number(request.query_params.get("after", "0"))
        try:
            address = self._address(request)
            if after is None:
                raise Refused("malformed")
            return await self._live.open(address, network_of(request), after)
        except NotStarted:
            return refuse(self._words, "not_started", language)
        except Refused as refused:
            return refuse(self._words, refused.word, language)
        except SQLAlchemyError:
            return refuse(self._words, "database_down", language)

    async def _resume(self, request: Request, asked: dict[str, Any], language: Language) -> Response:
        seconds = self._limits.wait((limits.TRIES_OF_A_NETWORK, network_of(request)), (limits.TRIES_OF_ALL, ""))
        if seconds:
            return refuse(self._words, "too_fast", language, seconds=seconds)
        address = await anyio.to_thread.run_sync(self._chats.by_code, str(asked.get("code", "")))
        view = await anyio.to_thread.run_sync(self._chats.look, address, None)
        if isinstance(view, Gone):
            raise Refused("wrong_code")
        items = [as_json(item) for item in view.items]
        return JSONResponse({"token": self._tokens.sign(address), "language": view.language, "items": items})

    async def _resume_code(self, request: Request, _: dict[str, Any], language: Language) -> Response:
        address = self._address(request)
        seconds = self._limits.wait((limits.CODES_OF_A_CHAT, address))
        if seconds:
            return refuse(self._words, "too_fast", language, seconds=seconds)
        return JSONResponse({"code": await anyio.to_thread.run_sync(self._chats.new_code, address)})

    def _address(self, request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        address = self._tokens.address_of(token.strip()) if scheme.lower() == "bearer" else None
        if address is None:
            raise Refused("wrong_token")
        return address

    def _answering(
        self, handle: Callable[[Request, dict[str, Any], Language], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Read the body, and turn what went wrong into the one shape of errors."""

        async def answer(request: Request) -> Response:
            language = language_of(request)
            body = await body_of(request)
            if body is None:
                return refuse(self._words, "too_long", language)
            asked = json_object(body) if body else {}
            if asked is None:
                return refuse(self._words, "malformed", language)
            try:
                return await handle(request, asked, language)
            except Refused as refused:
                return refuse(self._words, refused.word, language)
            except NotStarted:
                return refuse(self._words, "not_started", language)
            except SQLAlchemyError as error:
                log.warning("web.database_down", error=type(error).__name__)
                return refuse(self._words, "database_down", language)

        return answer
