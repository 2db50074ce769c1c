"""Whether somebody wants to study at a distance: read in their own words, in both languages.

The model has no entity for it. Used by the search, its form, and the answers to questions that may mean a search.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from actions.answers import is_a_question

# What the button under the general answer carries.
CHOICE = "distance"

_SIGN = (
    r"(distans\w*|(nät|online)?(kurs|utbildning)\w* online|online\w*|hemifrån|hemifran|"
    r"(på|via|över|pa|over) (nätet|natet|internet|datorn)|nätkurs\w*|helt digital\w*|digitalt|"
    r"(plugga|läsa|lasa|läser|studera) hemma|(at|by|on|via) (a )?distance|"
    r"distance (course|learn|stud|educat|school|class|komvux|sfi)\w*|remote(ly)?|from home|stud(y|ying) at home|"
    r"over the internet|web courses?)"
)
_WANTS = re.compile(rf"\b{_SIGN}\b|\"choice\": ?\"{CHOICE}\"", re.IGNORECASE)
_WANTS_NOT = re.compile(rf"(\b(inte|ej|slippa|not|no|without)|n['’]t)\s+(\w+\s+){{0,2}}?{_SIGN}\b", re.IGNORECASE)
_ON_SITE = re.compile(r"\b(på plats|i klassrum|on site|in person|in a classroom)\b", re.IGNORECASE)
# How it works, not where it is.
_ABOUT = re.compile(
    r"\b(hur|how|varför|why|vad (är|e|innebär|betyder|kostar|är skillnaden)|what('?s| is| does| are| do)|kostar|costs?|"
    r"svår\w*|lätt\w*|hard|easy|easier|difficult|prov|exams?|tests?|kamera\w*|camera)\b",
    re.IGNORECASE,
)


def wants_distance(text: str) -> bool | None:
    """Whether a text asks for something at a distance (True) or rather on site (False); None: it says neither.

    A question how it works asks for nothing.
    """
    if _ABOUT.search(text):
        return None
    if not is_a_question(text) and _WANTS_NOT.search(text):
        return False
    if _WANTS.search(text):
        return True
    return False if _ON_SITE.search(text) else None


def last_wish(texts: Iterable[str]) -> bool | None:
    """Return what the last of these texts that says either wants."""
    said = [wish for text in texts if (wish := wants_distance(text)) is not None]
    return said[-1] if said else None
