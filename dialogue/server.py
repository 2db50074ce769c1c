"""The dialogue server: `python -m dialogue.server`. The turn contract over HTTP, and nothing of Rasa's.

Started by `bot run` or a container; listens at DIALOGUE_URL, on loopback or a private network.
"""

import hmac
import json
import logging
import os
import sys
import threading
import warnings
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, AsyncIterator, Awaitable, Callable, Dict

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dialogue import log, model_file
from dialogue.embedded.engine import Engine
from dialogue.errors import Malformed, NotFound, TooLong, TurnError, Unauthorised
from dialogue.project import Project
from dialogue.request import texts_request, turn_request
from dialogue.settings import Settings, SettingsError, read
from dialogue.store.conversations import Conversations, checked_id
from dialogue.store.sealing import Seal
from dialogue.turns import Turns

logger = logging.getLogger(__name__)
LARGEST_BODY = 64 * 1024
LARGEST_PARSE_BODY = 2 * 1024 * 1024
Handler = Callable[[Request], Awaitable[Response]]


class Server:
    """The HTTP surface around one engine and one tracker database."""

    def __init__(self, engine: Engine, conversations: Conversations, secret: str) -> None:
        self._engine, self._conversations = engine, conversations
        self._turns = Turns(engine, conversations)
        self._expected = f"Bearer {secret}".encode()

    def app(self) -> Starlette:
        """The ASGI application; starts and stops the engine with itself."""

        @asynccontextmanager
        async def running(_app: Starlette) -> AsyncIterator[None]:
            self._engine.start()
            yield
            self._engine.stop()
            self._conversations.close()

        routes = [
            Route("/turn", self._guarded(self._turn), methods=["POST"]),
            Route("/turn/{conversation:path}", self._guarded(self._delete), methods=["DELETE"]),
            Route("/parse", self._guarded(self._parse), methods=["POST"]),
            Route("/health", self._health, methods=["GET"]),
        ]
        handlers: Dict[Any, Any] = {TurnError: _answer_error, HTTPException: _not_found, Exception: _answer_fault}
        return Starlette(routes=routes, lifespan=running, exception_handlers=handlers)

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            given = request.headers.get("authorization", "").encode("utf-8", "replace")
            if not hmac.compare_digest(given, self._expected):
                raise Unauthorised
            return await handler(request)

        return guarded

    async def _turn(self, request: Request) -> Response:
        turn = turn_request(await _body(request, LARGEST_BODY))
        return JSONResponse(await self._engine.run(self._turns.do(turn)))

    async def _delete(self, request: Request) -> Response:
        conversation = checked_id(request.path_params["conversation"], "conversation")
        await self._engine.run(self._turns.delete(conversation))
        return Response(status_code=204)

    async def _parse(self, request: Request) -> Response:
        texts, hint, now = texts_request(await _body(request, LARGEST_PARSE_BODY))
        results = await self._engine.run(self._engine.in_thread(self._engine.parse, texts, hint, now))
        model = self._engine.model
        return JSONResponse({"results": results, "model": model.id if model else None})

    async def _health(self, _request: Request) -> Response:
        database = await self._engine.run(self._database_fault()) if self._engine.ready else None
        ready = self._engine.ready and database is None
        model = self._engine.model
        body = {
            "ready": ready,
            "model": model.id if model else None,
            "sha256": model.sha256 if model else None,
            "reason": None if ready else database or self._engine.reason,
        }
        return JSONResponse(body, status_code=200 if ready else 503)

    async def _database_fault(self) -> Any:
        try:
            await self._engine.in_thread(self._conversations.ping)
        except TurnError as error:
            return f"{error.error}: {error.next}"
        return None


async def _body(request: Request, limit: int) -> Any:
    """Read a JSON body of at most `limit` bytes. Raises TooLong or Malformed."""
    if int(request.headers.get("content-length") or 0) > limit:
        raise TooLong
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > limit:
            raise TooLong
    try:
        return json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Malformed("The body must be a JSON object in UTF-8.") from None


def _answer(error: TurnError) -> JSONResponse:
    return JSONResponse({"error": error.error, "next": error.next}, status_code=error.status)


async def _answer_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, TurnError)
    return _answer(error)


async def _not_found(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": "not_found", "next": NotFound.next}, status_code=error.status_code)


async def _answer_fault(_request: Request, error: Exception) -> Response:
    """A fault of ours: its kind and place go to the log, never what people wrote."""
    logger.error("turn.fault", exc_info=error)
    return _answer(TurnError())


def build(settings: Settings) -> Server:
    """Put the server together from its settings; nothing is started yet."""

    def find_model() -> Path:
        return settings.model or model_file.model_path(settings.var_dir / "models", Project().hash())

    engine = Engine(find_model, settings.actions_url, settings.shared_secret, settings.clock)
    conversations = Conversations(settings.tracker_url, Seal(settings.tracker_keys))
    return Server(engine, conversations, settings.shared_secret)


def _leave_with(pipe: int) -> None:
    """End at once when the supervisor is gone, however it went, so that nobody holds its ports."""

    def wait() -> None:
        while True:
            try:
                if not os.read(pipe, 1):
                    os._exit(0)
            except OSError:
                logger.error("parent.no_pipe", extra={"fields": {"descriptor": pipe}})
                os._exit(1)

    threading.Thread(target=wait, name="parent", daemon=True).start()


def main() -> int:
    """Run until told to stop; returns the exit code."""
    log.quiet_environment()
    log.configure()
    warnings.simplefilter("ignore")  # of libraries, about themselves
    try:
        settings = read()
        server = build(settings)
    except (SettingsError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if settings.parent_pipe is not None:
        _leave_with(settings.parent_pipe)
    uvicorn.run(
        server.app(),
        host=settings.host,
        port=settings.port,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=15,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
