"""Structured logs: dotted event names, and never the words, names or tokens of a person.

Called once at the start of each program.
"""

from __future__ import annotations

import logging
import sys
from typing import cast

import structlog

# Keys under which a careless call could log what a person wrote. They are masked, not trusted.
_NEVER = frozenset({"text", "message", "name", "phone", "email", "token", "secret", "password", "payload", "body"})


def _mask(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    for key in _NEVER & event.keys():
        event[key] = "<masked>"
    return event


def configure(*, json: bool | None = None, level: int = logging.INFO) -> None:
    """Set up logging to standard error: JSON lines, or plain lines on a terminal; nothing below `level`."""
    if json is None:
        json = not sys.stderr.isatty()
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _mask,
            # Only the place and kind of an error: a traceback's message may quote a person.
            structlog.processors.ExceptionRenderer(_short_traceback),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Foreign())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    # httpx logs each URL, and Telegram's URLs hold the bot's token.
    for noisy in ("httpx", "httpcore", "telegram", "sqlalchemy", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.ERROR)


class _Foreign(logging.Formatter):
    """Lines of libraries: how bad, whose, and of an error its kind and place. Their words may quote a person."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, in one line."""
        line = f"{record.levelname} {record.name}"
        if record.exc_info is None or record.exc_info[0] is None:
            return line
        return f"{line}: {_short_traceback(record.exc_info)}"


def _short_traceback(exc_info: structlog.typing.ExcInfo) -> str:
    kind, _, trace = exc_info
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return f"{kind.__name__} at " + " < ".join(reversed(places))


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a module."""
    return cast(structlog.stdlib.BoundLogger, structlog.get_logger(module=name))
