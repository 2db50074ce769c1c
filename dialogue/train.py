"""Trains the model of the Rasa project: `python -m dialogue.train --out var/models`.

Called by `bot train`, `make run` and the container build. The model's name is the hash of all that
goes into it; when it is there already, nothing is done. Rasa is imported only when it must be.
"""

import argparse
import contextlib
import io
import json
import os
import shutil
import sys
import tempfile
import time
import warnings
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, List, Optional

from dialogue import model_file
from dialogue.log import quiet_environment
from dialogue.project import Project, counts
from dialogue.settings import ROOT


class TrainingFailed(Exception):
    """Training ended without a model; the message says why."""


def main(arguments: Optional[List[str]] = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m dialogue.train", description=__doc__)
    parser.add_argument("--out", default="var/models", help="folder for models (default: var/models)")
    parser.add_argument("--project", default=str(ROOT), help="folder with config.yml, domain.yml and data/")
    parser.add_argument("--print-hash", action="store_true", help="print the name the model has or would get, and stop")
    parser.add_argument("--force", action="store_true", help="train even if the model exists")
    chosen = parser.parse_args(arguments)
    project = Project(Path(chosen.project).resolve())
    missing = project.missing()
    if missing:
        print(f"Cannot train: {', '.join(missing)} is missing in {project.root}.", file=sys.stderr)
        return 2
    name = project.hash()
    if chosen.print_hash:
        print(name)
        return 0
    path = model_file.model_path(Path(chosen.out).resolve(), name)
    if path.is_file() and not chosen.force:
        print(f"Model {name} is up to date: {path}")
        return 0
    try:
        train(project, path)
    except TrainingFailed as error:
        print(f"Training failed: {error}", file=sys.stderr)
        return 1
    return 0


def train(project: Project, path: Path) -> None:
    """Train and put the model and its note at `path`, whole or not at all.

    Raises:
        TrainingFailed: Rasa did not make a model.
    """
    began = time.monotonic()
    name = path.name[: -len(".tar.gz")]
    path.parent.mkdir(parents=True, exist_ok=True)
    for left_over in path.parent.glob(".training-*"):
        if time.time() - left_over.stat().st_mtime > 3600:
            shutil.rmtree(left_over, ignore_errors=True)
    print(f"Training model {name} from {len(project.inputs())} files ...", flush=True)
    quiet_environment()
    workshop = Path(tempfile.mkdtemp(prefix=".training-", dir=path.parent))
    try:
        os.environ["RASA_CACHE_DIRECTORY"] = str(workshop / "cache")
        print("- loading Rasa", flush=True)
        made = _run_rasa(project, workshop)
        note = {
            "sha256": model_file.sha256_of(made),
            "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "seconds": round(time.monotonic() - began, 1),
            **counts(project),
        }
        note_file = workshop / "note.json"
        note_file.write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")
        # The note first: a reader that sees the model also finds what it must be.
        os.replace(note_file, model_file.note_path(path))
        os.replace(made, path)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    print(f"Model {name} is ready after {time.monotonic() - began:.0f} s: {path}", flush=True)


def _whole(error: BaseException) -> str:
    """The error and what caused it: Rasa's outermost error says only where."""
    said = [f"{type(error).__name__}: {error}"]
    while (error.__cause__ or error.__context__) is not None:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
        said.append(f"{type(error).__name__}: {error}")
    return "\n  because of ".join(said)


def _quiet_warnings() -> None:
    """Leave out warnings that are not about this project; those about its data are shown."""
    shown = warnings.showwarning

    def show(message: Any, category: Any, *more: Any, **named: Any) -> None:
        # A filter alone is lost: some libraries set their own while they load.
        if not issubclass(category, (DeprecationWarning, PendingDeprecationWarning, FutureWarning)):
            shown(message, category, *more, **named)

    warnings.showwarning = show
    # Our Rules policy is a RulePolicy; and slots without a mapping are meant so.
    for start in ("pkg_resources is deprecated", "'RulePolicy' is not included", "Slot auto-fill has been removed"):
        warnings.filterwarnings("ignore", message=start)


def _run_rasa(project: Project, workshop: Path) -> Path:
    from dialogue.log import configure, configure_structlog

    _quiet_warnings()
    configure(own_data=True)
    configure_structlog()
    import rasa.model_training  # noqa: F401  ten seconds, so before the next line is printed

    print("- reading the data, training language understanding and rules", flush=True)
    # Components name their data files relative to the project.
    before = os.getcwd()
    os.chdir(project.root)
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # Rasa praises a path that is gone a moment later
            result = _train(project, workshop)
    except Exception as error:  # Rasa raises many kinds; each one means that there is no model.
        raise TrainingFailed(_whole(error)) from error
    finally:
        os.chdir(before)
    made = workshop / "model.tar.gz"
    if result.code or not made.is_file():
        raise TrainingFailed(f"Rasa ended with code {result.code} and made no model.")
    return made


def _train(project: Project, workshop: Path) -> Any:
    from rasa.model_training import train as rasa_train

    return rasa_train(
        domain=str(project.domain),
        config=str(project.config),
        training_files=[str(folder) for folder in project.data],
        output=str(workshop),
        force_training=True,
        fixed_model_name="model",
    )


if __name__ == "__main__":
    sys.exit(main())
