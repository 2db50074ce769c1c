"""A small Rasa project, trained once and kept by its hash; servers and databases around it."""

import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Iterator

import pytest
from dialogue.log import configure, quiet_environment

quiet_environment()
configure()

from fake_actions import FakeActions  # noqa: E402
from running import ROOT, InProcess  # noqa: E402

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/test")
PROJECT = Path(__file__).parent / "project"


@pytest.fixture(scope="session")
def model() -> Path:
    """The model of the small project; trained when its inputs have changed."""
    out = ROOT / "var" / "cache" / "test-models"
    command = [sys.executable, "-m", "dialogue.train", "--project", str(PROJECT), "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip().splitlines()[-1].split(": ")[-1])


@pytest.fixture(scope="session")
def _actions() -> Iterator[FakeActions]:
    fake = FakeActions()
    yield fake
    fake.stop()


@pytest.fixture
def actions(_actions: FakeActions) -> FakeActions:
    """The fake action server, well behaved and without memory."""
    _actions.reset()
    return _actions


def _postgres_is_there() -> bool:
    import psycopg2

    try:
        psycopg2.connect(POSTGRES, connect_timeout=3).close()
    except psycopg2.OperationalError:
        print(f"\nPostgreSQL is not reachable at {POSTGRES}: its tests are SKIPPED.", file=sys.stderr)
        return False
    return True


@pytest.fixture(scope="session")
def postgres() -> str:
    """Address of a PostgreSQL database, or a skip that says so."""
    if not _postgres_is_there():
        pytest.skip(f"PostgreSQL is not reachable at {POSTGRES}")
    return POSTGRES


@pytest.fixture
def postgres_url(postgres: str) -> Iterator[str]:
    """A tracker address in a PostgreSQL schema of its own."""
    import psycopg2

    schema = f"dialogue_test_{uuid.uuid4().hex[:12]}"
    yield f"{postgres}?options=-csearch_path%3D{schema}"
    with psycopg2.connect(postgres) as connection, connection.cursor() as cursor:
        cursor.execute(f'drop schema if exists "{schema}" cascade')


@pytest.fixture(params=["sqlite", "postgresql"])
def tracker_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh tracker database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'tracker.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture(scope="session")
def clock_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that holds the shared server's time; tests move it."""
    return tmp_path_factory.mktemp("clock") / "now"


@pytest.fixture(scope="session")
def _server(
    model: Path, _actions: FakeActions, tmp_path_factory: pytest.TempPathFactory, clock_file: Path
) -> Iterator[InProcess]:
    set_clock(clock_file, START)
    tracker = tmp_path_factory.mktemp("tracker") / "tracker.db"
    running = InProcess(model, f"sqlite:///{tracker}", _actions.url, clock=f"@{clock_file}")
    running.wait_ready()
    yield running
    running.stop()


@pytest.fixture
def server(_server: InProcess, actions: FakeActions, clock_file: Path) -> InProcess:
    """A ready server on SQLite, shared by tests; each test has its own conversation."""
    set_clock(clock_file, START)
    return _server


START = "2026-03-02T10:00:00+01:00"


def set_clock(path: Path, instant: str) -> None:
    path.write_text(instant, encoding="utf-8")


@pytest.fixture
def conversation() -> str:
    return str(uuid.uuid4())
