"""A seat: the right of one process of this machine to be the sender (or the poller).

The database's lease says which machine; a lock on a file here, freed by the kernel even at `kill -9`,
says which process. A restarted program therefore takes its machine's lease up again at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import anyio.to_thread
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.db.leases import drop_lease, hold_lease
from bot.db.session import Database
from bot.log import get_logger

log = get_logger(__name__)

# Longer than the longest request plus the pause between two renewals.
LEASE = timedelta(seconds=45)
RENEW_SECONDS = 5.0
# A lease that was not renewed for so long is not relied upon: requests (20 s at most) end within it.
TRUST_SECONDS = 20.0
STAND_BY_SECONDS = 2.0


class Seat:
    """One named seat of this machine, in front of a lease of the same name."""

    def __init__(self, db: Database, clock: Clock, folder: Path, name: str) -> None:
        self._db = db
        self._clock = clock
        self._path = folder / f"{name}.seat"
        self._name = name
        self._file = -1
        self._renewed = float("-inf")
        self.machine = ""
        """A random name of this folder, the same after a restart."""

    @contextlib.asynccontextmanager
    async def taken(self, stop: asyncio.Event) -> AsyncIterator[bool]:
        """Wait until the seat is ours, and keep it inside the block; False when `stop` came first."""
        said = False
        try:
            while not await self._try():
                if not said:
                    log.info("seat.standing_by", seat=self._name)
                    said = True
                if await _stopped(stop, STAND_BY_SECONDS):
                    yield False
                    return
            log.info("seat.taken", seat=self._name)
            renewing = asyncio.create_task(self._renew())
            try:
                yield True
            finally:
                renewing.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await renewing
                await self._leave()
        finally:
            self._unlock()

    @property
    def held(self) -> bool:
        """Whether the lease was renewed recently enough to rely on it."""
        return asyncio.get_running_loop().time() - self._renewed < TRUST_SECONDS

    async def _try(self) -> bool:
        return self._lock() and await self._hold()

    async def _hold(self) -> bool:
        asked = asyncio.get_running_loop().time()
        try:
            held = await anyio.to_thread.run_sync(hold_lease, self._db, self._name, self.machine, self._clock(), LEASE)
        except SQLAlchemyError as error:
            log.warning("seat.database_down", seat=self._name, error=type(error).__name__)
            return False
        if held:
            self._renewed = asked
        return held

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            await self._hold()

    async def _leave(self) -> None:
        def drop() -> None:
            with self._db.transaction() as session:
                drop_lease(session, self._name, self.machine)

        self._renewed = float("-inf")
        try:
            await anyio.to_thread.run_sync(drop)
        except SQLAlchemyError as error:
            log.warning("seat.lease_kept", seat=self._name, error=type(error).__name__)

    def _lock(self) -> bool:
        """Lock the seat's file and read (or make) the machine's name in it."""
        if self._file >= 0:
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        name = os.pread(file, 64, 0).decode("ascii", "replace").strip()
        if not name:
            name = secrets.token_hex(8)
            os.pwrite(file, name.encode(), 0)
        self.machine = name
        return True

    def _unlock(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


async def _stopped(stop: asyncio.Event, seconds: float) -> bool:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
    return stop.is_set()
