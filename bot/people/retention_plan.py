"""The retention plan (gallringsplan): `data/retention.yml` as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import yaml

from bot.errors import BotError


class PlanError(BotError):
    """The plan cannot be read; the message says what to change in the file."""


@dataclass(frozen=True)
class DocumentType:
    """How long one kind of document is kept. Texts are in Swedish, for a municipality's officers."""

    key: str
    name: str
    days: int | None
    """None: not by time."""
    counts_from: str
    why: str
    goes: str

    @property
    def kept(self) -> timedelta:
        """How long it is kept.

        Raises:
            PlanError: it does not go by time.
        """
        if self.days is None:
            raise PlanError(f"data/retention.yml: {self.key} needs a number of days.")
        return timedelta(days=self.days)


Plan = Mapping[str, DocumentType]

# What the code takes away by time: each must stand in the file with its days.
TIMED = ("raw_text", "chat", "booking", "statistics", "preserved", "receipt", "access_log", "retention_log", "log")


def load(data_dir: Path) -> Plan:
    """Read the plan.

    Raises:
        PlanError: a document type or its days are missing.
    """
    content = yaml.safe_load((data_dir / "retention.yml").read_text(encoding="utf-8"))
    plan = {
        key: DocumentType(key, row["name"], row["days"], row["counts_from"], row["why"], row["goes"])
        for key, row in content["types"].items()
    }
    for key in TIMED:
        if key not in plan or not isinstance(plan[key].days, int) or plan[key].kept <= timedelta(0):
            raise PlanError(f"data/retention.yml: give {key} a number of days above 0.")
    if plan["raw_text"].kept > plan["chat"].kept or plan["chat"].kept > plan["statistics"].kept:
        raise PlanError("data/retention.yml: words go before the chat, and the chat before its statistics.")
    return plan
