"""Keeps what training learned from the same examples, so that a change of rules or words retrains in seconds.

Used by intents.py in training. Lies in `var/cache`, by a hash of everything that decides the result.
"""

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any, Dict, List

import numpy as np

from dialogue.settings import cache_dir

MOST = 4
"""Results that are kept; older ones go."""


def key(texts: List[str], names: List[str], dense: np.ndarray, config: Dict[str, Any]) -> str:
    """A name for what would be learned: examples, embeddings, options and the code that learns."""
    digest = hashlib.sha256(json.dumps([texts, names, config], sort_keys=True, default=str).encode())
    digest.update(np.ascontiguousarray(dense).tobytes())
    for module in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()[:32]


def fetch(name: str, into: Path) -> bool:
    """Copy a kept result into a folder; false when there is none."""
    kept = cache_dir() / "classifiers" / name
    if not kept.is_dir():
        return False
    shutil.copytree(kept, into, dirs_exist_ok=True)
    return True


def keep(name: str, folder: Path) -> None:
    """Keep a result under its name, whole or not at all."""
    home = cache_dir() / "classifiers"
    try:
        home.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=home))
        shutil.copytree(folder, temporary, dirs_exist_ok=True)
        os.replace(temporary, home / name)
        for old in sorted(home.iterdir(), key=lambda path: path.stat().st_mtime)[:-MOST]:
            shutil.rmtree(old, ignore_errors=True)
    except OSError:
        return  # somebody else kept the same, or the disk is full: the next training takes longer
