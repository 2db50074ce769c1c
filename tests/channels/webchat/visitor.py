"""A browser with our script, without the screen."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx


class Visitor:
    """A browser with our script, without the screen."""

    def __init__(self, http: httpx.Client, token: str | None = None) -> None:
        self.http = http
        self.token = token or self.http.post("/chat/start").json()["token"]
        self._number = 0

    @property
    def headers(self) -> dict[str, str]:
        """Who this is."""
        return {"Authorization": f"Bearer {self.token}"}

    def post(self, **what: Any) -> httpx.Response:
        """Send a message with an id of its own, or the one given."""
        self._number += 1
        body = {"id": f"message-{self._number}"} | what
        return self.http.post("/chat/messages?lang=sv", json=body, headers=self.headers)

    @contextmanager
    def events(self, after: int = 0) -> Iterator[Iterator[tuple[str, Any]]]:
        """Follow the stream."""
        path = f"/chat/events?after={after}"
        with self.http.stream("GET", path, headers=self.headers) as response:
            assert response.status_code == 200, response.read()
            assert response.headers["content-type"].startswith("text/event-stream")
            yield _events(response)

    def messages(self, count: int, after: int = 0) -> list[dict[str, Any]]:
        """Wait for so many messages."""
        found = []
        with self.events(after) as events:
            for name, data in events:
                if name == "message":
                    found.append(data)
                if len(found) == count:
                    return found
        raise AssertionError(f"the stream ended after {found}")


def _events(response: httpx.Response) -> Iterator[tuple[str, Any]]:
    name, end = "", time.monotonic() + 25
    for line in response.iter_lines():
        assert time.monotonic() < end, "nothing more comes by the stream"
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        if line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


Visit = Callable[..., Visitor]
