"""Measures the search over a synthetic national catalogue, and the memory of importing a synthetic national register.

`bot bench search` and `bot bench import`. The places and schools are invented; the sizes are those of the country.
"""

from __future__ import annotations

import json
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import yaml

from bot.catalogue.entries import Municipality, Offer, Programme, Provider, Source
from bot.catalogue.files import read
from bot.catalogue.importer.api import Api, Kept
from bot.catalogue.importer.run import run_import
from bot.catalogue.index import Index
from bot.catalogue.kinds import Confidence, EducationType, ProviderKind, StudyForm
from bot.catalogue.names import NameIndex
from bot.catalogue.rules import Point, SourceDate
from bot.catalogue.search import Question, search
from bot.catalogue.snapshot import Snapshot
from bot.db.metadata import metadata
from bot.db.session import Database

MUNICIPALITIES = 290
# The country's figures: units for the young and for adults, and what a municipality plans.
UNITS = 2_400
PLANNED_EACH = 60
PACKAGES_EACH = 8
FOLK_HIGH_SCHOOLS = 155
COURSES = 900

Say = Callable[[str], None]


def run_search(data: Path, rows: int, say: Say) -> None:
    """Search a catalogue of so many rows, by every way of asking, and say how long it takes."""
    snapshot = _snapshot(data, rows)
    began = time.perf_counter()
    index = Index(snapshot, date(2026, 11, 27))
    say(f"{rows} rows; index built in {time.perf_counter() - began:.1f} s (once a day and after each load)")
    places = list(snapshot.municipalities)
    asked: dict[str, Callable[[str | None], Question]] = {
        "a programme in a place": lambda place: Question(EducationType.UPPER_SECONDARY, place, "EE"),
        "a kind in a place": lambda place: Question(EducationType.KOMVUX, place),
        "a programme that the place lacks, nearest": lambda place: Question(None, place, "NB"),
        "a programme in the whole country": lambda _place: Question(EducationType.UPPER_SECONDARY, None, "EE"),
        "a kind in the whole country, page 30": lambda _place: Question(EducationType.KOMVUX, offset=90),
        "everything": lambda _place: Question(),
        "at a distance": lambda _place: Question(EducationType.KOMVUX, distance=True),
    }
    for name, question in asked.items():
        _measure(name, [partial(search, index, question(place)) for place in places[:60]], say)
    named = NameIndex(snapshot)
    names = [f"{provider.name[:-1]}x" for provider in snapshot.providers[:: max(1, rows // 60)]]
    _measure("a school by its name, one letter wrong", [partial(named.find, name, 3) for name in names], say)


def _measure(name: str, calls: list[Callable[[], object]], say: Say) -> None:
    times = []
    for call in calls:
        began = time.perf_counter()
        call()
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    say(f"{name:45} median {statistics.median(times):6.2f} ms   95 % {times[int(len(times) * 0.95)]:6.2f} ms")


def _snapshot(data: Path, rows: int) -> Snapshot:
    content, _ = read(data / "catalogue")
    chance = random.Random(1)
    source = Source("x", SourceDate(2026, 9, 3), Confidence.VERIFIED)
    old = Source("x", SourceDate(2018), Confidence.OLD)
    places = {place.name: place for number in range(MUNICIPALITIES) if (place := _municipality(number, chance, source))}
    names = list(places)
    codes = [row.code for row in content.programmes if not row.closed]
    providers = []
    for number in range(rows):
        kind = (ProviderKind.UPPER_SECONDARY, ProviderKind.KOMVUX)[number % 2]
        young = kind is ProviderKind.UPPER_SECONDARY
        # Natural resource use is rare, so that most places have to look elsewhere.
        chosen = [code for code in chance.sample(codes, 4) if code != "NB" or number % 211 == 0] if young else []
        home = places[names[number % MUNICIPALITIES]]
        providers.append(
            Provider(
                id=f"school-{number}", name=f"Skola {chance.randrange(10**9)}", kind=kind,
                education_types=(EducationType.UPPER_SECONDARY if young else EducationType.KOMVUX,),
                municipality=home.name, locality=home.name, source=chance.choice((source, old)),
                point=Point(home.lat + chance.uniform(-0.2, 0.2), home.lon + chance.uniform(-0.2, 0.2)),
                programmes=tuple(Offer(code, None, StudyForm.SCHOOL, chance.choice((source, old))) for code in chosen),
                distance=number % 5 == 0,
            )
        )  # fmt: skip
    programmes: dict[str, Programme] = {row.code: row for row in content.programmes}
    return Snapshot("bench", places, (), programmes, tuple(providers))


def _municipality(number: int, chance: random.Random, source: Source) -> Municipality:
    name = f"Kommun {number}"
    lat, lon = chance.uniform(55.5, 67.5), chance.uniform(12, 22)
    return Municipality(f"{number:04d}", name, name, lat, lon, (), False, None, None, source)


def run_import_bench(data: Path, say: Say) -> None:
    """Import a national register into an empty database and say how long it took and how much memory was in use."""
    before = _peak_mb()
    with tempfile.TemporaryDirectory() as folder:
        country = _Country(data, Path(folder))
        db = Database(f"sqlite:///{folder}/bot.db")
        metadata().create_all(db.engine)
        kept = Kept(Path(folder) / "kept", datetime.now(UTC))
        api = Api(kept=kept, transport=httpx.MockTransport(country.answer))
        began = time.perf_counter()
        report = run_import(db, country.files, api, lambda: datetime.now(UTC), anywhere=True)
        seconds = time.perf_counter() - began
        db.close()
        api.close()
    say(
        f"{report.schools} schools from {country.calls} calls in {seconds:.0f} s; "
        f"memory {_peak_mb():.0f} MB at most ({before:.0f} MB before it began)"
    )
    say("read: " + ", ".join(f"{count} {name}" for name, count in sorted(report.harvest.counts.items())))


def _peak_mb() -> float:
    # Kilobytes on Linux, bytes on macOS.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)


class _Country:
    """A register of 290 municipalities: its files for us, and its answers."""

    def __init__(self, data: Path, folder: Path) -> None:
        self.calls = 0
        self.files = folder / "catalogue"
        self.files.mkdir()
        for name in ("programmes.yml", "localities.yml"):
            (self.files / name).write_bytes((data / "catalogue" / name).read_bytes())
        self.places = {f"{number:04d}": (f"Kommun {number}", 58.0, 15.0) for number in range(MUNICIPALITIES)}
        whole = yaml.safe_load((data / "catalogue" / "municipalities.yml").read_text(encoding="utf-8"))
        card = {"phone": None, "kaa": None, "note_sv": None, "note_en": None}
        municipalities: list[dict[str, Any]] = [
            {
                "source": "SCB", "source_date": "2025-02-08", "confidence": "verified", "code": code, "name": name,
                "seat": name, "lat": lat, "lon": lon, "aliases": [], "website": None, "card": card,
            }
            for code, (name, lat, lon) in self.places.items()
        ]  # fmt: skip
        text = yaml.safe_dump({"law": whole["law"], "advice": whole["advice"], "municipalities": municipalities})
        (self.files / "municipalities.yml").write_text(text, encoding="utf-8")
        (self.files / "localities.yml").write_text("localities: []\n", encoding="utf-8")
        (self.files / "providers.yml").write_text("providers: []\n", encoding="utf-8")

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one call of the importer."""
        self.calls += 1
        path, params = request.url.path, request.url.params
        if path.startswith("/skolenhetsregistret"):
            body = self._register(path.rsplit("/", 1)[-1], params)
        elif path.startswith("/planned-educations"):
            body = {"status": "OK", "message": "", "body": self._planned(path, params)}
        else:
            body = self._susa(path.rsplit("/", 1)[-1], params)
        return httpx.Response(200, content=json.dumps(body).encode())

    def _units(self, code: str) -> Iterator[str]:
        for number in range(int(code), UNITS, MUNICIPALITIES):
            yield f"{number:08d}"

    def _register(self, last: str, params: httpx.QueryParams) -> dict[str, Any]:
        if last == "school-units":
            kinds = {"GY": 0, "GYAN": 1, "VUX": 2}
            wanted = kinds[params["school_type"]]
            listed = [
                {"schoolUnitCode": unit, "name": unit, "status": "AKTIV"}
                for place, unit in enumerate(self._units(params["municipality_code"]))
                if place % 3 == wanted
            ]
            return {"data": {"attributes": listed}}
        code = f"{int(last) % MUNICIPALITIES:04d}"
        name, lat, lon = self.places[code]
        where = {"latitude": str(lat), "longitude": str(lon)}
        address = {
            "type": "BESOKSADRESS", "streetAddress": f"Gatan {last}", "postalCode": "58181", "locality": name,
            "geoCoordinates": where,
        }  # fmt: skip
        return {
            "data": {
                "attributes": {
                    "displayName": f"Skolan {last}", "status": "AKTIV", "municipalityCode": code,
                    "addresses": [address],
                    "url": "www.skola.example", "phoneNumber": "013207600", "schoolTypes": ["GY"],
                    "schoolTypeProperties": {"gy": {"programmes": ["EE25", "BA25", "IMVFTG", "NA25", "SA25"]}},
                }
            },
            "included": {"organizationNumber": "2120000449", "attributes": {"organizerType": "KOMMUN"}},
        }  # fmt: skip

    def _planned(self, path: str, params: httpx.QueryParams) -> Any:
        if path.endswith("adultTypeOfSchooling"):
            return {"_embedded": {"adultTypeOfSchoolings": [{"id": "komvuxcoursepackage"}]}}
        if path.endswith("areas"):
            return {"areas": []}
        if path.endswith("count"):
            return 250
        code = params["geographicalAreaCode"]
        rows: list[dict[str, Any]]
        if path.endswith("adult-education-events"):
            key = "listedAdultEducationEvents"
            rows = [
                {
                    "educationEventId": f"e.{code}.{number}", "providerName": "Vux",
                    "titleSv": f"Undersköterska {number}",
                    "geographicalAreaCode": code, "semesterStartFrom": None, "distance": number % 2 == 0,
                    "educationEventDescription": "<p>x</p>" * 200,
                }
                for number in range(PACKAGES_EACH)
            ]  # fmt: skip
        else:
            units = list(self._units(code))
            planned = PLANNED_EACH if params["typeOfSchooling"] == "gy" else 0
            key = "educationEvents"
            rows = [
                {
                    "schoolUnitCode": units[number % len(units)], "studyPathCode": "EE25",
                    "startDate": f"2027-08-{1 + number % 28:02d}T00:00:{number:02d}", "endDate": "2030-06-30",
                }
                for number in range(planned)
            ]  # fmt: skip
        return {"_embedded": {key: rows}, "page": {"totalElements": len(rows), "number": 0}}

    def _susa(self, key: str, params: httpx.QueryParams) -> dict[str, Any]:
        total = FOLK_HIGH_SCHOOLS if key == "educationProviders" else COURSES
        page, size = int(params["page"]), int(params["size"])
        later = (datetime.now(UTC) + timedelta(days=200)).date().isoformat()
        rows = [
            {
                "id": f"{key}.{number}", "status": "ACTIVE",
                "content": {
                    "name": {"strings": [{"lang": "swe", "value": f"Folkhögskola nummer {number}"}]},
                    "title": {"strings": [{"lang": "swe", "value": f"Kurs {number}"}]},
                    "providers": [f"educationProviders.{number % FOLK_HIGH_SCHOOLS}"],
                    "visitAddresses": [{"areaCode": f"{number % MUNICIPALITIES:04d}", "town": "Byn"}],
                    "execution": {"start": later},
                },
            }
            for number in range(page * size, min(total, (page + 1) * size))
        ]  # fmt: skip
        return {key: rows, "page": {"totalElements": total, "totalPages": -(-total // size), "pageNumber": page}}
