"""The municipalities that are imported."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A municipality: its code, name and the coordinates of its seat."""

    code: str
    name: str
    lat: float
    lon: float
