"""Clients of these tests, closed at their end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

Browse = Callable[..., httpx.Client]


@pytest.fixture
def browse() -> Iterator[Browse]:
    """Make a client of a site."""
    with ExitStack() as clients:
        yield lambda address, **headers: clients.enter_context(
            httpx.Client(base_url=address, trust_env=False, timeout=20, headers=headers)
        )
