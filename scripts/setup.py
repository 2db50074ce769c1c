"""Makes both Python environments from their lock files. Needs nothing but a Python 3.8 or newer.

Run by `make setup`, and by `make run` and `make test` before anything else. A second run only
compares a hash and returns at once.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV_VERSION = "0.13.9"
ENVIRONMENTS = (("the bot", ROOT, (3, 12)), ("the dialogue engine (Rasa)", ROOT / "dialogue", (3, 10)))


class SetupError(Exception):
    """Something is missing; the message says what to do."""


def main() -> int:
    """Make what is missing; 0 when both environments are ready."""
    try:
        for title, folder, version in ENVIRONMENTS:
            _environment(title, folder, version)
    except SetupError as error:
        print(f"\nSetup stopped: {error}", file=sys.stderr)
        return 1
    return 0


def _environment(title: str, folder: Path, version: tuple[int, int]) -> None:
    lock = folder / "requirements.lock"
    wanted = hashlib.sha256(lock.read_bytes() + repr(version).encode()).hexdigest()
    stamp = folder / ".venv" / "lock.sha256"
    if stamp.exists() and stamp.read_text() == wanted and (folder / ".venv" / "bin" / "python").exists():
        return
    began = time.monotonic()
    print(f"Installing {title}: Python {version[0]}.{version[1]}, {_count(lock)} packages ...", flush=True)
    uv = _uv()
    venv = folder / ".venv"
    if not _is_version(venv / "bin" / "python", version):
        _run([uv, "venv", "--quiet", "--clear", "--python", _interpreter(version), str(venv)], "make an environment")
    command = [uv, "pip", "sync", "--require-hashes", "--python", str(venv / "bin" / "python"), str(lock)]
    _run(command, "install packages", hint="Is there a network, and does it reach the Python package index?")
    if folder == ROOT:
        # Our own package: one line that puts the project on the path, and the `bot` command.
        _link_project(venv)
    stamp.write_text(wanted)
    print(f"  done in {time.monotonic() - began:.0f} s", flush=True)


def _link_project(venv: Path) -> None:
    site = next((venv / "lib").glob("python3*")) / "site-packages"
    (site / "project.pth").write_text(f"{ROOT}\n")
    command = venv / "bin" / "bot"
    command.write_text(
        f"#!{venv}/bin/python\nimport sys\n\nfrom bot.cli import main\n\nsys.exit(main())\n", encoding="utf-8"
    )
    command.chmod(0o755)


def _uv() -> str:
    found = ROOT / ".tools" / "bin" / "uv"
    if found.exists():
        return str(found)
    print(f"Installing uv {UV_VERSION} (the installer) into .tools/ ...", flush=True)
    _run([sys.executable, "-m", "venv", str(ROOT / ".tools")], "make .tools", hint="Debian: apt install python3-venv")
    command = [str(ROOT / ".tools" / "bin" / "python"), "-m", "pip", "install", "--quiet", f"uv=={UV_VERSION}"]
    _run(command, "install uv", hint="Is there a network, and does it reach the Python package index?")
    return str(found)


def _interpreter(version: tuple[int, int]) -> str:
    """Find an interpreter that is already here: on the path, or among pyenv's; else let uv try to get one."""
    name = f"python{version[0]}.{version[1]}"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    here = sorted(pyenv.glob(f"{version[0]}.{version[1]}.*/bin/python"), reverse=True)
    for candidate in [shutil.which(name), *map(str, here)]:
        if candidate and _is_version(Path(candidate), version):
            return candidate
    newer = [(version[0], minor) for minor in range(version[1] + 1, 15)] if version >= (3, 12) else []
    for other in newer:
        candidate = shutil.which(f"python{other[0]}.{other[1]}")
        if candidate and _is_version(Path(candidate), other):
            return candidate
    uv = _uv()
    print(f"  no Python {version[0]}.{version[1]} on this machine; asking uv to download one ...", flush=True)
    if subprocess.run([uv, "python", "install", f"{version[0]}.{version[1]}"], check=False).returncode == 0:
        return f"{version[0]}.{version[1]}"
    raise SetupError(
        f"Python {version[0]}.{version[1]} is missing and could not be downloaded. "
        f"Install it, for example with `pyenv install {version[0]}.{version[1]}`, and run the same command again."
    )


def _is_version(python: Path, version: tuple[int, int]) -> bool:
    if not python.exists():
        return False
    # From outside the project: pyenv's shims would obey our .python-version and answer for another version.
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    result = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=False)
    return result.stdout.strip() == f"{version[0]}.{version[1]}"


def _count(lock: Path) -> int:
    return sum("==" in line for line in lock.read_text().splitlines() if not line.startswith(" "))


def _run(command: list[str], doing: str, hint: str = "") -> None:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        tail = "\n".join((result.stderr or result.stdout).strip().splitlines()[-6:])
        raise SetupError(f"could not {doing}.\n{tail}\n{hint}".rstrip())


if __name__ == "__main__":
    sys.exit(main())
