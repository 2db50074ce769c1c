"""Katalogen: what the bot knows, changed by staff. Every change has its source and date, and can be undone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.catalogue.compose import Composed, composed
from bot.catalogue.kinds import Freshness
from bot.catalogue.loader import CatalogueError, LoadReport, load_within
from bot.catalogue.rows import Problem
from bot.catalogue.rules import SourceDate, freshness, normalise
from bot.clock import STOCKHOLM
from bot.console import catalogue_preview as previews
from bot.console.catalogue_fields import Field
from bot.console.catalogue_preview import Preview
from bot.console.catalogue_subjects import (
    KIND_LABELS,
    NEW,
    Shelf,
    Subject,
    contact_fields,
    education_types_of,
    find,
    missing,
    new_provider,
    season_change,
)
from bot.console.desk import Visit, not_found
from bot.console.scope import governs_place
from bot.edits.rules import EditRefused, Kind
from bot.edits.service import Editor, history, last_number, make_edit, undo
from bot.given import whole_number
from bot.guidance.facts import Age, fact_from, to_check
from bot.languages import Language

# Fields of a new school that the form does not ask for.
_NEW_ROW: Mapping[str, Any] = {"aliases": [], "former_names": [], "stopped": []}


def index(visit: Visit) -> Response:
    """List the schools of the editor's municipalities; with a search, those whose name or municipality fits."""
    asked = normalise(visit.query("q"))
    with visit.desk.services.db.reading() as session:
        made = composed(session, _shelf(visit).rows())
    today = visit.now.astimezone(STOCKHOLM).date()
    rows = []
    for one in sorted(made.content.providers, key=lambda row: (row.municipality, normalise(row.name))):
        if not governs_place(visit.visitor, one.municipality):
            continue
        age = freshness(one.source.confidence, one.source.dated, today)
        names = " ".join((one.name, *one.aliases, *one.former_names, one.municipality))
        if (asked and asked not in normalise(names)) or (visit.query("todo") and age is Freshness.FRESH):
            continue
        layers = made.layered.touched.get(("providers", one.id), set())
        rows.append(
            {"one": one, "age": age, "dated": _text(one.source.dated), "layers": layers, "kind": KIND_LABELS[one.kind]}
        )
    return visit.page(
        "catalogue.html", tab="schools", rows=rows, q=visit.query("q"), todo=visit.query("todo"), left_out=made.left_out
    )  # fmt: skip


def go_live(visit: Visit) -> Response:
    """Show which contact points of which municipality are missing."""
    with visit.desk.services.db.reading() as session:
        made = composed(session, _shelf(visit).rows())
    rows = []
    for key, held in sorted(made.layered.raw.rows["municipalities"].items(), key=lambda pair: pair[1].row["name"]):
        card = held.row.get("card")
        if card is not None and governs_place(visit.visitor, held.row["name"]):
            rows.append({"key": key, "name": held.row["name"], "missing": set(missing(card))})
    return visit.page("catalogue_go_live.html", tab="go_live", rows=rows, fields=contact_fields())


def facts(visit: Visit) -> Response:
    """List what the bot may state: what has to be looked at again, numbers to call first; then the rest."""
    today = visit.now.astimezone(STOCKHOLM).date()
    known = [fact_from(row) for row in _shelf(visit).knowledge.facts().values()]
    again = to_check(known, today)
    fresh = sorted((fact for fact in known if fact.age(today) is Age.FRESH), key=lambda fact: fact.id)
    return visit.page("catalogue_facts.html", tab="facts", again=again, fresh=fresh)


def season(visit: Visit) -> Response:
    """List the dates of the year with their next day."""
    today = visit.now.astimezone(STOCKHOLM).date()
    rows = []
    for one in _shelf(visit).knowledge.season():
        found = one.in_year(today.year)
        if found.last < today:
            found = one.in_year(today.year + 1)
        rows.append({"one": one, "found": found})
    return visit.page("catalogue_season.html", tab="season", rows=rows)


def show(visit: Visit) -> Response:
    """Show the form of one thing, with its history."""
    return _form(visit)


def change(visit: Visit) -> Response:
    """Preview or keep a change."""
    subject, values = None, {}
    try:
        with visit.desk.services.db.transaction() as session:
            subject = _subject(session, visit)
            values = {one.name: visit.form.one(one.name) for one in subject.fields}
            wanted = {one.name: one.value(values[one.name]) for one in subject.fields}
            subject.check(wanted)
            key, changes = _changes(session, visit, subject, wanted)
            make_edit(
                session, subject.kind, key, changes=changes,
                before={name: subject.values.get(name) for name in changes},
                source=visit.form.one("source"), source_date=visit.form.one("source_date"),
                seen=_number(visit.form.one("seen")), by=_editor(visit), now=visit.now,
            )  # fmt: skip
            made = composed(session, _shelf(visit).rows())
            _fits((*made.problems, *made.left_out), key)
            if visit.form.one("do") != "save":
                shown = _previews(visit, made, subject, key)
                raise _OnlyLooking(shown)
            # Again: somebody else may have changed another school until the load had its turn.
            _fits(_reload(session, visit).left_out, key)
    except EditRefused as fault:
        return _form(visit, 422, fault=str(fault), given=values)
    except _OnlyLooking as looked:
        return _form(visit, given=values, shown=looked.shown)
    return visit.go(f"/console/catalogue/{subject.kind}/{key}?said=saved")


def take_back(visit: Visit) -> Response:
    """Undo a change."""
    kind, key = _kind(visit), visit.path("key")
    try:
        with visit.desk.services.db.transaction() as session:
            _subject(session, visit)
            edit_id = _number(visit.form.one("edit"))
            if not any(one.id == edit_id for one in history(session, kind, key)):
                raise not_found()
            undo(session, edit_id, by=_editor(visit), now=visit.now)
            _reload(session, visit)
    except EditRefused as fault:
        return _form(visit, 422, fault=str(fault))
    with visit.desk.services.db.reading() as session:
        gone = find(session, _shelf(visit), kind, key) is None
    return visit.go("/console/catalogue" if gone else f"/console/catalogue/{kind}/{key}?said=undone")


class _OnlyLooking(Exception):
    """Rolls a preview back."""

    def __init__(self, shown: list[Preview]) -> None:
        super().__init__()
        self.shown = shown


def _form(
    visit: Visit, status: int = 200, *, fault: str = "", given: Mapping[str, str] | None = None,
    shown: list[Preview] | None = None,
) -> Response:  # fmt: skip
    with visit.desk.services.db.reading() as session:
        subject = _subject(session, visit)
        edits = history(session, subject.kind, subject.key)
        seen = last_number(session, subject.kind, subject.key)
        raw = _shelf(visit).rows()
    texts = given or {one.name: one.show(subject.values.get(one.name)) for one in subject.fields}
    programmes = [
        (key, held.row["name_sv"]) for key, held in sorted(raw.rows["programmes"].items()) if not held.row.get("closed")
    ]
    return visit.page(
        "catalogue_edit.html", status, tab="", subject=subject, texts=texts, fault=fault, shown=shown, edits=edits,
        seen=visit.form.one("seen") or seen, source=visit.form.one("source"), said=visit.query("said"),
        source_date=visit.form.one("source_date") or visit.now.astimezone(STOCKHOLM).date().isoformat(),
        programmes=programmes, labels=_labels(subject), today=visit.now.astimezone(STOCKHOLM).date().isoformat(),
    )  # fmt: skip


def _labels(subject: Subject) -> dict[str, Field]:
    return {one.name: one for one in subject.fields}


def _changes(session: Session, visit: Visit, subject: Subject, wanted: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the key and the fields that an edit changes; an unchanged form says that all is still true."""
    if subject.kind is Kind.SEASON:
        return subject.key, season_change(wanted)
    if subject.key != NEW:
        return subject.key, {
            name: value for name, value in wanted.items() if value != subject.values.get(name)
        }  # fmt: skip
    rows = composed(session, _shelf(visit).rows()).layered.raw.rows["providers"]
    key = _new_key(str(wanted["name"]), str(wanted["municipality"]), set(rows))
    types = education_types_of(str(wanted["kind"]))
    return key, {**_NEW_ROW, **wanted, "education_types": types, "programmes_complete": wanted["programmes_complete"]}


def _new_key(name: str, municipality: str, taken: set[str]) -> str:
    for text in (name, f"{name} {municipality}"):
        plain = unicodedata.normalize("NFKD", text.lower())
        key = re.sub(r"[^a-z0-9]+", "-", "".join(c for c in plain if not unicodedata.combining(c))).strip("-")[:56]
        if key and key not in taken and key != NEW:
            return key
    raise EditRefused("Det finns redan en skola som heter så. Ändra den i stället.")


def _fits(problems: Iterable[Problem], key: str) -> None:
    """Refuse an edit that does not go together with the rest."""
    for problem in problems:
        if key in (problem.row, problem.other):
            raise EditRefused(f"Det går inte ihop med resten av katalogen: {_in_swedish(problem.message)}")


def _in_swedish(message: str) -> str:
    name = re.search(r"the name '(.+)' belongs to (\S+) too", message)
    if name is not None:
        return f"namnet ”{name[1]}” används redan av {name[2]}."
    needs = re.search(r"gives (\S+), so education_types needs (\S+)", message)
    if needs is not None:
        return f"en skola av det här slaget har inte programmet {needs[1]}."
    both = re.search(r"programme '(\S+)' is both given and stopped", message)
    if both is not None:
        return f"programmet {both[1]} står både bland dem som finns och dem som inte tar in nya."
    return message


def _previews(visit: Visit, made: Composed, subject: Subject, key: str) -> list[Preview]:
    match subject.kind:
        case Kind.PROVIDER:
            return previews.provider(visit.desk, made, key, visit.now.astimezone(STOCKHOLM).date())
        case Kind.MUNICIPALITY:
            return previews.municipality(visit.desk, made, key)
        case Kind.FACT:
            # The statement itself is for staff; what is said stands in the answers that name it.
            return previews.fact(visit.desk, key)
        case Kind.SEASON:
            return []


def _subject(session: Session, visit: Visit) -> Subject:
    kind, key = _kind(visit), visit.path("key")
    if (kind, key) == (Kind.PROVIDER, NEW):
        return new_provider(_shelf(visit), visit.visitor.municipalities)
    found = find(session, _shelf(visit), kind, key)
    if found is None or not governs_place(visit.visitor, found.place):
        raise not_found()
    return found


def _kind(visit: Visit) -> Kind:
    try:
        return Kind(visit.path("kind"))
    except ValueError:
        raise not_found() from None


def _number(text: str) -> int:
    number = whole_number(text)
    return -1 if number is None else number


def _editor(visit: Visit) -> Editor:
    return Editor(visit.visitor.staff_id, visit.visitor.display_name)


def _shelf(visit: Visit) -> Shelf:
    return Shelf(visit.desk.services.settings.data_dir, visit.desk.knowledge)


def _reload(session: Session, visit: Visit) -> LoadReport:
    """Put the change before the young, in its own transaction: what cannot be loaded is not kept.

    Raises:
        EditRefused: the data files have faults, so that nothing can be loaded.
    """
    services = visit.desk.services
    try:
        return load_within(session, services.settings.data_dir / "catalogue", services.clock)
    except CatalogueError:
        raise EditRefused("Ingenting är sparat: det finns fel i katalogens filer. Be driften att se efter.") from None


def _text(dated: SourceDate | None) -> str:
    return dated.text(Language.SV) if dated else "okänt datum"
