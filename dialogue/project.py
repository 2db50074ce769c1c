"""What goes into a model, and the hash of it that is the model's name.

Used by training (is there such a model already?) and by the server (which model fits this project?).
Imports nothing heavy: the answer must come in a blink.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, List

import yaml

from dialogue.settings import ROOT

DATA_FOLDERS = ("nlu", "rules", "stories", "responses")
PACKAGE_FOLDERS = ("nlu", "policies")
"""The parts of this package that run inside the model: graph components and what they use."""


@dataclass(frozen=True)
class Project:
    """A Rasa project on disk, by default the one at the repository's root."""

    root: Path = ROOT

    @property
    def config(self) -> Path:
        """The pipeline and the policies."""
        return self.root / "config.yml"

    @property
    def domain(self) -> Path:
        """The domain, in one file."""
        return self.root / "domain.yml"

    @property
    def data(self) -> List[Path]:
        """The data folders that Rasa reads; knowledge and catalogue are not among them."""
        return [path for name in DATA_FOLDERS if (path := self.root / "data" / name).is_dir()]

    def inputs(self) -> List[Path]:
        """Every file that decides what the model becomes, in a fixed order."""
        found = [self.config, self.domain, *_gazetteers(self.config, self.root)]
        for folder in self.data:
            found += sorted(folder.rglob("*.yml")) + sorted(folder.rglob("*.yaml"))
        package = Path(__file__).resolve().parent
        for name in PACKAGE_FOLDERS:
            found += sorted(path for path in (package / name).rglob("*") if path.suffix in (".py", ".yml", ".json"))
        found.append(package / "requirements.lock")
        return [path for path in found if path.is_file()]

    def hash(self) -> str:
        """Sixteen hex digits that change when anything that goes into the model changes."""
        digest = hashlib.sha256()
        for path in self.inputs():
            content = path.read_bytes()
            digest.update(f"{_label(path, self.root)}\0{len(content)}\0".encode())
            digest.update(content)
        return digest.hexdigest()[:16]

    def missing(self) -> List[str]:
        """What must be there before training, and is not."""
        needed = [self.config, self.domain, self.root / "data" / "nlu"]
        return [str(path.relative_to(self.root)) for path in needed if not path.exists()]


def _gazetteers(config: Path, root: Path) -> Iterator[Path]:
    """Data files that a component of the pipeline names (options ending in .yml)."""
    if not config.is_file():
        return
    pipeline = (yaml.safe_load(config.read_text(encoding="utf-8")) or {}).get("pipeline") or []
    for component in pipeline:
        for value in component.values() if isinstance(component, dict) else ():
            if isinstance(value, str) and value.endswith((".yml", ".yaml")):
                yield from sorted(root.glob(value))


def _label(path: Path, root: Path) -> str:
    """The path as the hash sees it: independent of where the project lies."""
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(Path(*path.parts[-2:]))


def counts(project: Project) -> dict[str, Any]:
    """How much there is of what, for people who compare two models."""
    import re

    examples = {}
    for folder in sorted((project.root / "data" / "nlu").glob("*")):
        files = folder.rglob("*.yml") if folder.is_dir() else [folder]
        lines = sum(len(re.findall(r"(?m)^\s+- ", path.read_text(encoding="utf-8"))) for path in files)
        examples[folder.name] = lines
    return {"examples": examples, "files": len(project.inputs())}
