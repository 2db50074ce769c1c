"""Fetches a calendar from an address that a counsellor has given: https only, never from our own network.

The name is looked up once and the connection goes to the address that was checked, so that a name which
changes its mind in between (DNS rebinding) leads nowhere. Redirects are checked as the first address is.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv6Network, ip_address
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

import httpx

from bot.errors import BotError

LARGEST = 5 * 1024 * 1024
LONGEST_SECONDS = 15.0
_STEP_SECONDS = 5.0
_REDIRECTS = 3
# IPv6 addresses that carry an IPv4 address inside: a way around the check.
_WRAPPED = (IPv6Network("64:ff9b::/96"), IPv6Network("2002::/16"), IPv6Network("2001::/32"))


class Fault(StrEnum):
    """Why a calendar could not be read."""

    ADDRESS = "address"
    """Not an https address."""
    PRIVATE = "private"
    """It leads into a private network."""
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    """The server says that it is not there, or not for us."""
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    NO_CALENDAR = "no_calendar"
    TOO_MUCH = "too_much"
    """It repeats something every hour or more often, or has thousands of events."""


class CalendarFault(BotError):
    """A calendar could not be read."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


Resolve = Callable[[str, int], Sequence[str]]


def resolve(host: str, port: int) -> list[str]:
    """Look a name up."""
    return [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: str) -> bool:
    """Whether an IP address lies in the open internet."""
    ip = ip_address(address.partition("%")[0])
    if ip.version == 6:
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if any(ip in network for network in _WRAPPED):
            return False
    return ip.is_global and not ip.is_multicast


@dataclass(frozen=True)
class Fetcher:
    """How calendars are fetched; tests trust a server of their own."""

    resolve: Resolve = resolve
    may_connect: Callable[[str], bool] = is_public
    trust: ssl.SSLContext | None = None
    clock: Callable[[], float] = time.monotonic

    def __call__(self, url: str) -> bytes:
        """Fetch a calendar.

        Raises:
            CalendarFault: it could not be had, and why.
        """
        ends = self.clock() + LONGEST_SECONDS
        verify: ssl.SSLContext | bool = self.trust or True
        try:
            with httpx.Client(verify=verify, trust_env=False, timeout=_STEP_SECONDS) as client:
                for _ in range(_REDIRECTS + 1):
                    answer = self._once(client, url, ends)
                    if isinstance(answer, bytes):
                        return answer
                    url = answer
        except httpx.TimeoutException as error:
            raise CalendarFault(Fault.TOO_SLOW) from error
        except (httpx.HTTPError, OSError) as error:
            raise CalendarFault(Fault.UNREACHABLE) from error
        raise CalendarFault(Fault.REFUSED)

    def _once(self, client: httpx.Client, url: str, ends: float) -> bytes | str:
        """Return the content, or where it has moved to."""
        parts = checked(url)
        host, port = parts.hostname or "", parts.port or 443
        addresses = self.resolve(host, port)
        if not addresses or not all(self.may_connect(address) for address in addresses):
            raise CalendarFault(Fault.PRIVATE)
        address = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
        there = urlunsplit(("https", f"{address}:{port}", parts.path or "/", parts.query, ""))
        name = host if port == 443 else f"{host}:{port}"
        headers = {"host": name, "accept": "text/calendar", "user-agent": "Tillbaka", "accept-encoding": "identity"}
        with client.stream("GET", there, headers=headers, extensions={"sni_hostname": host}) as response:
            if response.is_redirect:
                return str(urljoin(url, response.headers.get("location", "")))
            if response.status_code != 200:
                raise CalendarFault(Fault.REFUSED)
            found = bytearray()
            for chunk in response.iter_bytes():
                found += chunk
                if len(found) > LARGEST:
                    raise CalendarFault(Fault.TOO_LARGE)
                if self.clock() > ends:
                    raise CalendarFault(Fault.TOO_SLOW)
            return bytes(found)


def checked(url: str) -> SplitResult:
    """Take an address apart; `webcal:` is what calendar programs say for https.

    Raises:
        CalendarFault: it is no https address of a host.
    """
    try:
        parts = urlsplit(url.strip().replace("webcal://", "https://", 1))
        port = parts.port
    except ValueError as error:
        raise CalendarFault(Fault.ADDRESS) from error
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.password or port == 0:
        raise CalendarFault(Fault.ADDRESS)
    return parts
