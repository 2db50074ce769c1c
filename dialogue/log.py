"""Log lines: JSON with a dotted event name, never message text, names or tokens.

Called once by each program of the package, before Rasa is used.
"""

import json
import logging
import os
import sys
from typing import Any

NOISY = (
    "tensorflow",
    "h5py",
    "matplotlib",
    "asyncio",
    "aiohttp",
    "apscheduler",
    "rasa",
    "dask",
    "urllib3",
    "uvicorn",
)


class _Lines(logging.Formatter):
    """One JSON object a line; the fields given in `extra={"fields": {...}}`, and no traceback values."""

    def __init__(self, own_data: bool) -> None:
        super().__init__()
        self._own_data = own_data

    def format(self, record: logging.LogRecord) -> str:
        line = {"at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"), "level": record.levelname.lower()}
        ours = self._own_data or record.name.startswith("dialogue")
        # The text of foreign log lines may quote a message; their logger and place say enough.
        line["event"] = record.getMessage() if ours else f"{record.name}:{record.lineno}"
        line.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
            line["where"] = where_raised(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False, default=str)


def where_raised(traceback: Any) -> str:
    """File, line and function of each frame; no values, since those hold what people wrote."""
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{os.path.basename(code.co_filename)}:{traceback.tb_lineno}:{code.co_name}")
        traceback = traceback.tb_next
    return " > ".join(frames[-6:])


def quiet_environment() -> None:
    """Telemetry off, TensorFlow silent and on few threads. Before the first import of Rasa."""
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    # Threads of the embedding that spin while they wait cost twice the processor time on a busy machine.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    os.environ["RASA_MAX_CACHE_SIZE"] = "0"
    os.environ["LOG_LEVEL"] = "WARNING"  # no progress bars
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")


def configure(level: int = logging.INFO, own_data: bool = False) -> None:
    """Send all logging to standard error as JSON lines; Rasa's own chatter from WARNING up.

    Args:
        own_data: only our own files are worked on (training), so Rasa's words may be shown.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines(own_data))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("dialogue").setLevel(level)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def configure_structlog() -> None:
    """Keep Rasa's structlog below WARNING silent: unconfigured, it prints every user text (M)."""
    import structlog

    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, _event_only],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        cache_logger_on_first_use=False,
    )


def _event_only(_logger: Any, _name: str, event: dict) -> str:
    """Drop every bound value (they hold message text), keep the event's name."""
    return str(event.get("event", ""))
