"""The HTTP around `tests.fakes.bot_api`: a listening socket that can be closed, and cut connections."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.bot_api import ApiError, BotApiState, Cut


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: BotApiState
    control: Callable[[str, dict[str, Any]], Any]
    open_sockets: set[socket.socket]

    def setup(self) -> None:
        super().setup()
        self.open_sockets.add(self.connection)

    def finish(self) -> None:
        self.open_sockets.discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        url = urlsplit(self.path)
        arguments = dict(parse_qsl(url.query)) | self._body()
        try:
            if url.path.startswith("/control/"):
                self._answer(200, self.control(url.path.removeprefix("/control/"), arguments))
            else:
                self._answer(200, {"ok": True, "result": self._call(url.path, arguments)})
        except ApiError as error:
            self._answer(error.code, error.body)
        except Cut:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
        except (LookupError, TypeError, ValueError, AssertionError) as error:
            self._answer(400, {"ok": False, "error_code": 400, "description": f"control: {error!r}"})

    def _call(self, path: str, arguments: dict[str, Any]) -> Any:
        match = re.fullmatch(r"/bot([^/]+)/(\w+)", path)
        if match is None:
            raise ApiError(404, "Not Found")
        if match[1] != self.state.token:
            raise ApiError(401, "Unauthorized")
        return self.state.call(match[2], arguments)

    def _body(self) -> dict[str, Any]:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not body:
            return {}
        if "json" in self.headers.get("Content-Type", ""):
            parsed: dict[str, Any] = json.loads(body)
            return parsed
        return dict(parse_qsl(body.decode(), keep_blank_values=True))

    def _answer(self, code: int, body: Any) -> None:
        encoded = json.dumps(body).encode()
        with contextlib.suppress(OSError):
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(encoded)))
            self.end_headers()
            self.wfile.write(encoded)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class _Threads(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, *_: Any) -> None:
        """A connection that broke is what some tests are about."""


class HttpServer:
    """The listening socket; can be closed and opened again on its port."""

    def __init__(self, state: BotApiState, port: int, control: Callable[[str, dict[str, Any]], Any]) -> None:
        self.port = port
        self._sockets: set[socket.socket] = set()
        attributes = {"state": state, "control": staticmethod(control), "open_sockets": self._sockets}
        self._handler = type("Handler", (_Handler,), attributes)
        self._server: _Threads | None = None

    def start(self) -> None:
        if self._server is None:
            self._server = _Threads(("127.0.0.1", self.port), self._handler)
            self.port = self._server.server_port
            threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            for one in list(self._sockets):
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
            self._server = None
