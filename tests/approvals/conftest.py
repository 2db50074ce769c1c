"""The youth, the counsellors and the phones of the other tests."""

from __future__ import annotations

from tests.alerts.conftest import desk
from tests.conversations.conftest import dialogue, make_youth, settle, worker, youth
from tests.handover.conftest import add_counsellor, handover, maria, omar

__all__ = [
    "add_counsellor", "desk", "dialogue", "handover", "make_youth", "maria", "omar", "settle", "worker", "youth",
]  # fmt: skip
