"""Writes `bot/names.py` from `domain.yml` and the response files (`make names`).

Python code uses these enums only, so a name that was removed breaks the build, not a chat.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

HEAD = '''"""Names of the dialogue model, written from domain.yml by `make names`. Do not edit."""

from __future__ import annotations

from enum import StrEnum
'''


def _names(entries: list[Any]) -> list[str]:
    return sorted(next(iter(entry)) if isinstance(entry, dict) else entry for entry in entries)


def _enum(title: str, doc: str, names: list[str]) -> str:
    rows = "\n".join(f'    {name.upper()} = "{name}"' for name in names)
    return f'\n\nclass {title}(StrEnum):\n    """{doc}"""\n\n{rows}\n'


def generate(root: Path) -> str:
    """Return the text of `bot/names.py` for the project at `root`."""
    domain = yaml.safe_load((root / "domain.yml").read_text(encoding="utf-8"))
    responses: set[str] = set()
    for path in (root / "data" / "responses").glob("*.yml"):
        responses |= (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("responses", {}).keys()
    actions = [name for name in _names(domain.get("actions", [])) if not name.startswith("utter_")]
    return (
        HEAD
        + _enum("Intent", "What a message means.", sorted({*_names(domain["intents"]), "nlu_fallback"}))
        + _enum("Entity", "What a message names.", _names(domain["entities"]))
        + _enum("Slot", "What the dialogue remembers.", sorted(domain["slots"]))
        + _enum("Form", "What asks for several things.", sorted(domain.get("forms", {})))
        + _enum("Action", "What the action server does.", actions)
        + _enum("Response", "What the bot says.", sorted(responses))
    )


def main() -> None:
    """Write the file."""
    root = Path(__file__).resolve().parent.parent
    (root / "bot" / "names.py").write_text(generate(root), encoding="utf-8")


if __name__ == "__main__":
    main()
