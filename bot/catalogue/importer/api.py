"""The one way out to Skolverket: a fixed host, an explicit Accept header, pauses when it is busy, nothing twice.

Addresses are built here and never taken from an answer: the `_links` of the answers name other hosts.
"""

from __future__ import annotations

import email.utils
import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from bot.clock import Clock, system_clock
from bot.errors import BotError
from bot.given import whole_number

HOST = "https://api.skolverket.se"
JSON = "application/json"
# `application/json` is refused with 406 by planned educations.
PLANNED_JSON = "application/vnd.skolverket.plannededucations.api.v4.hal+json"

TIMEOUT_SECONDS = 30.0
PARALLEL = 4
ATTEMPTS = 5
LONGEST_PAUSE_SECONDS = 60.0
MOST_BYTES = 60_000_000
# An import that was broken off goes on with what it has, if that is not older than this.
RESUME_FOR = timedelta(hours=12)

Params = Sequence[tuple[str, str]]


class ImportFailed(BotError):
    """The import cannot be finished; the catalogue stays as it is. Says why and what to do."""


class NotFound(ImportFailed):
    """The register has nothing at this address."""


class Incomplete(ImportFailed):
    """A part came back with fewer rows than it promised."""


class Kept:
    """Answers that were fetched already, as files, so that an import that was broken off can go on."""

    def __init__(self, folder: Path, now: datetime) -> None:
        self._folder = folder
        self._oldest = now - RESUME_FOR
        folder.mkdir(parents=True, exist_ok=True)
        self.used = 0

    def get(self, address: str) -> tuple[datetime, Any] | None:
        """Return an answer and when it was fetched; None when it is not there, too old or damaged."""
        try:
            held = json.loads(self._path(address).read_bytes())
            fetched = datetime.fromisoformat(held["fetched"])
            if held["address"] != address or fetched < self._oldest:
                return None
        except (OSError, ValueError, KeyError, TypeError):
            return None
        self.used += 1
        return fetched, held["body"]

    def put(self, address: str, fetched: datetime, body: Any) -> None:
        """Keep an answer: written beside and moved into place, so that a broken-off write leaves nothing half."""
        path = self._path(address)
        part = path.with_name(f"{path.name}.{threading.get_ident()}.part")
        held = {"address": address, "fetched": fetched.isoformat(), "body": body}
        part.write_text(json.dumps(held, ensure_ascii=False), encoding="utf-8")
        os.replace(part, path)

    def clear(self) -> None:
        """Forget everything: the import is done."""
        for path in self._folder.iterdir():
            path.unlink(missing_ok=True)

    def _path(self, address: str) -> Path:
        return self._folder / (hashlib.sha256(address.encode()).hexdigest()[:40] + ".json")


class Api:
    """A client of Skolverket's APIs. Safe to share between threads."""

    def __init__(
        self,
        *,
        base: str = HOST,
        contact: str = "",
        kept: Kept | None = None,
        clock: Clock = system_clock,
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Open the client.

        Args:
            base: Skolverket's own address; for tests one on loopback, nothing else.
            contact: where those who run the API can reach us, for the User-Agent.

        Raises:
            ImportFailed: the base is another host.
        """
        self._base = _allowed(base)
        self._kept = kept
        self._clock = clock
        self._sleep = sleep
        self.oldest: datetime | None = None
        self._client = httpx.Client(
            timeout=TIMEOUT_SECONDS,
            follow_redirects=False,
            trust_env=base == HOST,
            transport=transport,
            limits=httpx.Limits(max_connections=PARALLEL),
            headers={"User-Agent": f"tillbaka-catalogue-import/1 ({contact or 'support bot for young people'})"},
        )

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def get(self, path: str, params: Params = (), *, accept: str = JSON) -> Any:
        """Return the answer of one address, from the kept ones if it was fetched before.

        Raises:
            NotFound: 404.
            ImportFailed: it cannot be had; says why.
        """
        query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in params)
        address = f"{self._base}{path}" + (f"?{query}" if query else "")
        held = self._kept.get(address) if self._kept else None
        if held is None:
            body = self._fetch(address, accept)
            held = (self._clock(), body)
            if self._kept:
                self._kept.put(address, *held)
        fetched, body = held
        if self.oldest is None or fetched < self.oldest:
            self.oldest = fetched
        return body

    def _fetch(self, address: str, accept: str) -> Any:
        trouble = "it did not answer"
        for attempt in range(1, ATTEMPTS + 1):
            pause = min(2.0 ** (attempt - 1), LONGEST_PAUSE_SECONDS)
            try:
                status, headers, body = self._once(address, accept)
            except httpx.HTTPError as error:
                trouble = f"no connection ({type(error).__name__})"
            else:
                if status == 200:
                    return _json(body, address)
                if status != 429 and status < 500:
                    raise _refusal(status, body, address)
                trouble = _why(status, body)
                pause = min(max(pause, _retry_after(headers, self._clock())), LONGEST_PAUSE_SECONDS)
            if attempt < ATTEMPTS:
                self._sleep(pause)
        raise ImportFailed(f"{_short(address)}: {trouble}, {ATTEMPTS} times. The catalogue stays as it is; try later.")

    def _once(self, address: str, accept: str) -> tuple[int, httpx.Headers, bytes]:
        with self._client.stream("GET", address, headers={"Accept": accept}) as response:
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise ImportFailed(f"{_short(address)} sends more than {MOST_BYTES // 1_000_000} MB; stopped.")
            return response.status_code, response.headers, bytes(body)


def _allowed(base: str) -> str:
    base = base.rstrip("/")
    parts = urlsplit(base)
    loopback = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1") and not parts.path
    if base != HOST and not loopback:
        raise ImportFailed(f"{base} is not allowed: the import speaks to {HOST} only (tests: to http://127.0.0.1).")
    return base


def _json(body: bytes, address: str) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        raise ImportFailed(f"{_short(address)} sent no JSON. The catalogue stays as it is; try later.") from None


def _refusal(status: int, body: bytes, address: str) -> ImportFailed:
    if status == 404:
        return NotFound(f"{_short(address)}: nothing there (404).")
    if 300 <= status < 400:
        return ImportFailed(f"{_short(address)} sends us elsewhere ({status}), which is not followed.")
    if status == 406:
        return ImportFailed(f"{_short(address)} does not take our Accept header (406): its version has changed.")
    return ImportFailed(f"{_short(address)}: {_why(status, body)}.")


def _why(status: int, body: bytes) -> str:
    """Return what an error says of itself: `message` (Susa-navet, planned educations) or `detail` (register)."""
    try:
        content = json.loads(body)
        said = content.get("message") or content.get("detail") or content.get("title") or ""
    except (ValueError, AttributeError):
        said = ""
    return f"{status} {str(said)[:120]}".strip()


def _retry_after(headers: httpx.Headers, now: datetime) -> float:
    value = headers.get("Retry-After", "").strip()
    seconds = whole_number(value)
    if seconds is not None:
        return float(seconds)
    try:
        return max(0.0, (email.utils.parsedate_to_datetime(value).astimezone(UTC) - now).total_seconds())
    except (ValueError, TypeError):
        return 0.0


def _short(address: str) -> str:
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")
