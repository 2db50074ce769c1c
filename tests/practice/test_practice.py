"""Practice: invented youths answer, the feedback sees what was written, and nothing real is touched."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from bot.clock import FakeClock
from bot.console.accounts import add_staff
from bot.conversations.models import Alert, Conversation, InboundMessage, OutboundMessage
from bot.db.session import Database
from bot.handover.models import Handover
from bot.handover.thread import Voice
from bot.metrics import exposition
from bot.practice import service
from bot.practice.models import PracticeRound
from bot.practice.rules import Scenario, findings_of
from tests.conftest import NOW, ROOT

SCENARIOS = service.all_scenarios(ROOT / "data")
GOOD = {
    "praktisk": ["Hej, jag heter Maria. Vad gillar du att göra?", "Vi tar ett litet steg. Ska vi ses och prata?"],
    "morkt": ["Hej, jag heter Maria. Är du i fara just nu?", "Ring 90101 när du vill. Jag stannar här med dig."],
    "engelska": ["Hi, my name is Maria. What do you like to do?", "We take one small step. Shall we meet?"],
    "tyst": ["Hej, jag heter Maria.", "Det är ingen brådska. Skriv när du vill."],
}


@pytest.fixture
def maria(database: Database) -> str:
    with database.transaction() as session:
        staff, _ = add_staff(
            session, username="maria", display_name="Maria", roles=["counsellor"], municipalities=[], now=NOW
        )
        return staff.id


def round_of(database: Database, maria: str, scenario: Scenario, clock: FakeClock) -> str:
    with database.transaction() as session:
        return service.start(session, maria, scenario, clock()).id


def say(database: Database, round_id: str, scenario: Scenario, text: str, clock: FakeClock) -> None:
    with database.transaction() as session:
        service.answer(session, session.get_one(PracticeRound, round_id), scenario, text, clock())


def look(database: Database, round_id: str, scenario: Scenario, clock: FakeClock) -> service.Round:
    with database.reading() as session:
        return service.view(session.get_one(PracticeRound, round_id), scenario, "Maria", clock())


def test_the_youth_is_seen_typing_and_then_answers_what_was_written(
    database: Database, maria: str, clock: FakeClock
) -> None:
    scenario = SCENARIOS["morkt"]
    round_id = round_of(database, maria, scenario, clock)
    opening = len(look(database, round_id, scenario, clock).lines)
    say(database, round_id, scenario, "Är du i fara just nu?", clock)

    at_once = look(database, round_id, scenario, clock)
    assert (len(at_once.lines), at_once.typing) == (opening + 1, True)

    clock.advance(seconds=30)
    later = look(database, round_id, scenario, clock)
    assert not later.typing
    assert [line.text for line in later.lines[-2:]] == [
        "nej inte just nu",
        "men jag tänker på det ibland på kvällarna",
    ]


def test_another_answer_leads_another_way(database: Database, maria: str, clock: FakeClock) -> None:
    scenario = SCENARIOS["morkt"]
    round_id = round_of(database, maria, scenario, clock)
    say(database, round_id, scenario, "Ryck upp dig", clock)
    clock.advance(seconds=30)

    assert look(database, round_id, scenario, clock).lines[-1].text == "ingen fattar ändå"


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_round_comes_to_its_end_and_good_answers_get_good_feedback(
    database: Database, maria: str, clock: FakeClock, name: str
) -> None:
    scenario = SCENARIOS[name]
    round_id = round_of(database, maria, scenario, clock)
    for number in range(len(scenario.steps)):
        assert not look(database, round_id, scenario, clock).over
        say(database, round_id, scenario, GOOD[name][min(number, len(GOOD[name]) - 1)], clock)
        clock.advance(minutes=1)
    with database.transaction() as session:
        service.end(session.get_one(PracticeRound, round_id), clock())

    seen = look(database, round_id, scenario, clock)
    assert seen.over
    assert [finding.text for finding in seen.findings if not finding.good] == []
    assert all(line.voice in set(Voice) for line in seen.lines)


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=list(SCENARIOS))
def test_poor_answers_are_told_what_to_practise(scenario: Scenario) -> None:
    poor = [
        "Varför har du inte gått till skolan, du måste ju det, jag garanterar att det ordnar sig med en plats sen"
    ] * 3

    assert sum(not finding.good for finding in findings_of(scenario, "Maria", poor)) >= 3


def test_nothing_real_is_touched(database: Database, maria: str, clock: FakeClock) -> None:
    figures = exposition(database, clock())
    for scenario in SCENARIOS.values():
        round_id = round_of(database, maria, scenario, clock)
        say(database, round_id, scenario, "Hej!", clock)

    with database.reading() as session:
        for table in (Conversation, InboundMessage, OutboundMessage, Handover, Alert):
            assert session.scalar(select(func.count()).select_from(table)) == 0
    assert exposition(database, clock()) == figures
