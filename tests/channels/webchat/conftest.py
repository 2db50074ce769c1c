"""A site on each kind of database, and clients of it that are closed at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from bot.clock import system_clock
from bot.db.session import Database
from bot.wiring import Services
from tests.channels.conftest import MakeServices
from tests.channels.webchat.site import Site, site
from tests.channels.webchat.visitor import Visit, Visitor

Browse = Callable[..., httpx.Client]


@pytest.fixture
def browse() -> Iterator[Browse]:
    """Make a client of a site."""
    with ExitStack() as clients:
        yield lambda address, **headers: clients.enter_context(
            httpx.Client(base_url=address, trust_env=False, timeout=20, headers=headers)
        )


@pytest.fixture
def services(database: Database, make_services: MakeServices) -> Services:
    """Services with a running clock and without Telegram."""
    return make_services(database, system_clock, telegram=False)


@pytest.fixture
def live(services: Services) -> Iterator[Site]:
    """A running site."""
    with site(services) as running:
        yield running


@pytest.fixture
def visit(live: Site, browse: Browse) -> Visit:
    """Make visitors of the site."""
    return lambda token=None: Visitor(browse(live.address), token)
