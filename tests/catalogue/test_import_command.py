"""`bot catalogue import --from skolverket` as a program: killed in the middle, it goes on with what it has."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.catalogue.service import Catalogue
from bot.db.migrate import upgrade
from bot.db.session import Database
from tests.conftest import ROOT
from tests.fakes.skolverket import SkolverketServer, unit, visiting


@pytest.fixture
def server() -> Iterator[SkolverketServer]:
    """Skolverket with one school in Motala."""
    running = SkolverketServer()
    address = visiting("Medevivägen 57", "59150", "Motala", "58.5499", "15.0160")
    running.world.units = [
        unit("36670439", "Carlsund utbildningscentrum 1", "0583", ["FT25", "HT25"], addresses=[address])
    ]
    yield running
    running.close()


def test_a_killed_import_changes_nothing_and_the_next_goes_on(server: SkolverketServer, tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'bot.db'}")
    upgrade(db)
    server.world.hanging = "/susa-navet"
    first = _command(server, tmp_path)
    assert server.world.hung.wait(60)
    first.kill()
    first.communicate()
    assert Catalogue(db).provider("carlsunds-utbildningscentrum") is None

    server.world.hanging = None
    calls = dict(server.world.asked)
    second = _command(server, tmp_path)
    said, errors = second.communicate(timeout=120)

    assert second.returncode == 0, errors
    assert "Went on with" in said
    register = "/skolenhetsregistret/v2/school-units"
    assert server.world.asked[register] == calls[register]
    card = Catalogue(db).provider("carlsunds-utbildningscentrum")
    assert card is not None
    assert {view.code for view in card.programmes} == {"FT", "HT"}
    assert not list((tmp_path / "import").iterdir())
    db.close()


def _command(server: SkolverketServer, var: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bot.cli", "catalogue", "import", "--from", "skolverket", "--base-url", server.url]
    return subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "VAR_DIR": str(var)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
