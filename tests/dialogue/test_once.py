"""A turn happens once: repeats, races between threads and replicas, and a kill between action and save."""

import json
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest
import sqlalchemy as sa
from dialogue.store.sealing import Seal

from fake_actions import FakeActions
from running import KEY, Client, InProcess, Program

TO_BOOKING = [("m-1", {"text": "jag vill boka en tid"}), ("m-2", {"button": '/inform{"municipality":"Motala"}'})]


def rows(url: str, table: str, conversation: str) -> List[Dict[str, Any]]:
    """What is stored of a conversation, read past the engine."""
    from dialogue.store import tables

    engine, _ = tables.connect(url)
    key = "id" if table == "conversation" else "conversation_id"
    with engine.connect() as connection:
        chosen = tables.metadata.tables[table]
        found = connection.execute(sa.select(chosen).where(chosen.c[key] == conversation)).mappings().all()
    engine.dispose()
    return [dict(row) for row in found]


def events(url: str, conversation: str) -> List[Dict[str, Any]]:
    stored = sorted(rows(url, "event", conversation), key=lambda row: row["place"])
    return [json.loads(Seal(KEY).open(row["data"])) for row in stored]


@pytest.fixture
def replicas(model: Path, actions: FakeActions, tracker_url: str) -> Iterator[List[InProcess]]:
    """Two servers on one tracker database."""
    running = [InProcess(model, tracker_url, actions.url) for _ in range(2)]
    for one in running:
        one.wait_ready()
    yield running
    for one in running:
        one.stop()


def test_a_repeated_message_gets_the_recorded_reply(server: InProcess, actions: FakeActions, conversation: str) -> None:
    first = server.say(conversation, "vilka skolor finns i linköping", "m-1")
    again = server.say(conversation, "något helt annat", "m-1")
    assert again == {**first, "replayed": True}
    assert len(actions.calls) == 1


def test_another_replica_and_a_restart_know_the_recorded_reply(
    replicas: List[InProcess], model: Path, actions: FakeActions, tracker_url: str, conversation: str
) -> None:
    first = replicas[0].say(conversation, "vilka skolor finns i linköping", "m-1")
    assert replicas[1].say(conversation, "vilka skolor finns i linköping", "m-1") == {**first, "replayed": True}
    later = InProcess(model, tracker_url, actions.url)
    later.wait_ready()
    assert later.say(conversation, "vilka skolor finns i linköping", "m-1") == {**first, "replayed": True}
    later.stop()
    assert len(actions.calls) == 1


def test_replicas_go_on_where_the_other_left_off(replicas: List[InProcess], conversation: str) -> None:
    for number, (message_id, said) in enumerate(TO_BOOKING):
        replicas[number % 2].say(conversation, message_id=message_id, **said)
    assert replicas[0].said(conversation, "betyg") == ["Klart, tid bokad i Motala."]


def test_the_same_message_at_two_replicas_at_once_has_one_effect(
    replicas: List[InProcess], actions: FakeActions, tracker_url: str, conversation: str
) -> None:
    for message_id, said in TO_BOOKING:
        replicas[0].say(conversation, message_id=message_id, **said)
    clients = [Client(replica.base) for replica in replicas for _ in range(3)]
    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(pool.map(lambda client: client.post(conversation, "betyg", "m-3"), clients))
    assert {answer.status_code for answer in answers} == {200}
    bodies = [answer.json() for answer in answers]
    assert sum(not body["replayed"] for body in bodies) == 1
    assert all({**body, "replayed": True} == {**bodies[0], "replayed": True} for body in bodies)
    texts = [event.get("text") for event in events(tracker_url, conversation) if event["event"] == "user"]
    assert Counter(texts)["betyg"] == 1
    assert len(rows(tracker_url, "turn", conversation)) == 3


def test_different_messages_at_two_replicas_at_once_never_interleave(
    replicas: List[InProcess], tracker_url: str, conversation: str
) -> None:
    clients = [Client(replica.base) for replica in replicas for _ in range(4)]

    def say_until_done(number: int) -> int:
        refusals = 0
        while True:
            answer = clients[number].post(conversation, "hej", f"m-{number}")
            if answer.status_code == 200:
                return refusals
            assert answer.status_code == 409, answer.text
            refusals += 1
            time.sleep(0.01)

    with ThreadPoolExecutor(len(clients)) as pool:
        refusals = sum(pool.map(say_until_done, range(len(clients))))
    stored = events(tracker_url, conversation)
    users = [event["message_id"] for event in stored if event["event"] == "user"]
    assert sorted(users) == sorted(f"m-{number}" for number in range(len(clients)))
    assert rows(tracker_url, "conversation", conversation)[0]["version"] == len(clients)
    kinds = [event["event"] for event in stored if event["event"] in ("user", "bot")]
    assert kinds == ["user", "bot"] * len(clients), "each message is followed by its own answer"
    assert refusals > 0, "the race took place"


def test_a_conversation_deleted_at_one_replica_during_a_turn_at_the_other_stays_deleted(
    replicas: List[InProcess], actions: FakeActions, tracker_url: str, conversation: str
) -> None:
    replicas[0].say(conversation, "hej")
    actions.gate = threading.Event()
    late: List[int] = []
    turn = threading.Thread(
        target=lambda: late.append(replicas[0].post(conversation, "vilka skolor finns i mjölby").status_code)
    )
    turn.start()
    assert actions.entered.wait(10)
    assert replicas[1].http.delete(f"/turn/{conversation}").status_code == 204
    actions.gate.set()
    turn.join()
    assert late == [410]
    assert events(tracker_url, conversation) == [] and rows(tracker_url, "turn", conversation) == []
    [tombstone] = rows(tracker_url, "conversation", conversation)
    content = {name: value for name, value in tombstone.items() if name not in ("id", "deleted", "version")}
    assert tombstone["deleted"] == 1 and not any(content.values())


def test_the_first_turn_and_a_deletion_at_once_leave_a_tombstone(replicas: List[InProcess], tracker_url: str) -> None:
    for number in range(8):
        conversation = f"c-{number}"
        with ThreadPoolExecutor(2) as pool:
            said = pool.submit(Client(replicas[0].base).post, conversation, "hej")
            gone = pool.submit(Client(replicas[1].base).http.delete, f"/turn/{conversation}")
        assert gone.result().status_code == 204 and said.result().status_code in (200, 410)
        assert replicas[0].post(conversation, "hej").status_code == 410
        assert events(tracker_url, conversation) == []


def test_a_kill_between_action_and_save_leaves_a_turn_that_can_be_repeated(
    model: Path, actions: FakeActions, tracker_url: str, tmp_path: Path, conversation: str
) -> None:
    victim = Program(model, tracker_url, actions.url, tmp_path / "log")
    victim.wait_ready()
    for message_id, said in TO_BOOKING:
        victim.say(conversation, message_id=message_id, **said)
    actions.gate = threading.Event()
    threading.Thread(target=_ignore_errors, args=(victim, conversation), daemon=True).start()
    _wait(lambda: "m-3" in actions.effects)
    victim.kill()
    actions.gate.set()
    assert "m-3" not in [event.get("message_id") for event in events(tracker_url, conversation)]
    actions.gate = None

    heir = Program(model, tracker_url, actions.url, tmp_path / "log")
    heir.wait_ready()
    answer = heir.say(conversation, "betyg", "m-3")
    assert answer["replayed"] is False and answer["slots"]["booked"] == "m-3"
    assert actions.effects == {"m-3": 2}, "the action is asked again with the same key; it is the one that books once"
    assert heir.say(conversation, "betyg", "m-3")["replayed"] is True
    heir.stop()


def _ignore_errors(client: Client, conversation: str) -> None:
    import httpx

    try:
        client.post(conversation, "betyg", "m-3")
    except httpx.HTTPError:
        return  # the server was killed: that is the test


def _wait(until: Any) -> None:
    deadline = time.monotonic() + 20
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.02)
