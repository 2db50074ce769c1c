"""Lays an import, and the edits of staff, over the rows of the files. Pure: rows in, rows out.

Precedence, field by field: an edit before the import, the import before the files. The files keep what no register
knows: everyday names, notes, forms, what the school has stopped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.catalogue.kinds import SCHOOL_FORM, Confidence, ProgrammeKind, Status
from bot.catalogue.rows import RawRow, RawRows
from bot.catalogue.rules import normalise
from bot.edits.rules import Kind, Override, Overrides

IMPORT = "import"
EDITS = "edits"
# Contact points of a municipality that staff fill in before go-live (domain facts, per municipality).
CONTACTS = (
    "kaa_name", "kaa_phone", "kaa_email", "kaa_hours", "kaa_slots", "komvux_web", "komvux_next_date", "im_entry",
    "guidance_booking", "emergency_social", "summer",
)  # fmt: skip
_CONTACT_FIELDS = ("address", "phone", "web")
_KIND = {Kind.PROVIDER: "providers", Kind.MUNICIPALITY: "municipalities"}


@dataclass
class Layered:
    """Rows with the layers on them, and which row each layer touched: `{(kind, key): {layer, ...}}`."""

    raw: RawRows
    touched: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def mark(self, kind: str, key: str, layer: str) -> None:
        """Remember that a layer touched a row."""
        self.touched.setdefault((kind, key), set()).add(layer)


def copy_of(raw: RawRows) -> Layered:
    """Return rows that may be changed without changing the files' own."""
    rows = {
        kind: {key: RawRow(held.file, deepcopy(held.row), held.whole) for key, held in of_kind.items()}
        for kind, of_kind in raw.rows.items()
    }
    return Layered(RawRows(rows, raw.digest))


def lay_import(layered: Layered, imported: Iterable[Mapping[str, Any]], on: date, skip: frozenset[str]) -> None:
    """Lay the rows of an import over the files; what the register says is from the day it was read.

    Args:
        skip: ids of rows that do not fit (see the loader); they stay as the files have them.
    """
    providers = layered.raw.rows["providers"]
    kinds = {code: ProgrammeKind(held.row["kind"]) for code, held in layered.raw.rows["programmes"].items()}
    for row in imported:
        if row["id"] in skip:
            continue
        held = providers.get(row["id"])
        made = _imported(row, on) if held is None else _merged(held.row, row, on, kinds)
        providers[row["id"]] = RawRow(held.file if held else IMPORT, made, held.whole if held else {})
        layered.mark("providers", row["id"], IMPORT)


def _stamp(row: Mapping[str, Any], on: date) -> dict[str, Any]:
    return {"source": row["source"], "source_date": on.isoformat(), "confidence": str(Confidence.VERIFIED)}


def _imported(row: Mapping[str, Any], on: date) -> dict[str, Any]:
    """Return a row of the catalogue for a school that the files do not have."""
    stamp = _stamp(row, on)
    made = {key: row[key] for key in ("id", "name", "kind", "education_types", "municipality", "locality", "units")}
    made |= {key: row[key] for key in ("lat", "lon", "distance", *_CONTACT_FIELDS) if row.get(key) is not None}
    return made | stamp | {
        "aliases": [],
        "programmes": [offer | stamp for offer in row["programmes"]],
        "programmes_complete": row["programmes_complete"],
        "courses_sv": row["courses"],
        "courses_en": row["courses"],
    }  # fmt: skip


def _merged(
    old: dict[str, Any], row: Mapping[str, Any], on: date, kinds: Mapping[str, ProgrammeKind]
) -> dict[str, Any]:  # fmt: skip
    stamp = _stamp(row, on)
    made = {key: value for key, value in old.items() if key not in ("source_date_text", "checked_on")} | stamp
    made["status"] = str(Status.OPEN)
    if old.get("status") == Status.CLOSED or (row["programmes_complete"] and old.get("note_while_incomplete")):
        # What was said of a closed school, or of a list that was not complete, is not true any more.
        made |= {"note_sv": None, "note_en": None}
    made["municipality"] = row["municipality"]
    contact = {key: row[key] for key in _CONTACT_FIELDS if row.get(key)}
    if contact:
        made |= contact | {"contact_source": row["source"], "contact_date": on.isoformat()}
    elif old.get("contact_source") is None and any(old.get(key) for key in _CONTACT_FIELDS):
        # The old contact stays as old as it was.
        made |= {"contact_source": old["source"], "contact_date": old.get("source_date") or old.get("source_date_text")}
    if row.get("lat") is not None:
        made |= {"lat": row["lat"], "lon": row["lon"], "locality": row["locality"]}
    made["units"] = row["units"]
    made["education_types"] = list(dict.fromkeys([*old["education_types"], *row["education_types"]]))
    made["distance"] = row["distance"] if row.get("distance") is not None else old.get("distance")
    if row["courses"]:
        made |= {"courses_sv": row["courses"], "courses_en": row["courses"]}
    made["stopped"] = [code for code in old.get("stopped") or () if code not in row["starting"]]
    made["programmes"] = _offers(old, row, made["stopped"], stamp, kinds)
    made["programmes_complete"] = row["programmes_complete"] or bool(old.get("programmes_complete"))
    return made


def _offers(
    old: Mapping[str, Any], row: Mapping[str, Any], stopped: list[str], stamp: Mapping[str, Any],
    kinds: Mapping[str, ProgrammeKind],
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the register's programmes, and of the files' what the register cannot know or does not deny."""
    new = [offer | dict(stamp) for offer in row["programmes"] if offer["code"] not in stopped]
    named = {(offer["code"], offer.get("orientation"), offer["form"]) for offer in new}
    codes = {offer["code"] for offer in new}
    kept = []
    for offer in old.get("programmes") or ():
        same = (offer["code"], offer.get("orientation"), offer["form"]) in named
        denied = row["programmes_complete"] and offer["code"] not in codes and offer["form"] != "adult"
        if not same and not (denied and kinds.get(offer["code"]) in SCHOOL_FORM):
            kept.append(offer)
    return new + kept


def lay_edits(layered: Layered, kind: Kind, edits: Mapping[str, Overrides], skip: frozenset[str]) -> None:
    """Lay the edits of a kind over the rows.

    Args:
        skip: keys of rows whose edits do not fit (any more).
    """
    rows = layered.raw.rows[_KIND[kind]]
    for key, override in edits.items():
        if key in skip:
            continue
        held = rows.get(key)
        if kind is Kind.PROVIDER:
            new = {"id": key, "aliases": [], "programmes": [], "programmes_complete": False}
            made = _edited_provider(held.row if held else new, override)
        elif held is not None:
            made = _edited_municipality(held.row, override)
        else:
            continue
        rows[key] = RawRow(held.file if held else EDITS, made, held.whole if held else {})
        layered.mark(_KIND[kind], key, EDITS)


def _edited_provider(row: dict[str, Any], edits: Overrides) -> dict[str, Any]:
    made = {key: value for key, value in row.items() if key not in ("source_date_text", "checked_on")}
    made |= {"source": edits.source, "source_date": edits.source_date, "confidence": str(Confidence.SOURCED)}
    for name, override in edits.fields.items():
        if name == "programmes":
            made["programmes"] = _edited_offers(row.get("programmes") or [], override)
        else:
            made[name] = override.value
    # One date stands beside the whole contact, so it is the oldest of the edited ones.
    contact = [override for name, override in edits.fields.items() if name in _CONTACT_FIELDS]
    if contact:
        oldest = min(contact, key=lambda override: override.source_date)
        made |= {"contact_source": oldest.source, "contact_date": oldest.source_date}
    if made.get("status") == Status.CLOSED:
        made |= {"phone": None, "programmes": [], "programmes_complete": False}
    return made


def _edited_offers(old: list[dict[str, Any]], override: Override) -> list[dict[str, Any]]:
    """Return the offers that staff name; one that was there before keeps its own source."""
    before = {(offer["code"], offer.get("orientation"), offer["form"]): offer for offer in old}
    stamp = {
        "source": override.source, "source_date": override.source_date, "confidence": str(Confidence.SOURCED)
    }  # fmt: skip
    return [
        before.get((offer["code"], offer.get("orientation"), offer["form"]), offer | stamp) for offer in override.value
    ]


def _edited_municipality(row: dict[str, Any], edits: Overrides) -> dict[str, Any]:
    made, card = dict(row), dict(row["card"])
    card["contacts"] = {
        name: {"value": found.value, "source": found.source, "source_date": found.source_date}
        for name in CONTACTS
        if (found := edits.fields.get(name)) is not None and found.value not in (None, "")
    }
    main = edits.fields.get("phone")
    if main is not None:
        for key in ("phone_checked_on", "phone_source_date_text", "phone_confidence"):
            card.pop(key, None)
        card |= {"phone": main.value or None, "phone_source": main.source, "phone_date": main.source_date}
    phone = edits.fields.get("kaa_phone")
    if phone is not None and phone.value:
        kaa = dict(card.get("kaa") or {})
        for key in ("checked_on", "source_date_text"):
            kaa.pop(key, None)
        named = edits.fields.get("kaa_name")
        called = named.value if named and named.value else None
        card["kaa"] = kaa | {
            "name_sv": called or kaa.get("name_sv") or "Kommunala aktivitetsansvaret",
            "name_en": called or kaa.get("name_en") or "The municipality's activity responsibility (KAA)",
            "phone": phone.value,
            "contact_confirmed": True,
            "source": phone.source,
            "source_date": phone.source_date,
            "confidence": str(Confidence.VERIFIED),
        }
    made["card"] = card
    return made


def names_of(row: Mapping[str, Any]) -> set[str]:
    """Return every name of a provider's row as it is compared."""
    return {normalise(n) for n in (row["name"], *(row.get("aliases") or ()), *(row.get("former_names") or ()))}
