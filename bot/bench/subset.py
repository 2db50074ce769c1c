"""A small Rasa project for measurements: the same rules and words, and few examples of each intent."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

# Rasa suggests its own pipeline and policies where a configuration names none.
DEFAULT_CONFIG = "recipe: default.v1\nassistant_id: default\nlanguage: en\npipeline:\npolicies:\n"


def make(root: Path, target: Path, *, examples: int, default_pipeline: bool, epochs: int | None = None) -> Path:
    """Copy the project at `root` with `examples` of each intent, half of them in each language.

    Args:
        epochs: for how long Rasa's neural networks learn, where the default pipeline's 100 would only cost time:
            what a turn costs depends on their size alone.
    """
    target.mkdir(parents=True)
    shutil.copy(root / "domain.yml", target)
    for folder in ("rules", "stories", "responses", "catalogue"):
        if (root / "data" / folder).is_dir():
            shutil.copytree(root / "data" / folder, target / "data" / folder)
    for language in ("sv", "en"):
        for path in sorted((root / "data" / "nlu" / language).glob("*.yml")):
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            content["nlu"] = [_few(entry, examples // 2) for entry in content["nlu"]]
            copy = target / "data" / "nlu" / language / path.name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    if default_pipeline:
        config = DEFAULT_CONFIG if epochs is None else _shortened(root, epochs)
        (target / "config.yml").write_text(config, encoding="utf-8")
        _leave_out_its_own_rules(target / "data" / "rules")
    else:
        shutil.copy(root / "config.yml", target)
    return target


def _leave_out_its_own_rules(folder: Path) -> None:
    """Take away our rules for what Rasa's RulePolicy has rules of its own for: it refuses both together."""
    for path in folder.glob("*.yml"):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        content["rules"] = [
            rule for rule in content["rules"] if not any(step.get("intent") == "restart" for step in rule["steps"])
        ]
        path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _shortened(root: Path, epochs: int) -> str:
    """Return the configuration that Rasa suggests, as it ships with it, with other epochs."""
    folders = (root / "dialogue" / ".venv" / "lib").glob("python*/site-packages/rasa/engine/recipes/config_files")
    config = yaml.safe_load((next(folders) / "default_config.yml").read_text(encoding="utf-8"))
    for part in (*config["pipeline"], *config["policies"]):
        if "epochs" in part:
            part["epochs"] = epochs
    return yaml.safe_dump({**config, "assistant_id": "default"})


def _few(entry: dict[str, Any], wanted: int) -> dict[str, Any]:
    """Take examples evenly from the whole list, so that every voice in it is heard."""
    if "intent" not in entry:
        return entry
    lines = [line for line in entry["examples"].splitlines() if line.strip()]
    step = max(1.0, len(lines) / wanted)
    chosen = [lines[int(number * step)] for number in range(min(wanted, len(lines)))]
    return {**entry, "examples": "\n".join(chosen) + "\n"}
