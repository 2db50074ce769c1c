"""A mail server of our own, for tests: takes what is sent, or refuses it on demand."""

from __future__ import annotations

import socketserver
import threading
from types import TracebackType


class SmtpServer:
    """Listens on loopback; `mails` holds what was taken, in order."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        self.refuse_with: str | None = None
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                outer._talk(self)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)

    @property
    def url(self) -> str:
        """What SMTP_URL is set to."""
        return f"smtp://127.0.0.1:{self._server.server_address[1]}?from=tillbaka@kommun.example"

    def _talk(self, client: socketserver.StreamRequestHandler) -> None:
        def answer(line: str) -> None:
            client.wfile.write(f"{line}\r\n".encode())

        answer("220 ready")
        lines: list[str] | None = None
        for raw in client.rfile:
            line = raw.decode().rstrip("\r\n")
            if lines is not None:
                if line == ".":
                    self.mails.append("\n".join(lines))
                    lines = None
                    answer("250 taken")
                else:
                    lines.append(line)
            elif line.upper().startswith("DATA"):
                lines = []
                answer("354 go on")
            elif line.upper().startswith("RCPT") and self.refuse_with:
                answer(self.refuse_with)
            elif line.upper().startswith("QUIT"):
                answer("221 bye")
                return
            else:
                answer("250 ok")

    def __enter__(self) -> SmtpServer:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
