"""`make test`: everything that CI runs, in the order of quickest first; says what failed and how long each took."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
ENGINE = ROOT / "dialogue" / ".venv" / "bin" / "python"
MODELS = ROOT / "var" / "models"

QUICK: list[tuple[str, list[str]]] = [
    ("lint", [str(BIN / "ruff"), "check", "."]),
    ("format", [str(BIN / "ruff"), "format", "--check", "."]),
    ("types", [str(BIN / "mypy")]),
    ("import rules", [str(BIN / "lint-imports")]),
    ("catalogue data", [str(BIN / "bot"), "catalogue", "check"]),
    (
        "unit tests",
        [str(BIN / "python"), "-m", "pytest", "-q", "-n", "auto", "-m", "not end_to_end and not browser", "tests"],
    ),
]
REST: list[tuple[str, list[str]]] = [
    ("model", [str(ENGINE), "-m", "dialogue.train", "--out", str(MODELS)]),
    (
        "dialogue engine",
        [str(ENGINE), "-m", "pytest", "-c", "tests/dialogue/pytest.ini", "tests/dialogue"],
    ),
    ("end to end", [str(BIN / "python"), "-m", "pytest", "-q", "-m", "end_to_end", "tests"]),
    ("browser", [str(BIN / "python"), "-m", "pytest", "-q", "-m", "browser", "tests"]),
]


def main() -> int:
    """Run all steps, also after a failure, and sum up; 0 when all passed."""
    quick = "--quick" in sys.argv[1:]
    steps = QUICK if quick else [*QUICK, *REST]
    if not quick and not _chromium():
        return 1
    results: list[tuple[str, int, float]] = []
    for name, command in steps:
        print(f"\n== {name}", flush=True)
        began = time.monotonic()
        code = subprocess.run(command, cwd=ROOT, env=_env(), check=False).returncode
        results.append((name, code, time.monotonic() - began))
    print("\n== summary")
    for name, code, seconds in results:
        print(f"{'passed' if code == 0 else 'FAILED':7} {name} ({seconds:.0f} s)")
    failed = sum(code != 0 for _, code, _ in results)
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


def _env() -> dict[str, str]:
    # A person's own settings (a real token, a real database) must not reach the tests.
    own = {"TELEGRAM_BOT_TOKEN", "DATABASE_URL", "TRACKER_URL", "VAR_DIR", "BOT_CLOCK", "PUBLIC_URL"}
    env = {name: value for name, value in os.environ.items() if name not in own}
    return {**env, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}


def _chromium() -> bool:
    """Make sure that there is a browser; install Debian's where we may."""
    if shutil.which("chromium"):
        return True
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Debian's chromium for the browser tests ...", flush=True)
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]):
            subprocess.run(command, env=env, check=False, stdout=subprocess.DEVNULL)
        if shutil.which("chromium"):
            return True
    print("The browser tests need chromium. Install it: sudo apt-get install chromium", file=sys.stderr)
    return False


if __name__ == "__main__":
    sys.exit(main())
