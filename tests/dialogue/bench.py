"""How fast the engine is, and how fast Rasa's own server is with the same model, actions and messages.

By hand: dialogue/.venv/bin/python tests/dialogue/bench.py [turns|rate|rasa] --model var/models/<hash>.tar.gz
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Callable, Dict, List

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[2])]

import httpx

from fake_actions import FakeActions
from running import ROOT, Program, free_port

MESSAGES = ["hej", "vilka skolor finns i linköping", "tack", "hur lagar man pannkakor", "vilka skolor finns i motala"]
Say = Callable[[str, str], None]


def spread(times: List[float]) -> str:
    """Median and 95th percentile in milliseconds."""
    ordered = sorted(times)
    return f"p50 {statistics.median(ordered) * 1000:.1f} ms, p95 {ordered[int(len(ordered) * 0.95)] * 1000:.1f} ms"


def by_turn(say: Say, turns: int) -> None:
    """One conversation of many turns: is the last as quick as the tenth?"""
    conversation, times = str(uuid.uuid4()), []
    for number in range(turns):
        began = time.perf_counter()
        say(conversation, MESSAGES[number % len(MESSAGES)])
        times.append(time.perf_counter() - began)
    for around in (10, 50, 100, 200, 500, 1000):
        if around <= turns:
            part = times[max(0, around - 10) : around + 10]
            print(f"turn {around:>5}: {spread(part)}")


def rate(say: Say, at_once: int, turns: int) -> None:
    """Several conversations at once, each one turn after the other."""

    def one(_number: int) -> List[float]:
        conversation, times = str(uuid.uuid4()), []
        for number in range(turns):
            began = time.perf_counter()
            say(conversation, MESSAGES[number % len(MESSAGES)])
            times.append(time.perf_counter() - began)
        return times

    began = time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        times = [value for part in pool.map(one, range(at_once)) for value in part]
    seconds = time.perf_counter() - began
    print(f"{at_once} conversations of {turns} turns: {len(times) / seconds:.1f} turns/s, {spread(times)}")


def ours(model: Path, actions: FakeActions, folder: Path) -> "tuple[Program, Say]":
    """The dialogue server as a program, and how to speak with it."""
    server = Program(model, f"sqlite:///{folder / 'ours.db'}", actions.url, folder / "ours.log")
    server.wait_ready(120)
    return server, lambda conversation, text: server.say(conversation, text) and None


def rasas(model: Path, actions: FakeActions, folder: Path) -> "tuple[subprocess.Popen, Say]":
    """Rasa's own server with its REST channel and its SQL tracker store."""
    (folder / "endpoints.yml").write_text(
        f"action_endpoint: {{url: '{actions.url}'}}\n"
        f"tracker_store: {{type: SQL, dialect: sqlite, db: '{folder / 'rasa.db'}'}}\n"
    )
    (folder / "credentials.yml").write_text("rest:\n")
    port = free_port()
    command = [str(Path(sys.executable).parent / "rasa"), "run", "--model", str(model), "--port", str(port)]
    command += ["--endpoints", str(folder / "endpoints.yml"), "--credentials", str(folder / "credentials.yml")]
    environ = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
    with (folder / "rasa.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120, trust_env=False)

    def say(conversation: str, text: str) -> None:
        answer = client.post("/webhooks/rest/webhook", json={"sender": conversation, "message": text})
        assert answer.json(), "Rasa's silence"

    deadline = time.monotonic() + 180
    while True:
        try:
            client.get("/")
            break
        except httpx.HTTPError:
            assert time.monotonic() < deadline
            time.sleep(0.5)
    say("warm-up", "hej")
    return process, say


def memory(process: int) -> str:
    """Resident memory of a process."""
    status: Dict[str, str] = dict(
        line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines() if ":" in line
    )
    return f"{int(status['VmRSS'].split()[0]) // 1024} MB"


def main() -> None:
    """Run one of the measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["turns", "rate", "rasa"])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--turns", type=int, default=1010)
    chosen = parser.parse_args()
    actions = FakeActions()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        process, say = (rasas if chosen.what == "rasa" else ours)(chosen.model.resolve(), actions, folder)
        running = process if isinstance(process, subprocess.Popen) else process.process
        try:
            if chosen.what == "turns":
                by_turn(say, chosen.turns)
            else:
                for at_once in (1, 8):
                    rate(say, at_once, 60)
            print(f"memory: {memory(running.pid)}")
        finally:
            running.terminate()
            running.wait(30)


if __name__ == "__main__":
    main()
