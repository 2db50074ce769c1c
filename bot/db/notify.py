"""Carries rings of the bell between processes: PostgreSQL's LISTEN and NOTIFY.

On SQLite there is one process and nothing to carry.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import psycopg

from bot.bell import Bell
from bot.db.session import Database
from bot.log import get_logger

log = get_logger(__name__)

_CHANNEL = "bot_bell"


def carry_bell(db: Database, bell: Bell) -> Callable[[], None] | None:
    """Start carrying; returns what ends it, or None where there is nothing to do."""
    if db.is_sqlite:
        return None
    url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    stop = threading.Event()
    outgoing: set[str] = set()
    lock, wake = threading.Lock(), threading.Event()

    def carry(topic: str) -> None:
        with lock:
            outgoing.add(topic)
        wake.set()

    def send() -> None:
        while not stop.is_set():
            try:
                with psycopg.connect(url, autocommit=True) as connection:
                    while not stop.is_set():
                        wake.wait(1.0)
                        wake.clear()
                        with lock:
                            topics = sorted(outgoing)
                            outgoing.clear()
                        for topic in topics:
                            connection.execute("SELECT pg_notify(%s, %s)", (_CHANNEL, topic))
            except psycopg.Error as error:
                # A lost ring costs one polling interval: the tables are the truth.
                log.warning("bell.send_failed", error=type(error).__name__)
                stop.wait(1.0)

    def listen() -> None:
        while not stop.is_set():
            try:
                with psycopg.connect(url, autocommit=True) as connection:
                    connection.execute(f"LISTEN {_CHANNEL}")
                    while not stop.is_set():
                        for notice in connection.notifies(timeout=1.0):
                            bell.ring_here(notice.payload)
            except psycopg.Error as error:
                log.warning("bell.listen_failed", error=type(error).__name__)
                stop.wait(1.0)

    threads = [threading.Thread(target=target, daemon=True) for target in (send, listen)]
    for thread in threads:
        thread.start()
    bell.carry_by(carry)

    def close() -> None:
        stop.set()
        wake.set()
        for thread in threads:
            thread.join(timeout=3)

    return close
