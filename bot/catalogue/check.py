"""Whether the data files may be shown to young people as they are. Used by `bot catalogue check`.

A problem here stops the check. What is merely unknown or old is no problem (the bot says so), it is a
thing to do: `to_do` lists those for the staff.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import phonenumbers

from bot.catalogue.entries import Card, Municipality, Provider, Source
from bot.catalogue.files import Content, read
from bot.catalogue.kinds import Confidence, Freshness, Status
from bot.catalogue.references import references
from bot.catalogue.rows import Problem
from bot.catalogue.rules import FRESH_DAYS, distance_km, freshness
from bot.clock import STOCKHOLM, system_clock

COUNTY_MUNICIPALITIES = 13
COUNTY_PREFIX = "05"
# Registers that may be named without an address.
REGISTERS = ("Skolverket", "SCB", "GeoNames", "Statistics Sweden")
# A school further from its municipality's seat than this has wrong coordinates (seen in Skolverket's data).
FARTHEST_KM = 60
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def check(folder: Path, today: date | None = None) -> list[Problem]:
    """Return everything in the files that must be corrected before they are shown; empty when in order.

    `today` decides what lies in the future or is too old to be called verified; default: today in Stockholm.
    """
    day = today or system_clock().astimezone(STOCKHOLM).date()
    content, problems = read(folder)
    problems += references(content)
    problems += [
        Problem(content.files.get((kind, key), f"{kind}.yml"), key, message)
        for kind, key, message in (
            *_municipalities(content, day),
            *_other_sources(content, day),
            *(("providers", row.id, text) for row in content.providers for text in _provider(row, content, day)),
        )
    ]
    return problems


def to_do(folder: Path, today: date | None = None) -> list[Problem]:
    """Return what staff should find out: contact points not confirmed, facts that are old or have no date."""
    day = today or system_clock().astimezone(STOCKHOLM).date()
    content, _problems = read(folder)
    tasks = []
    for row in content.municipalities:
        if row.card is not None and not (row.card.kaa and row.card.kaa.contact_confirmed):
            tasks.append(("municipalities", row.code, f"{row.name}: confirm who answers for KAA, with a phone number"))
        if row.card is not None and row.card.phone is None:
            tasks.append(("municipalities", row.code, f"{row.name}: add the main number with its source"))
    for provider in content.providers:
        if provider.status is Status.CLOSED:
            continue
        stale = {source.name for source in _sources(provider) if _age(source, day) is not Freshness.FRESH}
        if stale:
            tasks.append(("providers", provider.id, f"confirm what these say: {', '.join(sorted(stale))}"))
    return [Problem(content.files[kind, key], key, message) for kind, key, message in tasks]


def _municipalities(content: Content, today: date) -> Iterator[tuple[str, str, str]]:
    county = [row for row in content.municipalities if not row.outside_county]
    if len(county) != COUNTY_MUNICIPALITIES:
        message = f"the county has {COUNTY_MUNICIPALITIES} municipalities, the file has {len(county)}"
        yield "municipalities", "-", message
    for row in content.municipalities:
        for message in _municipality(row, today):
            yield "municipalities", row.code, message


def _municipality(row: Municipality, today: date) -> Iterator[str]:
    if not row.outside_county and not row.code.startswith(COUNTY_PREFIX):
        yield f"code {row.code} is not of this county ({COUNTY_PREFIX}); add 'outside_county: true'"
    if not row.outside_county and row.card is None:
        yield "has no card; every municipality of the county needs one"
    yield from _source(row.source, today)
    yield from _url("website", row.website)
    if row.card is not None:
        yield from _card(row.card, today)


def _card(card: Card, today: date) -> Iterator[str]:
    yield from _phone("card.phone", card.phone)
    for source in (card.law, card.phone_source, card.note_source, card.kaa.source if card.kaa else None):
        if source is not None:
            yield from _source(source, today)
    if card.kaa is not None:
        yield from _phone("card.kaa.phone", card.kaa.phone)
        yield from _url("card.kaa.web", card.kaa.web)
        if card.kaa.contact_confirmed and card.kaa.source.confidence is not Confidence.VERIFIED:
            yield "card.kaa.contact_confirmed needs 'confidence: verified' with the day somebody confirmed it"


def _other_sources(content: Content, today: date) -> Iterator[tuple[str, str, str]]:
    for programme in content.programmes:
        for message in _source(programme.source, today):
            yield "programmes", programme.code, message
    for locality in content.localities:
        # Never shown, so general knowledge is enough.
        if locality.source.confidence is not Confidence.UNVERIFIED:
            for message in _source(locality.source, today):
                yield "localities", locality.name, message


def _provider(row: Provider, content: Content, today: date) -> Iterator[str]:
    if not _ID.fullmatch(row.id):
        yield "id must be lower-case words joined by '-', without å, ä, ö"
    yield from _phone("phone", row.phone)
    yield from _url("web", row.web)
    if "@" in (row.address or "") + (row.phone or ""):
        yield "holds an e-mail address, which is often a named person's; take it away"
    for source in _sources(row):
        yield from _source(source, today)
        if source.confidence is Confidence.VERIFIED and _age(source, today) is not Freshness.FRESH:
            yield (
                f"is called verified, but {source.name} is older than {FRESH_DAYS} days or undated; "
                "confirm it and change the date, or write 'confidence: sourced'"
            )
    if row.status is Status.CLOSED:
        if row.note is None:
            yield "is closed; add note_sv and note_en that say so, for whoever asks by name"
        if row.phone or row.programmes:
            yield "is closed; take away its phone and programmes, so that nobody is sent there"
    yield from _place(row, content)


def _sources(row: Provider) -> list[Source]:
    """Return each source of a provider once: its own, its contact's and its programmes'."""
    sources = [row.source, *(offer.source for offer in row.programmes)]
    if row.contact_source is not None:
        sources.append(Source(row.contact_source, row.contact_date, Confidence.SOURCED))
    return list(dict.fromkeys(sources))


def _age(source: Source, today: date) -> Freshness:
    return freshness(source.confidence, source.dated, today)


def _source(source: Source, today: date) -> Iterator[str]:
    if not source.name.strip():
        yield "has an empty source; name the page or register, or take the fact away"
    elif "://" in source.name:
        # A page or API, followed by who it is from in brackets.
        yield from _url("source", source.name.split(" ")[0])
    elif not any(register in source.name for register in REGISTERS):
        yield f"source '{source.name}' is neither an address nor an official register"
    if source.dated is None and source.checked_on is None:
        yield f"{source.name} has no date; add source_date, or checked_on with the day it was read"
    for dated in (source.dated, source.checked_on):
        # A month or a year counts from its first day; a source of this month is no error.
        if dated is not None and dated.earliest > today + timedelta(days=1):
            yield f"the date {dated} lies in the future; correct it"


def _phone(key: str, number: str | None) -> Iterator[str]:
    if number is None:
        return
    try:
        parsed = phonenumbers.parse(number, "SE")
    except phonenumbers.NumberParseException:
        yield f"{key} '{number}' is no phone number; write it as 013-20 76 00"
        return
    if parsed.country_code != 46 or not phonenumbers.is_valid_number(parsed):
        yield f"{key} '{number}' cannot be a Swedish number; write it as 013-20 76 00"


def _url(key: str, address: str | None) -> Iterator[str]:
    if address is None:
        return
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        host = ""
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or "." not in host or re.search(r"\s", address):
        yield f"{key} '{address}' is no web address; it starts with https:// and has no spaces"


def _place(row: Provider, content: Content) -> Iterator[str]:
    home = next((place for place in content.municipalities if place.name == row.municipality), None)
    if row.point is None or home is None:
        return
    if distance_km(row.point, home) > FARTHEST_KM:
        yield f"its coordinates are over {FARTHEST_KM} km from {home.seat}; correct lat and lon"
