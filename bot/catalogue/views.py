"""What a young person may see of the catalogue. Built by `cards`, said by the actions and the console.

Nothing unverified is in these values. Whatever is not `fresh` has to be said with its date (`as_of_text`), or
with the words that its date is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.catalogue.entries import Orientation, Words
from bot.catalogue.kinds import Freshness, ProviderKind, Status, StudyForm
from bot.catalogue.rules import Point, SourceDate
from bot.languages import Language


@dataclass(frozen=True)
class Dated:
    """The age of a fact: `as_of` is None when its source shows no date."""

    freshness: Freshness
    as_of: SourceDate | None
    source: str

    def as_of_text(self, language: Language) -> str | None:
        """Return the date in words, or None when the source has none."""
        return self.as_of.text(language) if self.as_of else None


@dataclass(frozen=True)
class ProgrammeView:
    """A programme that a provider gives, or has given."""

    code: str
    name_sv: str
    name_en: str
    orientations: tuple[Orientation, ...]
    forms: tuple[StudyForm, ...]
    dated: Dated

    def name(self, language: Language) -> str:
        """Return the programme's name in a language."""
        return self.name_sv if language is Language.SV else self.name_en


@dataclass(frozen=True)
class ProviderCard:
    """One provider. `programmes` are those that the search asked for; the list may not be complete."""

    id: str
    name: str
    kind: ProviderKind
    status: Status
    municipality: str
    locality: str
    address: str | None
    phone: str | None
    web: str | None
    programmes: tuple[ProgrammeView, ...]
    programmes_complete: bool
    courses_sv: tuple[str, ...]
    courses_en: tuple[str, ...]
    note: Words | None
    # The age of what the search asked for: of the programme, or of the row itself.
    dated: Dated
    # The age of address and phone.
    contact: Dated
    outside_county: bool
    # Where it is on the map; None: not known.
    point: Point | None = None
    # Whether one can study there at a distance; None: no source says either.
    distance: bool | None = None
    # From the town or village named, else from the seat, as the crow flies, in whole km; only among `nearest`.
    distance_km: int | None = None

    @property
    def freshness(self) -> Freshness:
        """How the card may be shown: as it is, with its date, or as undated."""
        return self.dated.freshness

    def as_of_text(self, language: Language) -> str | None:
        """Return the date of what was asked for, in words."""
        return self.dated.as_of_text(language)

    def courses(self, language: Language) -> tuple[str, ...]:
        """Return the courses that the source names."""
        return self.courses_sv if language is Language.SV else self.courses_en

    def note_text(self, language: Language) -> str | None:
        """Return the note, if there is one."""
        return None if self.note is None else (self.note.sv if language is Language.SV else self.note.en)


@dataclass(frozen=True)
class ContactView:
    """A contact point of a municipality with its age."""

    value: str
    dated: Dated


@dataclass(frozen=True)
class MunicipalityCard:
    """A municipality: what it owes a young person by law, and how to reach it."""

    code: str
    name: str
    seat: str
    outside_county: bool
    website: str | None
    # Main number (växel), with its own age; None: not known.
    phone: str | None
    phone_dated: Dated | None
    kaa_name: Words | None
    kaa_web: str | None
    kaa_phone: str | None
    # False: say `kaa_advice` (ring the main number and ask); no contact point has been confirmed.
    kaa_contact_confirmed: bool
    kaa_advice: Words
    komvux_advice: Words
    note: Words | None
    note_dated: Dated | None
    law: str
    law_source: str
    # What staff have filled in, by name (layers.CONTACTS); what nobody has is not there.
    contacts: Mapping[str, ContactView] = field(default_factory=dict)


@dataclass(frozen=True)
class SearchResult:
    """The answer to a search. Providers with evidence, or where to look instead."""

    # In the place, with evidence: this page of them.
    items: tuple[ProviderCard, ...] = ()
    total: int = 0
    # With evidence but elsewhere; only when there is none in the place.
    nearest: tuple[ProviderCard, ...] = ()
    nearest_total: int = 0
    # In the place, may have it, nobody knows: "I don't know if they have it; ask them".
    maybe: tuple[ProviderCard, ...] = ()
    municipality_card: MunicipalityCard | None = None
    # Universities and higher vocational education are not in the catalogue.
    out_of_catalogue: bool = False
    # The place is not one of the catalogue's.
    unknown_place: bool = False
    # Folk high schools and sfi have no programmes: the programme was left out of the search.
    programme_ignored: bool = False


@dataclass(frozen=True)
class ProviderMatch:
    """A provider found by name."""

    provider: ProviderCard
    # 0 to 100; 100 is the very name.
    score: int
    # The name that matched, as the file writes it.
    matched: str
    # The name is a former one: say what the school is called today.
    former: bool
