"""Skolverket's codes of programmes, old and new, as the catalogue writes them. Pure functions.

From autumn 2025 codes end in 25 (FT25); the register may hold either form. Introductory codes say more: IMVFTGL is
programme-oriented choice (IMV) towards FT, apprentice-like (L).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from bot.catalogue.kinds import StudyForm

INTRODUCTORY = "IM"
# Codes that changed more than by the suffix (Syllabus API, 2026-08-23), and the old names of the introductory ones.
_RENAMED = {"AH": "HS", "FA": "FB", "IAIND": "IP", "IPIP0": "IP", "FX": "FL"}
_OLD_INTRODUCTORY = {"IMIND": "IMA", "IMSPR": "IMS", "IMPRO": "IMV", "IMR": "IMV", "IMYRK": "IMY"}
_INTRODUCTORY_KINDS = ("IMV", "IMY", "IMA", "IMS")


@dataclass(frozen=True)
class StudyPath:
    """A programme, its orientation and form, as the catalogue writes them."""

    code: str
    orientation: str | None
    form: StudyForm


def study_path(code: str, known: Collection[str], orientations: Collection[tuple[str, str]] = ()) -> StudyPath | None:
    """Return what a code of Skolverket's stands for; None when the catalogue has no such programme.

    Args:
        known: codes of programmes in the catalogue.
        orientations: pairs of programme and orientation in the catalogue.
    """
    plain = re.sub(r"\s", "", code).upper()
    if plain.startswith(INTRODUCTORY):
        return _introductory(plain, orientations) if INTRODUCTORY in known else None
    base = plain.removesuffix("25")
    base = _RENAMED.get(plain, _RENAMED.get(base, base))
    if base in known:
        return StudyPath(base, None, StudyForm.SCHOOL)
    for programme, orientation in orientations:
        if orientation == base:
            return StudyPath(programme, orientation, StudyForm.SCHOOL)
    # An orientation that the catalogue does not know still names its programme: BAHUD0 and the like.
    return StudyPath(base[:2], None, StudyForm.SCHOOL) if base[:2] in known and len(base) in (5, 6) else None


def _introductory(plain: str, orientations: Collection[tuple[str, str]]) -> StudyPath:
    kind = _OLD_INTRODUCTORY.get(plain) or next((kind for kind in _INTRODUCTORY_KINDS if plain.startswith(kind)), None)
    if (INTRODUCTORY, kind) not in orientations:
        kind = None
    apprentice = bool(re.fullmatch(r"IM[VYA]..[A-Z]?L(FE)?", plain)) and len(plain) >= 6
    return StudyPath(INTRODUCTORY, kind, StudyForm.APPRENTICE if apprentice else StudyForm.SCHOOL)


def slices_for(known: Collection[str]) -> list[str]:
    """Return the codes by which a list that is too long is cut: new ones, and old ones (which may give nothing)."""
    return [code for base in sorted(known) for code in (f"{base}25", base)]
