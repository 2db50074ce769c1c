"""The console on a real port, for tests in a browser."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.bell import Bell
from bot.catalogue.loader import load as load_catalogue
from bot.clock import FakeClock
from bot.console.routes import create_routes
from bot.conversations.inbox import Inbox
from bot.people.vault import Vault
from bot.settings import load
from bot.texts import Texts
from bot.wiring import Services
from tests.conftest import NOW, ROOT
from tests.databases import sqlite_at


@contextlib.contextmanager
def running_console(folder: Path) -> Iterator[tuple[Services, FakeClock, str]]:
    """Serve a console on a database of its own; gives its parts, its clock and its address."""
    clock = FakeClock(NOW)
    db = sqlite_at(folder / "console.db")
    load_catalogue(db, ROOT / "data" / "catalogue")
    texts, vault = Texts.load(ROOT / "data" / "responses"), Vault("a key of this test")
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = replace(load({"VAR_DIR": str(folder / "var")}, root=folder), public_url=address, clock=clock)
    services = Services(
        settings=settings, clock=clock, db=db, vault=vault, texts=texts, bell=Bell(),
        inbox=Inbox(db, vault, texts, clock),
    )  # fmt: skip
    app = Starlette(routes=[Mount("/console", routes=create_routes(services))])
    server = uvicorn.Server(
        uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1, lifespan="off")
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    assert server.started, "the console did not start"
    try:
        yield services, clock, address
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()
        db.close()
