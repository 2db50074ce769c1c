"""The recognisers on the project's own catalogue, without a trained model."""

import os
from datetime import date, datetime
from functools import lru_cache
from typing import Dict, Optional

import yaml
from dialogue.clock import STOCKHOLM
from dialogue.nlu.entities.component import Recognisers, read_catalogue

from running import ROOT

WEDNESDAY = "2026-10-21T14:30"


@lru_cache(maxsize=1)
def recognisers() -> Recognisers:
    """Built once from the files that config.yml names."""
    pipeline = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    config = next(component for component in pipeline if component["name"].endswith("RuleEntities"))
    before = os.getcwd()
    os.chdir(ROOT)
    try:
        return Recognisers(read_catalogue(config))
    finally:
        os.chdir(before)


def found(text: str, now: str = WEDNESDAY, language: str = "sv", intent: Optional[str] = None) -> Dict[str, str]:
    """The first value of each kind of entity, as `bot nlu predict` shows them; `now` is Swedish time."""
    moment = datetime.fromisoformat(now).replace(tzinfo=STOCKHOLM)
    values: Dict[str, str] = {}
    for one in recognisers().find(text, language, moment, intent):
        values.setdefault(one.entity, one.value)
    return values


def day(text: str) -> date:
    """A date as ISO text."""
    return date.fromisoformat(text)
