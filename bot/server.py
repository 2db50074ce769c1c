"""The `bot` program: receivers, workers, senders, web chat and console in one process.

Each background task is restarted when it ends with an error, with a pause, and said so.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import ipaddress
import os
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import anyio.to_thread
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from bot import metrics, wiring
from bot.alerts import planner
from bot.alerts.email import EmailSender, Smtp
from bot.approvals import service as approvals
from bot.bell import SEND, STAFF, WORK
from bot.calendars.service import CalendarReader
from bot.channels.calendar import create_routes as calendar_routes
from bot.channels.telegram.program import telegram_tasks
from bot.channels.telegram.webhook import webhook_route
from bot.channels.webchat.my_data import create_routes as my_data_routes
from bot.channels.webchat.routes import create_routes as webchat_routes
from bot.channels.webchat.send import WebSender
from bot.console.routes import create_routes as console_routes
from bot.conversations.worker import Worker
from bot.db.notify import carry_bell
from bot.demo.mark import is_demo
from bot.dialogue_client import DialogueClient
from bot.handover.service import Handover
from bot.livechat import scheduled
from bot.log import get_logger
from bot.people import retention, retention_plan
from bot.people.erasure import Eraser, forget_old_receipts
from bot.reminders.sweeper import Sweeper

log = get_logger(__name__)

WORKERS = 4
SWEEP_SECONDS = 5.0
# How late an alert may be when a bell was lost.
ALERT_SECONDS = 1.0
CALENDAR_SECONDS = 20.0
RETENTION_SECONDS = 24 * 3600.0
RETENTION_AGAIN_SECONDS = 60.0
# Pauses before a task that died is started again; one that ran so long was well, and begins with the first again.
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(seconds=30)
HEALTHY = timedelta(minutes=1)

Task = Callable[[asyncio.Event], Awaitable[None]]


def create_app(services: wiring.Services, *, background: bool = True) -> Starlette:
    """Build the web application; with `background`, its lifespan runs the workers and senders."""
    dialogue = wiring.dialogue_client(services.settings)

    async def live(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(_: Request) -> Response:
        state = {"database": "ok", "dialogue": "ok"}
        try:
            await anyio.to_thread.run_sync(services.db.ping)
        except Exception as error:  # noqa: BLE001 - whatever the driver raises means the same here
            state["database"] = type(error).__name__
        try:
            await dialogue.health()
        except Exception as error:  # noqa: BLE001
            state["dialogue"] = type(error).__name__
        return JSONResponse(state, status_code=200 if set(state.values()) == {"ok"} else 503)

    async def figures(request: Request) -> Response:
        if not _may_measure(request, services.settings.metrics_secret):
            raise HTTPException(404)
        text = await anyio.to_thread.run_sync(metrics.exposition, services.db, services.clock())
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4")

    async def home(_: Request) -> Response:
        return RedirectResponse("/chat")

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        stop = asyncio.Event()
        closing = carry_bell(services.db, services.bell) if background else None
        tasks = _tasks(services, dialogue) if background else {}
        running = [asyncio.create_task(_keep(name, task, stop)) for name, task in tasks.items()]
        try:
            yield
        finally:
            stop.set()
            services.bell.ring_here(WORK)
            _, late = await asyncio.wait(running, timeout=10) if running else (set(), set())
            for task in late:
                task.cancel()
            if closing is not None:
                closing()
            await dialogue.close()
            services.db.close()

    return Starlette(
        routes=[
            Route("/", home),
            Route("/health/live", live),
            Route("/health/ready", ready),
            Route("/metrics", figures),
            *webhook_route(services),
            *webchat_routes(services),
            *calendar_routes(services),
            *my_data_routes(services),
            Mount("/console", routes=console_routes(services)),
        ],
        lifespan=lifespan,
    )


# A proxy on this machine would make everybody look as if they were on it.
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


def _may_measure(request: Request, secret: str) -> bool:
    """Whether somebody may see the figures, which are small and of this very moment: this machine, or the secret."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and secret and hmac.compare_digest(given.strip().encode(), secret.encode()):
        return True
    try:
        here = request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
    return here and not any(name in request.headers for name in _FORWARDED)


def _tasks(services: wiring.Services, dialogue: DialogueClient) -> dict[str, Task]:
    name = f"{socket.gethostname()}:{os.getpid()}"
    tasks: dict[str, Task] = {}
    for number in range(WORKERS):
        worker = Worker(services.db, dialogue, services.texts, services.clock, services.bell, name=f"{name}:{number}",
                        public_url=services.settings.public_url)  # fmt: skip
        tasks[f"worker-{number}"] = worker.run
    eraser = Eraser(services.db, dialogue, services.clock)
    handover = Handover(services.db, services.clock, services.texts)
    calendars = CalendarReader(services.db, services.clock)
    reminders = Sweeper(services.db, services.clock, services.texts, services.bell)

    async def erase(stop: asyncio.Event) -> None:
        while not stop.is_set():
            if not await eraser.work_once():
                await services.bell.wait(WORK, 1.0)

    async def sweep(stop: asyncio.Event) -> None:
        while not stop.is_set():
            await anyio.to_thread.run_sync(handover.sweep)
            await anyio.to_thread.run_sync(reminders.sweep)
            said = await anyio.to_thread.run_sync(scheduled.sweep, services.db, services.clock(), services.texts)
            said += await anyio.to_thread.run_sync(approvals.sweep, services.db, services.clock(), services.texts)
            if said:
                services.bell.ring(SEND, STAFF)
            await anyio.to_thread.run_sync(_forget_receipts, services)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), SWEEP_SECONDS)

    async def read_calendars(stop: asyncio.Event) -> None:
        while not stop.is_set():
            await anyio.to_thread.run_sync(calendars.read_due)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), CALENDAR_SECONDS)

    async def retain(stop: asyncio.Event) -> None:
        while not stop.is_set():
            report = await anyio.to_thread.run_sync(run_retention, services)
            log.info("retention.done", **report.counts)
            with contextlib.suppress(TimeoutError):
                pause = RETENTION_SECONDS if report.finished else RETENTION_AGAIN_SECONDS
                await asyncio.wait_for(stop.wait(), pause)

    async def alert(stop: asyncio.Event) -> None:
        tidied = None
        while not stop.is_set():
            now = services.clock()
            if await anyio.to_thread.run_sync(planner.plan, services.db, now):
                services.bell.ring(SEND)
            if tidied != now.date():
                tidied = now.date()
                await anyio.to_thread.run_sync(planner.tidy, services.db, now)
            await services.bell.wait(STAFF, ALERT_SECONDS)

    tasks["alerts"] = alert
    if services.settings.smtp_url:
        console = f"{services.settings.public_url}/console/"
        smtp = Smtp.from_url(services.settings.smtp_url)
        tasks["email-sender"] = EmailSender(services.db, services.clock, services.bell, smtp, console).run
    tasks |= {"eraser": erase, "sweeper": sweep, "calendars": read_calendars, "retention": retain}
    tasks["web-sender"] = WebSender(services.db, services.clock, services.bell).run
    with services.db.reading() as session:
        invented = is_demo(session)
    if not invented:
        tasks |= telegram_tasks(services)
    return tasks


def run_retention(services: wiring.Services) -> retention.Report:
    """Run the retention of today."""
    plan = retention_plan.load(services.settings.data_dir)
    return retention.run(services.db, services.clock(), plan=plan, started_by="daily")


def _forget_receipts(services: wiring.Services) -> None:
    with services.db.transaction() as session:
        forget_old_receipts(session, services.clock())


async def _keep(name: str, task: Task, stop: asyncio.Event) -> None:
    pause = None
    while not stop.is_set():
        began = time.monotonic()
        try:
            await task(stop)
            return
        except asyncio.CancelledError:
            raise
        except Exception as error:
            pause = _next_pause(pause, ran=timedelta(seconds=time.monotonic() - began))
            log.exception("task.died", task=name, error=type(error).__name__, again_in_s=pause.total_seconds())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause.total_seconds())


def _next_pause(last: timedelta | None, *, ran: timedelta) -> timedelta:
    """Return the pause before a task that died is started again: it grows while the task dies at once."""
    return FIRST_PAUSE if last is None or ran >= HEALTHY else min(last * 2, LONGEST_PAUSE)


def serve(services: wiring.Services) -> None:
    """Run until SIGTERM."""
    config = uvicorn.Config(
        create_app(services),
        host=services.settings.http_host,
        port=services.settings.http_port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=5,
        server_header=False,
    )
    uvicorn.Server(config).run()
