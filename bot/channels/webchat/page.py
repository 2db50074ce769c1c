"""The page: complete without script. Every button is part of one form, and the server draws the chat anew.

The token stands in a hidden field: in no address, no cookie and no storage of the browser.
"""

from __future__ import annotations

import asyncio
import json
import math
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import anyio.to_thread
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.channels.webchat import days, limits
from bot.channels.webchat.asking import body_of, language_of, network_of, status_of
from bot.channels.webchat.chats import Chats, Gone, NotStarted, Refused, View, With, first_message
from bot.channels.webchat.limits import Limits
from bot.channels.webchat.links import with_links
from bot.channels.webchat.timeline import Item
from bot.channels.webchat.tokens import Tokens
from bot.channels.webchat.words import Words
from bot.conversations.incoming import MAX_TEXT
from bot.conversations.own_words import privacy
from bot.languages import Language
from bot.log import get_logger
from bot.wiring import Services

log = get_logger(__name__)

LEAVE_TO = "https://www.smhi.se"
# Without script the answer is waited for so long; the button for new answers does the rest.
WAIT_SECONDS = 8.0


@dataclass(frozen=True)
class Shown:
    """What the template draws."""

    language: Language
    token: str
    items: list[Item] = field(default_factory=list)
    with_whom: With = With.BOT
    person_name: str | None = None
    typing: bool = False
    draft: str = ""
    fault: str | None = None
    code: str | None = None
    receipt: str | None = None
    started: bool = False
    status: int = 200


class Page:
    """Draws the page and takes its form."""

    def __init__(self, services: Services, chats: Chats, tokens: Tokens, counting: Limits, words: Words) -> None:
        self._services = services
        self._chats = chats
        self._tokens = tokens
        self._limits = counting
        self._words = words
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).with_name("templates")),
            undefined=StrictUndefined,
            autoescape=select_autoescape(),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(
            with_links=with_links, clock=days.clock, day=days.day, day_key=days.day_key, new_day=days.new_day
        )

    def routes(self) -> list[Route]:
        """Return the routes, relative to the site."""
        return [
            Route("/chat", self._open, methods=["GET"]),
            Route("/chat", self._form, methods=["POST"]),
            Route("/chat/privacy", self._privacy, methods=["GET"]),
        ]

    async def _open(self, request: Request) -> Response:
        """Show a new, empty chat. Stores nothing."""
        return self._draw(Shown(language_of(request), self._tokens.mint()))

    async def _privacy(self, request: Request) -> Response:
        language = language_of(request)
        texts = [bubble.text for bubble in privacy(self._services.texts, language)]
        return self._html("privacy.html", language, texts=texts, status=200)

    async def _form(self, request: Request) -> Response:
        """Do what a button of the form asks for, and draw the chat."""
        body = await body_of(request)
        fields = dict(parse_qsl((body or b"").decode("utf-8", "replace"), keep_blank_values=True))
        language = Language(fields["lang"]) if fields.get("lang") in set(Language) else language_of(request)
        draft = fields.get("text", "")
        address = self._tokens.address_of(fields.get("token", ""))
        if address is None:
            fault = self._say("wrong_token", language)
            return self._draw(Shown(language, self._tokens.mint(), draft=draft, fault=fault))
        try:
            if body is None:
                raise Refused("too_long")
            return await self._do(request, fields, address, language, draft)
        except Refused as refused:
            fault, status = self._say(refused.word, language), status_of(refused.word)
        except SQLAlchemyError as error:
            log.warning("web.database_down", error=type(error).__name__)
            fault, status = self._say("database_down", language), 503
        return await self._chat(address, language, draft=draft, fault=fault, status=status)

    async def _do(
        self, request: Request, fields: dict[str, str], address: str, language: Language, draft: str
    ) -> Response:
        message_id, (verb, _, value) = fields.get("id", ""), fields.get("do", "send").partition(":")
        if verb in ("send", "press", "human"):
            network = limits.MESSAGES_OF_A_NETWORK, network_of(request)
            seconds = self._limits.wait((limits.MESSAGES_OF_A_CHAT, address), network)
            if fault := self._too_fast(seconds, language):
                return await self._chat(address, language, draft=draft, fault=fault, status=429)
        match verb:
            case "send":
                await anyio.to_thread.run_sync(self._chats.write, address, message_id, draft, language)
                draft = ""
            case "press":
                await anyio.to_thread.run_sync(self._chats.press, address, message_id, value, language)
            case "human":
                await anyio.to_thread.run_sync(self._chats.ask_for_human, address, message_id, language)
            case "language" if value in set(Language):
                language = Language(value)
                await anyio.to_thread.run_sync(self._chats.choose_language, address, language)
                return await self._chat(address, language, draft=draft)
            case "code":
                fault = self._too_fast(self._limits.wait((limits.CODES_OF_A_CHAT, address)), language)
                code = None if fault else await anyio.to_thread.run_sync(self._chats.new_code, address)
                return await self._chat(address, language, draft=draft, fault=fault, code=code)
            case "resume":
                tries = (limits.TRIES_OF_A_NETWORK, network_of(request)), (limits.TRIES_OF_ALL, "")
                fault = self._too_fast(self._limits.wait(*tries), language)
                if not fault:
                    address = await anyio.to_thread.run_sync(self._chats.by_code, fields.get("code", ""))
                return await self._chat(address, language, draft=draft, fault=fault)
            case "refresh":
                return await self._chat(address, language, draft=draft)
            case _:
                raise Refused("malformed")
        await self._wait_for_answer(address)
        return await self._chat(address, language, draft=draft)

    async def _wait_for_answer(self, address: str) -> None:
        """Wait a little: most answers come within it, and then no button has to be pressed."""
        end = asyncio.get_running_loop().time() + WAIT_SECONDS
        while (left := end - asyncio.get_running_loop().time()) > 0:
            view = await anyio.to_thread.run_sync(self._look, address)
            if not isinstance(view, View):
                return
            if view.items and view.items[-1].author != "you" and not view.typing:
                return
            if view.with_whom is not With.BOT:
                return
            await self._services.bell.wait(f"chat:{view.conversation_id}", min(left, 1.0))

    async def _chat(
        self,
        address: str,
        language: Language,
        *,
        draft: str = "",
        fault: str | None = None,
        code: str | None = None,
        status: int = 200,
    ) -> Response:
        """Draw the chat as it is now."""
        try:
            view = await anyio.to_thread.run_sync(self._look, address)
        except SQLAlchemyError:
            view, fault, status = None, self._say("database_down", language), 503
        token = self._tokens.sign(address)
        if isinstance(view, Gone):
            receipt = view.text or self._say("erasing", language)
            if view.text is not None:
                await anyio.to_thread.run_sync(self._chats.receipt_was_shown, view)
            return self._draw(Shown(language, token, draft=draft, receipt=receipt, status=status))
        if view is None:
            return self._draw(Shown(language, token, draft=draft, fault=fault, status=status))
        return self._draw(
            Shown(
                language,
                token,
                view.items,
                view.with_whom,
                view.person_name,
                view.typing,
                draft,
                fault,
                code,
                started=True,
                status=status,
            )
        )

    def _look(self, address: str) -> View | Gone | None:
        try:
            return self._chats.look(address, None)
        except NotStarted:
            return None

    def _too_fast(self, seconds: float, language: Language) -> str | None:
        return self._words.say("too_fast", language, seconds=math.ceil(seconds)) if seconds else None

    def _say(self, word: str, language: Language) -> str:
        return self._words.say(word, language)

    def _draw(self, shown: Shown) -> Response:
        return self._html(
            "chat.html",
            shown.language,
            shown=shown,
            first=first_message(self._services, shown.language),
            message_id=secrets.token_urlsafe(12),
            limit=MAX_TEXT,
            leave_to=LEAVE_TO,
            status=shown.status,
            last_seq=max((item.seq for item in shown.items), default=0),
        )

    def _html(self, template: str, language: Language, *, status: int, **values: Any) -> Response:
        labels = self._words.all(language)
        other = Language.EN if language is Language.SV else Language.SV
        html = self._templates.get_template(template).render(
            w=labels,
            words_json=json.dumps(labels, ensure_ascii=False),
            language=str(language),
            now=self._services.clock(),
            other=str(other),
            **values,
        )
        return HTMLResponse(html, status_code=status)
