"""Skolverket's three APIs as a server of our own, with every trap that their documents or clients tell of.

The rows are invented; their shapes are those of the documents. A test changes the rows, or tells the server to fail.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

HAL = "application/vnd.skolverket.plannededucations.api.v4.hal+json"
# Whatever is asked for, a page of planned educations holds no more.
CAP = 100
LISTS = {"education-events": "educationEvents", "adult-education-events": "listedAdultEducationEvents"}
# Nobody follows an address out of an answer: it names another host, here a path that counts as a fault.
TRAP = "/trap"


@dataclass
class World:
    """What the registers hold, and how they misbehave."""

    units: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    packages: list[dict[str, Any]] = field(default_factory=list)
    single_courses: dict[str, int] = field(default_factory=dict)
    folk_high_schools: list[dict[str, Any]] = field(default_factory=list)
    courses: list[dict[str, Any]] = field(default_factory=list)
    adult_types: list[str] = field(default_factory=lambda: ["yh", "komvuxcoursepackage", "fhs"])
    directions: dict[str, list[str]] = field(default_factory=lambda: {"1": [], "2": []})
    """Which packages (by id) belong to a direction."""
    susa_loses_first_sweep: int = 0
    """So many rows are missing from the first sweep, as with an order that changes between pages."""
    failures: list[tuple[str, int, dict[str, Any], dict[str, str]]] = field(default_factory=list)
    """(beginning of a path, status, body, headers), each used once."""
    hanging: str | None = None
    """Calls of paths that begin so get no answer until the server closes."""
    hung: threading.Event = field(default_factory=threading.Event)
    """Set when a call hangs."""
    closing: threading.Event = field(default_factory=threading.Event)
    asked: Counter[str] = field(default_factory=Counter)
    accepted: list[tuple[str, str]] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)

    def fail(self, path: str, status: int, body: dict[str, Any] | None = None, times: int = 1, **headers: str) -> None:
        """Answer the next calls of a path with an error."""
        self.failures += [(path, status, body or {}, headers)] * times

    def answer(self, path: str, query: dict[str, list[str]], accept: str) -> tuple[int, Any]:
        """Return status and body of one call."""
        if path.startswith("/planned-educations/v4"):
            if accept not in (HAL, "*/*"):
                return 406, {"status": "NOT_ACCEPTABLE", "message": "No acceptable representation", "body": None}
            status, body = self._planned(path.removeprefix("/planned-educations/v4"), query)
            return status, {"status": "OK" if status == 200 else "NOT_FOUND", "message": "", "body": body}
        if path.startswith("/skolenhetsregistret/v2/school-units"):
            return self._register(path.removeprefix("/skolenhetsregistret/v2/school-units"), query)
        if path.startswith("/susa-navet/emil3/"):
            return self._susa(path.removeprefix("/susa-navet/emil3/"), query)
        return 404, {"status": "NOT_FOUND", "message": "no such path", "body": None}

    def _register(self, rest: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        if rest:
            found = next((unit for unit in self.units if unit["code"] == rest.strip("/")), None)
            if found is None:
                return 404, {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "no such unit"}
            return 200, _unit_detail(found)
        rows = [
            {"schoolUnitCode": unit["code"], "name": unit["name"], "status": unit["status"]}
            for unit in self.units
            if unit["municipality"] in query["municipality_code"] and unit["status"] in query["status"]
            and set(query["school_type"]) & set(unit["school_types"])
        ]  # fmt: skip
        return 200, {"meta": {"extractDate": "2026-11-23"}, "data": {"type": "schoolunit", "attributes": rows}}

    def _planned(self, rest: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        if rest == "/support/adultTypeOfSchooling":
            rows = [{"id": kind, "value": kind} for kind in self.adult_types]
            return 200, {"_embedded": {"adultTypeOfSchoolings": rows}}
        if rest == "/adult-education-events/areas":
            found = [{"directionId": int(key), "name": "x"} for key in self.directions]
            return 200, {"areas": [{"areaId": 1, "name": "x", "directions": found}]}
        area = query.get("geographicalAreaCode", [""])[0]
        if rest == "/adult-education-events-count":
            return 200, self.single_courses.get(area, 0)
        if rest == "/education-events":
            rows = [
                row for row in self.events
                if row["geographicalAreaCode"] == area and row["typeOfSchooling"]["code"] == query["typeOfSchooling"][0]
            ]  # fmt: skip
            if "studyPathCode" in query:
                # An old code gives no rows and no error.
                rows = [row for row in rows if row["studyPathCode"] == query["studyPathCode"][0]]
        elif rest == "/adult-education-events":
            wanted = query["typeOfSchool"][0]
            rows = [row for row in self.packages if row["_area"] == area and row["typeOfSchool"] == wanted]
            if "directionIds" in query:
                ids = self.directions.get(query["directionIds"][0], [])
                rows = [row for row in rows if row["educationEventId"] in ids]
        else:
            return 404, None
        return 200, _hal(rest.strip("/"), rows, query)

    def _susa(self, key: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        rows = {"educationProviders": self.folk_high_schools, "educationEvents": self.courses}[key]
        page, size = int(query["page"][0]), int(query["size"][0])
        if size > 2000:
            return 400, {"status": 400, "type": "x", "message": "Constraint violation. 'size' must be at most 2000"}
        shown = rows[page * size : (page + 1) * size]
        if self.susa_loses_first_sweep and size == 2000:
            # The last rows come out as doubles of the first.
            lost = self.susa_loses_first_sweep
            shown = [*shown[:-lost], *shown[:lost]]
        return 200, {
            "links": [{"rel": "self", "href": f"http://localhost:9007{TRAP}"}],
            key: shown,
            "page": {
                "size": size, "totalElements": len(rows), "totalPages": max(1, -(-len(rows) // size)),
                "pageNumber": page,
            },
        }  # fmt: skip


def _hal(path: str, rows: list[dict[str, Any]], query: dict[str, list[str]]) -> dict[str, Any]:
    page, size = int(query.get("page", ["0"])[0]), min(int(query.get("size", ["20"])[0]), CAP)
    # From the second page on, half of the rows are those of the page before: the order is not stable.
    start = page * size if page == 0 else page * size - size // 2
    shown = rows[start : start + size]
    body: dict[str, Any] = {
        "page": {"size": size, "totalElements": len(rows), "totalPages": -(-len(rows) // size), "number": page},
        "_links": {"self": {"href": f"http://localhost:9007/planned-educations/v3{TRAP}"}, "next": {"href": TRAP}},
    }
    if shown:
        public = [{key: value for key, value in row.items() if not key.startswith("_")} for row in shown]
        body["_embedded"] = {LISTS[path]: public}
    return body


def _unit_detail(unit: dict[str, Any]) -> dict[str, Any]:
    return {
        "meta": {"extractDate": "2026-11-23"},
        "links": {"href": TRAP, "rel": "self", "method": "GET"},
        "data": {
            "type": "schoolunit",
            "schoolUnitCode": unit["code"],
            "attributes": {
                "displayName": unit["name"],
                "status": unit.get("status_now", unit["status"]),
                "url": unit["web"],
                "email": unit["email"],
                "phoneNumber": unit["phone"],
                "headMaster": unit["head"],
                "addresses": unit["addresses"],
                "schoolName": unit["school_name"],
                "municipalityCode": unit["municipality"],
                "schoolTypes": unit["school_types"],
                "schoolTypeProperties": unit["properties"],
                "startdate": "2022-11-08",
                "endDate": None,
            },
        },
        "included": {
            "type": "organization",
            "organizationNumber": unit["organiser"],
            "attributes": {"displayName": "Huvudman", "organizerType": unit["organiser_type"]},
        },
    }


def visiting(street: str, code: str, locality: str, lat: str | None = None, lon: str | None = None) -> dict[str, Any]:
    """A visiting address of the register."""
    where = None if lat is None else {"coordinateSweRefN": "6475000,12", "latitude": lat, "longitude": lon}
    return {
        "type": "BESOKSADRESS", "streetAddress": street, "postalCode": code, "locality": locality,
        "geoCoordinates": where,
    }  # fmt: skip


def unit(code: str, name: str, municipality: str, programmes: list[str] | None = None, **more: Any) -> dict[str, Any]:
    """A unit of the register: municipal, for the young, unless told otherwise."""
    row = {
        "code": code,
        "name": name,
        "municipality": municipality,
        "status": "AKTIV",
        "school_name": None,
        "school_types": ["GY"],
        "properties": {"gy": {"programmes": programmes if programmes is not None else ["EE25"], "csnCode": "21"}},
        "addresses": [visiting("Skolgatan 1", "58181", "Storstad", "58.41", "15.62")],
        "phone": "013207600",
        "web": "www.skola.example",
        "email": "rektor.namn@skola.example",
        "head": "Rektor Namn",
        "organiser": "2120000449",
        "organiser_type": "KOMMUN",
    }
    return row | more


def event(unit_code: str, path: str, area: str, form: str = "gy", **more: Any) -> dict[str, Any]:
    """A planned programme."""
    row = {
        "schoolUnitCode": unit_code,
        "studyPathCode": path,
        "studyPathName": "x",
        "startDate": "2027-08-01T00:00:00",
        "endDate": "2028-07-31T00:00:00",
        "typeOfSchooling": {"code": form, "displayName": "x"},
        "geographicalAreaCode": area,
        "admissionPointsMin": "185,0",
        "studyPaths": [],
        "_links": {"school-unit": {"href": f"http://localhost:9007{TRAP}"}},
    }
    return row | more


def package(event_id: str, title: str, area: str, **more: Any) -> dict[str, Any]:
    """A package of komvux; the contact address is a head office."""
    row = {
        "educationEventId": event_id,
        "providerName": "Storstad",
        "geographicalAreaCode": area,
        "contactInfoAddressCity": "Solna",
        "typeOfSchool": "komvuxcoursepackage",
        "semesterStartFrom": "2027-01-11",
        "paceOfStudy": "null",
        "titleSv": title,
        "distance": False,
        "email": "",
        "_area": area,
    }
    return row | more


def strings(value: str, key: str = "value") -> dict[str, Any]:
    """A text by language."""
    return {"strings": [{"lang": "eng", key: "In English"}, {"lang": "swe", key: value}]}


def folk_high_school(school_id: str, name: str, area: str, **more: Any) -> dict[str, Any]:
    """A folk high school of Susa-navet."""
    address = {
        "areaCode": area, "streetAddress": "Folkvägen 2", "postalCode": "59080", "town": "Byn ",
        "wgs84": {"latitude": "58.45", "longitude": "15.70"},
    }  # fmt: skip
    content = {
        "name": strings(name),
        "url": {"urls": [{"lang": "swe", "value": "www.folkis.example/&amp;"}]},
        "visitAddresses": [address],
        "contactAddress": {"areaCode": "0184", "streetAddress": "Huvudkontoret 1", "town": "Solna"},
        "phones": [{"number": "0141-22 50 00"}],
        "emailAddresses": ["anna.andersson@folkis.example"],
    }
    return {"id": school_id, "status": "ACTIVE", "content": content | more}


def course(course_id: str, school_id: str, called: str, area: str, **more: Any) -> dict[str, Any]:
    """A course of a folk high school."""
    content = {
        "providers": [school_id],
        "title": strings(called),
        "locations": [{"town": "x", "areaCode": area}],
        "execution": {"start": "2027-08-20"},
        "expires": "2028-06-30T00:00:00",
        "isCancelled": False,
        "application": {"continuous": False},
    }
    return {"id": course_id, "status": "ACTIVE", "content": content | more}


class SkolverketServer:
    """The APIs on a port of loopback."""

    def __init__(self, world: World | None = None) -> None:
        self.world = world or World()
        self._server = _Threads(("127.0.0.1", 0), type("Handler", (_Handler,), {"world": self.world}))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self.world.closing.set()
        self._server.shutdown()
        self._server.server_close()


class _Threads(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body in one packet: two would wait for each other.
    wbufsize = 65536
    world: World
    lock = threading.Lock()

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        accept = self.headers.get("Accept", "*/*")
        with self.lock:
            self.world.asked[url.path] += 1
            self.world.accepted.append((url.path, accept))
            self.world.agents.add(self.headers.get("User-Agent", ""))
            failure = next((one for one in self.world.failures if url.path.startswith(one[0])), None)
            if failure is not None:
                self.world.failures.remove(failure)
        if failure is not None:
            self._send(failure[1], failure[2], failure[3])
            return
        if self.world.hanging and url.path.startswith(self.world.hanging):
            self.world.hung.set()
            self.world.closing.wait(60)
            return
        status, body = self.world.answer(url.path, parse_qs(url.query), accept)
        self._send(status, body, {})

    def _send(self, status: int, body: Any, headers: dict[str, str]) -> None:
        encoded = json.dumps(body, ensure_ascii=False).encode()
        with contextlib.suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(encoded)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(encoded)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
