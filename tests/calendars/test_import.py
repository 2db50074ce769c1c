"""Reading a counsellor's own calendar: only when they are busy, only over https, never from inside our network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.booking.hours import Span
from bot.booking.models import BusySpan, CalendarLink
from bot.booking.service import Booking
from bot.calendars.fetch import LARGEST, CalendarFault, Fault, Fetcher, is_public
from bot.calendars.reading import busy_spans
from bot.calendars.service import AGAIN, CalendarReader, set_import
from bot.clock import FakeClock
from bot.db.session import Database
from tests.booking.steps import shown, wall
from tests.fakes.calendar_server import CalendarServer, serve

HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x\r\n"


def calendar(*events: str) -> bytes:
    body = "".join(f"BEGIN:VEVENT\r\nUID:{number}\r\n{event}\r\nEND:VEVENT\r\n" for number, event in enumerate(events))
    return f"{HEAD}{body}END:VCALENDAR\r\n".encode()


def read(*events: str) -> list[Span]:
    return busy_spans(calendar(*events), wall("2026-11-23T00:00"), wall("2026-12-20T00:00"))


def span(starts: str, ends: str) -> Span:
    return Span(wall(starts), wall(ends))


@pytest.mark.parametrize(
    ("event", "busy"),
    [
        ("DTSTART:20261124T090000Z\r\nDTEND:20261124T100000Z", [("2026-11-24T10:00", "2026-11-24T11:00")]),
        (
            "DTSTART;TZID=Europe/Stockholm:20261124T090000\r\nDTEND;TZID=Europe/Stockholm:20261124T100000",
            [("2026-11-24T09:00", "2026-11-24T10:00")],
        ),
        ("DTSTART:20261124T090000\r\nDURATION:PT30M", [("2026-11-24T09:00", "2026-11-24T09:30")]),
        ("DTSTART;VALUE=DATE:20261125\r\nDTEND;VALUE=DATE:20261127", [("2026-11-25T00:00", "2026-11-27T00:00")]),
        ("DTSTART;VALUE=DATE:20261125", [("2026-11-25T00:00", "2026-11-26T00:00")]),
        (
            "DTSTART:20261102T090000Z\r\nDTEND:20261102T100000Z\r\nRRULE:FREQ=WEEKLY;UNTIL=20261208T000000Z\r\n"
            "EXDATE:20261130T090000Z",
            [("2026-11-23T10:00", "2026-11-23T11:00"), ("2026-12-07T10:00", "2026-12-07T11:00")],
        ),
        ("DTSTART:20261124T090000Z\r\nDTEND:20261124T100000Z\r\nTRANSP:TRANSPARENT", []),
        ("DTSTART:20261124T090000Z\r\nDTEND:20261124T100000Z\r\nSTATUS:CANCELLED", []),
        ("DTSTART:20261124T090000Z\r\nDTEND:20261124T100000Z\r\nX-MICROSOFT-CDO-BUSYSTATUS:FREE", []),
        ("DTSTART:20250101T090000Z\r\nDTEND:20250101T100000Z", []),
    ],
)
def test_busy_times_are_read_as_calendars_mean_them(event: str, busy: list[tuple[str, str]]) -> None:
    assert read(event) == [span(*one) for one in busy]


def test_times_that_touch_are_one() -> None:
    assert read(
        "DTSTART:20261124T090000Z\r\nDTEND:20261124T100000Z", "DTSTART:20261124T093000Z\r\nDTEND:20261124T110000Z"
    ) == [span("2026-11-24T10:00", "2026-11-24T12:00")]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", Fault.NO_CALENDAR),
        (b"<html>sign in</html>", Fault.NO_CALENDAR),
        (b"\xff\xfe\x00", Fault.NO_CALENDAR),
        (calendar("DTSTART:20261124T090000Z\r\nDTEND:20261124T090001Z\r\nRRULE:FREQ=SECONDLY"), Fault.TOO_MUCH),
        (calendar(*["DTSTART:20261124T090000Z"] * 5_001), Fault.TOO_MUCH),
    ],
)
def test_what_is_no_persons_calendar_is_refused(content: bytes, fault: Fault) -> None:
    with pytest.raises(CalendarFault) as refused:
        busy_spans(content, wall("2026-11-23T00:00"), wall("2026-12-20T00:00"))
    assert refused.value.fault is fault


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
        "::1", "fe80::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
        "2002:7f00:1::", "ff02::1",
    ],
)  # fmt: skip
def test_addresses_inside_a_network_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["193.10.0.1", "2a00:1450:400f::1"])
def test_addresses_of_the_internet_are(address: str) -> None:
    assert is_public(address)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalendarServer]:
    with serve(tmp_path_factory.mktemp("calendar")) as running:
        yield running


def fetcher(server: CalendarServer, **values: object) -> Fetcher:
    """A fetcher that finds every name at the test's own server, and may go there."""
    fields = {"resolve": lambda host, port: ["127.0.0.1"], "may_connect": lambda ip: True, "trust": server.trust}
    return Fetcher(**{**fields, **values})  # type: ignore[arg-type]


def test_a_calendar_is_fetched_over_https_also_as_webcal_and_after_a_redirect(server: CalendarServer) -> None:
    url = server.put("/mine.ics", calendar())
    moved = server.put("/old.ics", status=302, location="/mine.ics")
    for address in (url, moved, url.replace("https:", "webcal:")):
        assert fetcher(server)(address) == calendar()
    assert set(server.hosts) == {f"kalender.test:{server.port}"}


@pytest.mark.parametrize(
    "url",
    ["http://kalender.test/x", "file:///etc/passwd", "ftp://kalender.test/x", "https://", "https://a:b@c.test/x", "x",
     "https://kalender.test:99999/x"],
)  # fmt: skip
def test_only_https_addresses_are_fetched(server: CalendarServer, url: str) -> None:
    with pytest.raises(CalendarFault) as refused:
        fetcher(server)(url)
    assert refused.value.fault is Fault.ADDRESS


def test_a_name_that_leads_into_our_network_is_not_followed_even_beside_a_public_one(server: CalendarServer) -> None:
    asked = len(server.hosts)
    for addresses in (["127.0.0.1"], ["193.10.0.1", "10.0.0.1"], []):
        with pytest.raises(CalendarFault) as refused:
            fetcher(server, resolve=lambda host, port, found=addresses: found, may_connect=is_public)(server.url("/x"))
        assert refused.value.fault is Fault.PRIVATE
    assert len(server.hosts) == asked, "nothing was asked"


def test_a_redirect_into_our_network_is_refused(server: CalendarServer) -> None:
    url = server.put("/inside", status=302, location="https://inside.test/secret")
    where = {"inside.test": ["10.0.0.1"]}
    with pytest.raises(CalendarFault) as refused:
        fetcher(
            server, resolve=lambda host, port: where.get(host, ["127.0.0.1"]), may_connect=lambda ip: ip == "127.0.0.1"
        )(url)
    assert refused.value.fault is Fault.PRIVATE


def test_a_redirect_to_plain_http_and_round_in_circles_are_refused(server: CalendarServer) -> None:
    for location, fault in (("http://kalender.test/x", Fault.ADDRESS), ("/circle", Fault.REFUSED)):
        url = server.put("/circle", status=302, location=location)
        with pytest.raises(CalendarFault) as refused:
            fetcher(server)(url)
        assert refused.value.fault is fault


def test_what_is_missing_large_slow_or_not_trusted_is_said(server: CalendarServer) -> None:
    large = server.put("/large", b"x" * (LARGEST + 1))
    ticks = iter(range(0, 1000, 20))
    cases = [
        (fetcher(server), server.url("/none"), Fault.REFUSED),
        (fetcher(server), large, Fault.TOO_LARGE),
        (fetcher(server, clock=lambda: float(next(ticks))), large, Fault.TOO_SLOW),
        (fetcher(server, trust=None), large, Fault.UNREACHABLE),
    ]
    for fetch, url, fault in cases:
        with pytest.raises(CalendarFault) as refused:
            fetch(url)
        assert refused.value.fault is fault


def test_busy_times_are_read_again_and_again_and_a_fault_leaves_what_was_read(
    database: Database, clock: FakeClock, booking: Booking, add_counsellor: Callable[..., str]
) -> None:
    maria = add_counsellor("Maria", "1 09:00-11:00")
    answers: list[bytes | Fault] = [
        calendar("DTSTART;TZID=Europe/Stockholm:20261124T090000\r\nDTEND;TZID=Europe/Stockholm:20261124T100000"),
        Fault.REFUSED,
        calendar(),
    ]

    def fetch(_: str) -> bytes:
        answer = answers.pop(0)
        if isinstance(answer, Fault):
            raise CalendarFault(answer)
        return answer

    reader = CalendarReader(database, clock, fetch)
    with database.transaction() as session:
        set_import(session, maria, "https://kalender.test/mine.ics", clock())
    firsts = []
    for _ in range(3):
        assert reader.read_due() == 1
        assert reader.read_due() == 0, "only when it is due again"
        with database.reading() as session:
            fault = session.get_one(CalendarLink, maria).import_fault
        firsts.append((shown(booking.free_times(None, limit=1)), fault))
        clock.advance(seconds=AGAIN.total_seconds())
    assert firsts == [(["Tue 10:00 Maria"], None), (["Tue 10:00 Maria"], "refused"), (["Tue 09:00 Maria"], None)]


def test_an_address_that_is_taken_away_takes_its_busy_times_along(
    database: Database, clock: FakeClock, add_counsellor: Callable[..., str]
) -> None:
    maria = add_counsellor("Maria")
    with database.transaction() as session:
        set_import(session, maria, "https://kalender.test/mine.ics", clock())
        session.add(BusySpan(staff_id=maria, starts_at=clock(), ends_at=clock() + timedelta(hours=1)))
    with database.transaction() as session:
        set_import(session, maria, "", clock())
        assert session.scalars(select(BusySpan)).all() == []
    assert CalendarReader(database, clock, lambda _: b"").read_due() == 0


def test_an_address_that_cannot_be_is_refused_at_once(
    database: Database, clock: FakeClock, add_counsellor: Callable[..., str]
) -> None:
    maria = add_counsellor("Maria")
    with database.transaction() as session, pytest.raises(CalendarFault):
        set_import(session, maria, "http://kalender.test/mine.ics", clock())


def test_nothing_of_the_address_stands_readable_in_the_database(
    database: Database, clock: FakeClock, add_counsellor: Callable[..., str], tmp_path: Path
) -> None:
    maria = add_counsellor("Maria")
    with database.transaction() as session:
        set_import(session, maria, "https://kalender.test/secret-canary.ics", clock())
    with database.engine.connect() as connection:
        raw = connection.exec_driver_sql("SELECT import_url FROM calendar_link").one()
    assert b"canary" not in bytes(raw[0])
