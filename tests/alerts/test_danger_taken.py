"""Whoever takes the chat of somebody in danger has taken the alert; when they leave it, it stands again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import select

from bot.clock import FakeClock
from bot.conversations.models import Alert, AlertKind
from bot.db.session import Database
from bot.handover.models import EndReason, Reason
from bot.handover.rules import FIRST_REPLY
from bot.handover.service import Claimed, Handover
from bot.handover.service import reopen as talk_more
from bot.texts import Texts
from tests.alerts.conftest import Desk
from tests.conversations.conftest import Youth
from tests.handover.steps import ask, request_of


def danger_calls(database: Database) -> list[Alert]:
    with database.reading() as session:
        statement = select(Alert).where(Alert.kind == AlertKind.CRISIS).order_by(Alert.created_at)
        return list(session.scalars(statement))


def afraid(youth: Youth, handover: Handover, database: Database) -> str:
    youth.send("jag vill inte leva")
    ask(handover, youth)
    return request_of(database, youth).id


def test_taking_the_chat_in_the_console_ends_the_repeated_alert(
    youth: Youth, handover: Handover, desk: Desk, maria: str, omar: str, database: Database, clock: FakeClock
) -> None:
    desk.link(maria, "1")
    desk.link(omar, "2")
    request = afraid(youth, handover, database)
    desk.plan()
    clock.advance(minutes=1)
    handover.claim(request, maria)
    heard = len(desk.alerts())

    clock.advance(minutes=4)
    desk.plan()

    assert len(desk.alerts()) == heard
    (call,) = danger_calls(database)
    assert (call.acknowledged_by, call.acknowledged_at) == (maria, clock() - timedelta(minutes=4))


def test_taking_the_chat_from_the_phone_does_the_same(youth: Youth, desk: Desk, maria: str, database: Database) -> None:
    desk.link(maria, "1")
    youth.send("jag vill inte leva")
    desk.plan()

    desk.press("1", "Ta över")

    assert [call.acknowledged_by for call in danger_calls(database)] == [maria]


def test_a_chat_that_comes_back_to_the_queue_is_called_about_again(
    youth: Youth, handover: Handover, desk: Desk, maria: str, omar: str, database: Database, clock: FakeClock
) -> None:
    desk.link(omar, "2")
    handover.claim(afraid(youth, handover, database), maria)
    clock.advance(seconds=FIRST_REPLY.total_seconds() + 1)
    handover.sweep()
    desk.plan()

    assert [call.acknowledged_at is None for call in danger_calls(database)] == [False, True]
    assert any(text.startswith("Brådskar") for text in desk.alerts(omar))

    handover.claim(request_of(database, youth).id, omar)
    assert [call.acknowledged_by for call in danger_calls(database)] == [maria, omar]


def test_a_sign_that_was_settled_before_the_chat_is_not_called_about_again(
    youth: Youth, handover: Handover, desk: Desk, maria: str, database: Database, clock: FakeClock
) -> None:
    desk.link(maria, "1")
    youth.send("jag vill inte leva")
    desk.plan()
    desk.press("1", "Jag tar hand om det")
    clock.advance(minutes=1)
    ask(handover, youth)
    handover.claim(request_of(database, youth).id, maria)
    handover.put_back(request_of(database, youth).id, maria)

    assert len(danger_calls(database)) == 1


def test_a_new_sign_in_a_live_chat_calls_again_and_the_colleague_who_says_yes_takes_it(
    youth: Youth, handover: Handover, maria: str, omar: str, database: Database, clock: FakeClock
) -> None:
    request = afraid(youth, handover, database)
    handover.claim(request, maria)
    clock.advance(seconds=30)
    youth.send("jag vill inte leva längre")
    assert [call.acknowledged_by for call in danger_calls(database)] == [maria, None]

    handover.offer(request, maria, omar)
    handover.accept(request, omar)

    assert [call.acknowledged_by for call in danger_calls(database)] == [maria, omar]


def test_who_is_brought_back_without_pressing_anything_has_taken_nothing(
    youth: Youth, handover: Handover, maria: str, database: Database, texts: Texts, clock: FakeClock
) -> None:
    youth.send("hej")
    ask(handover, youth)
    request = request_of(database, youth).id
    handover.claim(request, maria)
    handover.hand_back(request, maria, EndReason.COUNSELLOR_CLOSED)
    clock.advance(minutes=1)
    youth.send("jag vill inte leva")
    with database.transaction() as session:
        conversation = session.get_one(type(youth.conversation), youth.conversation.id)
        assert talk_more(session, conversation, request_key="more", now=clock(), texts=texts) is None

    assert request_of(database, youth).owner == maria
    assert [call.acknowledged_at for call in danger_calls(database)] == [None]


def test_of_one_who_takes_the_alert_and_one_who_takes_the_chat_at_once_the_first_is_recorded(
    make_youth: Callable[[str], Youth], handover: Handover, desk: Desk, maria: str, omar: str, database: Database
) -> None:
    desk.link(omar, "2")
    for number in range(6):
        youth = make_youth(f"y{number}")
        youth.send("jag vill inte leva")
        request = handover.request(
            conversation_id=youth.conversation.id, reason=Reason.ASKED, request_key=f"race-{number}"
        )
        assert request
        waiting = request_of(database, youth).id
        alert = next(call for call in danger_calls(database) if call.conversation_id == youth.conversation.id)
        start = threading.Barrier(2)

        def take(waiting: str = waiting, start: threading.Barrier = start) -> object:
            start.wait()
            return handover.claim(waiting, maria)

        def acknowledge(alert_id: str = alert.id, start: threading.Barrier = start) -> object:
            start.wait()
            return desk.write("2", None, kind="button", payload=f"s:ack:{alert_id}")

        with ThreadPoolExecutor(2) as pool:
            claimed, _ = [one.result() for one in (pool.submit(take), pool.submit(acknowledge))]

        assert isinstance(claimed, Claimed)
        settled = next(call for call in danger_calls(database) if call.id == alert.id)
        answer = [text for text in desk.said(omar) if "hand om det" in text][-1]
        assert settled.acknowledged_by == (omar if answer.startswith("Noterat") else maria)
