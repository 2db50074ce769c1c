"""What must not be there: Rasa's own server, channels, stores, broker, telemetry; and the bot's packages."""

import ast
import json
import subprocess
import sys
from pathlib import Path

from running import ROOT

PACKAGE = ROOT / "dialogue"


def test_a_running_server_has_none_of_rasas_own_surroundings(model: Path, tmp_path: Path) -> None:
    """In a process of its own: load, do a turn, then look at what exists."""
    script = f"""
import gc, json, os, sys, threading
from running import InProcess, free_port
from pathlib import Path
server = InProcess(Path({str(model)!r}), "sqlite:///{tmp_path / "t.db"}", f"http://127.0.0.1:{{free_port()}}/x")
server.wait_ready()
server.say("c-1", "hej")
from rasa.core import lock_store, tracker_store
from rasa.core.brokers.broker import EventBroker
from rasa.core.channels.channel import InputChannel
from sanic import Sanic
alive = [type(o) for o in gc.get_objects()]
kinds = lambda base: sorted({{kind.__name__ for kind in alive if isinstance(kind, type) and issubclass(kind, base)}})
listening = [line.split()[1] for line in open("/proc/self/net/tcp") if line.split()[3] == "0A"]
own = {{os.readlink(f"/proc/self/fd/{{fd}}") for fd in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{{fd}}")}}
inodes = {{line.split()[9] for line in open("/proc/self/net/tcp") if line.split()[3] == "0A"}}
from rasa import telemetry
print(json.dumps({{
    "sanic": list(Sanic._app_registry),
    "trackers": kinds(tracker_store.TrackerStore),
    "locks": kinds(lock_store.LockStore),
    "brokers": kinds(EventBroker),
    "channels": kinds(InputChannel),
    "ports": sum(f"socket:[{{inode}}]" in own for inode in inodes),
    "telemetry": telemetry.is_telemetry_enabled(),
    "scheduler": [t.name for t in threading.enumerate() if "APScheduler" in t.name],
    "bot": [name for name in sys.modules if name.split(".")[0] in ("bot", "actions")],
}}))
server.stop()
"""
    done = subprocess.run(
        [sys.executable, "-c", "from dialogue.log import *; quiet_environment(); configure()\n" + script],
        cwd=ROOT, env={**__import__("os").environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests' / 'dialogue'}"},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.strip().splitlines()[-1])
    assert found == {
        "sanic": [],
        "trackers": ["NoStore"],
        "locks": ["NoLocks"],
        "brokers": [],
        "channels": [],
        "ports": 1,
        "telemetry": False,
        "scheduler": [],
        "bot": [],
    }


def _imports(path: Path) -> "set[str]":
    tree = ast.parse(path.read_text("utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    return {name.split(".")[0] for name in names}


def _modules() -> "list[Path]":
    return [path for path in PACKAGE.rglob("*.py") if ".venv" not in path.parts]


def test_the_engine_imports_neither_bot_nor_actions_nor_pickle() -> None:
    for path in _modules():
        assert not _imports(path) & {"bot", "actions", "pickle", "joblib", "dill", "sanic"}, path


def test_modules_are_short_and_say_what_they_are_for() -> None:
    for path in _modules():
        text = path.read_text("utf-8")
        assert len(text.splitlines()) < 300, path
        assert ast.get_docstring(ast.parse(text)), path


def test_only_settings_and_log_touch_the_environment() -> None:
    allowed = {"settings.py", "log.py", "train.py"}
    for path in _modules():
        if path.name not in allowed:
            assert "os.environ" not in path.read_text("utf-8"), path
