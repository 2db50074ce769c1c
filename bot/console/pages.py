"""Renders the console's pages: Jinja templates, always escaped, no script or style in the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from bot.console import words
from bot.console.permissions import Permission
from bot.handover.labels import intent_label, value_label

_FOLDER = Path(__file__).resolve().parent
STATIC = _FOLDER / "static"


class Pages:
    """The templates, read once."""

    def __init__(self) -> None:
        # The version of the style sheet and the script stands in their address, so they can be cached.
        newest = max((int(path.stat().st_mtime) for path in STATIC.iterdir()), default=0)
        self._environment = Environment(
            loader=FileSystemLoader(_FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(assets=f"/console/static/{{}}?v={newest}".format, Permission=Permission)
        self._environment.filters.update(
            word=words.word,
            wall=words.wall,
            wall_time=words.wall_time,
            wall_date=words.wall_date,
            day=words.day,
            days=words.days,
            minutes_option=words.minutes_option,
            waited=words.waited,
            left=words.left,
            used=words.used,
            aged=words.aged,
            about=words.about,
            thread_day=words.thread_day,
            new_day=words.new_day,
            intent=intent_label,
            value=value_label,
        )

    def render(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """Return a page."""
        return HTMLResponse(self._environment.get_template(template).render(**values), status_code=status)
