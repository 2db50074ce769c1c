"""The catalogue as the rest of the bot uses it: search, look up by name, cards of the municipalities.

Called by the actions (in the action server) and the console. Only reads; the loader writes.
"""

from __future__ import annotations

from datetime import date

from bot.catalogue.cards import municipality_card, provider_card
from bot.catalogue.entries import Locality, Programme
from bot.catalogue.index import Index
from bot.catalogue.kinds import EducationType, ProviderKind
from bot.catalogue.names import NameIndex, find_locality, find_municipality, nearest_place
from bot.catalogue.rules import Point
from bot.catalogue.search import Question, search
from bot.catalogue.snapshot import Snapshot, take, version
from bot.catalogue.views import MunicipalityCard, ProviderCard, ProviderMatch, SearchResult
from bot.catalogue.words import ProgrammeWords
from bot.clock import STOCKHOLM, Clock, system_clock
from bot.db.session import Database


class Catalogue:
    """The catalogue in a database. Safe to share between threads."""

    def __init__(self, db: Database, clock: Clock = system_clock) -> None:
        self._db = db
        self._clock = clock
        self._snapshot: Snapshot | None = None
        self._index: Index | None = None
        self._names: tuple[Snapshot, NameIndex] | None = None
        self._words: tuple[Snapshot, ProgrammeWords] | None = None

    def search(
        self,
        kind: EducationType | None = None,
        municipality: str | None = None,
        programme: str | None = None,
        limit: int = 3,
        offset: int = 0,
        *,
        distance: bool = False,
        origin: Point | None = None,
    ) -> SearchResult:
        """Find providers of a kind of education, in a municipality, with a programme; each may be left out.

        `municipality` is an official name ("Linköping"), `programme` a code ("EE", or a closed one such as
        "HA"), `limit` and `offset` count providers. A programme search lists only providers with evidence for
        it; others of the place that might have it are in `maybe`. `distance`: only where one can study at a
        distance. `origin`: where distances are measured from, else the seat of the municipality.
        """
        wanted = EducationType(kind) if kind else None
        return search(
            self._indexed(), Question(wanted, municipality, programme, limit, offset, distance=distance, origin=origin)
        )

    def provider(self, provider_id: str) -> ProviderCard | None:
        """Return a provider with all that is known, also a closed one (see its status); None: no such id."""
        snapshot = self._current()
        for provider in snapshot.providers:
            if provider.id == provider_id:
                return provider_card(snapshot, provider, self._today())
        return None

    def find_provider(self, text: str, limit: int = 5) -> tuple[ProviderMatch, ...]:
        """Find providers by a name, nickname or former name, typing mistakes allowed; best first.

        Closed providers are found too, so that the bot can say that they are closed.
        """
        snapshot = self._current()
        today = self._today()
        return tuple(
            ProviderMatch(provider_card(snapshot, found.provider, today), found.score, found.matched, found.former)
            for found in self._named(snapshot).find(text, limit)
        )

    def municipality(self, name: str) -> MunicipalityCard | None:
        """Return the card of a municipality by its name, code or nickname, or by a place within it.

        None: not a place of Östergötland that we know.
        """
        found = find_municipality(self._current(), name)
        return municipality_card(found, self._today()) if found else None

    def locality(self, name: str) -> Locality | None:
        """Return the town or village that a name stands for; None for a municipality, and where there is none."""
        return find_locality(self._current(), name)

    def place_at(self, point: Point) -> str | None:
        """Return the name of the town or village nearest to a point; None outside the county."""
        return nearest_place(self._current(), point)

    def municipalities(self) -> tuple[MunicipalityCard, ...]:
        """Return the cards of the county's municipalities, by name."""
        today = self._today()
        cards = (municipality_card(row, today) for row in self._current().municipalities.values())
        return tuple(sorted((card for card in cards if card), key=lambda card: card.name))

    def guidance(self, municipality: str) -> tuple[ProviderCard, ...]:
        """Return the offices that help with choosing and applying: those of the place, then the county's."""
        snapshot = self._current()
        offices = [
            provider
            for provider in snapshot.providers
            if provider.shown
            and provider.kind in (ProviderKind.GUIDANCE, ProviderKind.KAA)
            and (provider.whole_county or provider.municipality == municipality)
        ]
        offices.sort(key=lambda provider: (provider.whole_county, provider.name))
        return tuple(provider_card(snapshot, provider, self._today()) for provider in offices)

    def programme(self, code: str) -> Programme | None:
        """Return a programme by its code; a closed one as what replaced it."""
        programmes = self._current().programmes
        found = programmes.get(code)
        return programmes[found.replaced_by] if found and found.replaced_by else found

    def programmes_in(self, text: str) -> list[str]:
        """Return the codes of the programmes that a text names: also by an occupation, inflected or misspelt."""
        snapshot = self._current()
        held = self._words
        if held is None or held[0] is not snapshot:
            held = self._words = (snapshot, ProgrammeWords(snapshot))
        return held[1].find(text)

    def _today(self) -> date:
        return self._clock().astimezone(STOCKHOLM).date()

    def _named(self, snapshot: Snapshot) -> NameIndex:
        held = self._names
        if held is None or held[0] is not snapshot:
            held = self._names = (snapshot, NameIndex(snapshot))
        return held[1]

    def _indexed(self) -> Index:
        snapshot, today = self._current(), self._today()
        index = self._index
        if index is None or index.snapshot is not snapshot or index.today != today:
            # Two threads may both build it; they build the same, and the last one is kept.
            index = self._index = Index(snapshot, today)
        return index

    def _current(self) -> Snapshot:
        with self._db.reading() as session:
            snapshot = self._snapshot
            if snapshot is None or snapshot.version != version(session):
                # Two threads may both read it; they read the same, and the last one is kept.
                snapshot = self._snapshot = take(session)
            return snapshot
