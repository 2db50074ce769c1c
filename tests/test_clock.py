"""The clock: what BOT_CLOCK may hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import clock_from


def test_without_a_value_it_is_the_present() -> None:
    assert abs(clock_from(None)() - datetime.now(UTC)) < timedelta(seconds=5)


def test_an_instant_is_where_a_running_clock_starts() -> None:
    clock = clock_from("2026-03-29T01:59:59+01:00")

    assert datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC) <= clock() < datetime(2026, 3, 29, 1, 0, 30, tzinfo=UTC)
    assert clock() >= clock_from("2026-03-29T00:59:59Z")() - timedelta(seconds=30)


def test_a_file_is_read_each_time(tmp_path: Path) -> None:
    path = tmp_path / "now"
    path.write_text("2026-01-01T00:00:00Z")
    clock = clock_from(f"@{path}")
    assert clock().year == 2026
    path.write_text("2027-01-01T00:00:00Z")

    assert clock().year == 2027


def test_anything_else_is_refused() -> None:
    with pytest.raises(ValueError, match="noon"):
        clock_from("noon")
