"""Whatever fails, the turn fails with it: no silence, no half turn, nothing recorded, and the next try works."""

import json
from pathlib import Path
from typing import Iterator, List

import pytest

from fake_actions import FakeActions
from running import InProcess, free_port

ASK = "vilka skolor finns i linköping"


def book(server: InProcess, conversation: str) -> None:
    """Up to the last answer of the form: the next turn books."""
    server.say(conversation, "jag vill boka en tid")
    server.say(conversation, button='/inform{"municipality":"Motala"}')


@pytest.mark.parametrize(
    ("status", "raw", "error"),
    [
        (500, None, "action_failed"),
        (404, b"{}", "action_failed"),
        (401, b"{}", "action_failed"),
        (200, b"<html>hello</html>", "action_failed"),
        (200, b"", "action_failed"),
        (200, b"[]", "action_failed"),
        (200, b'{"events": "no", "responses": []}', "action_failed"),
        (200, b'{"events": [{"event": "unheard_of"}], "responses": []}', "action_failed"),
        (200, b'{"events": [{"event": "slot"}], "responses": []}', "action_failed"),
        (503, b"busy", "actions_unreachable"),
    ],
)
def test_a_failing_action_fails_the_turn_and_nothing_is_stored(
    server: InProcess, actions: FakeActions, conversation: str, status: int, raw: bytes, error: str
) -> None:
    book(server, conversation)
    actions.status, actions.raw = status, raw
    answer = server.post(conversation, "betyg", "m-9")
    assert (answer.status_code, answer.json()["error"]) == (502, error)
    actions.reset()
    answer = server.say(conversation, "betyg", "m-9")
    assert answer["replayed"] is False and answer["slots"]["booked"] == "m-9"
    users = [event["text"] for event in actions.calls[-1]["tracker"]["events"] if event["event"] == "user"]
    assert users.count("betyg") == 1, "the failed turn left no trace"


def test_an_action_server_that_is_down_is_told_apart(model: Path, tmp_path: Path, conversation: str) -> None:
    lonely = InProcess(model, f"sqlite:///{tmp_path / 't.db'}", f"http://127.0.0.1:{free_port()}/webhook")
    lonely.wait_ready()
    answer = lonely.post(conversation, ASK)
    assert (answer.status_code, answer.json()["error"]) == (502, "actions_unreachable")
    assert lonely.said(conversation, "hej") == ["Hej, jag är en robot."]
    lonely.stop()


def test_an_action_that_takes_too_long_fails_the_turn(
    server: InProcess, actions: FakeActions, conversation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import aiohttp

    session = server.parts._engine._actions._open()
    monkeypatch.setattr(session, "_timeout", aiohttp.ClientTimeout(total=0.3))
    actions.delay = 1.0
    answer = server.post(conversation, ASK)
    assert (answer.status_code, answer.json()["error"]) == (502, "action_failed")


def test_the_time_that_an_action_gets_is_five_seconds(server: InProcess) -> None:
    assert server.parts._engine._actions._open().timeout.total == 5.0


def test_an_action_that_declines_is_no_failure_but_silence_is(
    server: InProcess, actions: FakeActions, conversation: str
) -> None:
    actions.status = 400
    answer = server.post(conversation, ASK)
    assert (answer.status_code, answer.json()["error"]) == (502, "empty_turn")


def test_a_turn_that_says_and_changes_nothing_is_an_error(server: InProcess, conversation: str) -> None:
    answer = server.post(conversation, button="/EXTERNAL_silent")
    assert (answer.status_code, answer.json()["error"]) == (502, "empty_turn")


def test_an_intent_without_any_rule_is_an_error_not_silence(server: InProcess, conversation: str) -> None:
    answer = server.post(conversation, button="/EXTERNAL_menu")
    assert (answer.status_code, answer.json()["error"]) == (502, "empty_turn")


def test_a_response_that_is_not_written_in_the_language_is_an_error(server: InProcess, conversation: str) -> None:
    assert server.said(conversation, button="/EXTERNAL_unsaid", language="en") == ["Only English."]
    answer = server.post("another", button="/EXTERNAL_unsaid", language="sv")
    assert (answer.status_code, answer.json()["error"]) == (500, "response_missing")


def test_actions_that_follow_each_other_in_a_circle_are_an_error(server: InProcess, conversation: str) -> None:
    answer = server.post(conversation, button="/EXTERNAL_circle")
    assert (answer.status_code, answer.json()["error"]) == (500, "endless_turn")


def test_a_value_for_a_slot_that_does_not_exist_is_left_out(
    server: InProcess, actions: FakeActions, conversation: str
) -> None:
    assert "no_such_slot" not in server.say(conversation, ASK)["slots"]
    server.say(conversation, ASK)
    stored = [event.get("name") for event in actions.calls[-1]["tracker"]["events"] if event["event"] == "slot"]
    assert "no_such_slot" not in stored


@pytest.fixture
def broken_database(model: Path, actions: FakeActions, tmp_path: Path) -> Iterator[InProcess]:
    (tmp_path / "tracker.db").mkdir()  # a folder is no database
    running = InProcess(model, f"sqlite:///{tmp_path / 'tracker.db'}", actions.url)
    yield running
    running.stop()


def test_without_its_database_the_server_says_so_and_does_no_turn(
    broken_database: InProcess, tmp_path: Path, conversation: str
) -> None:
    import time

    while not broken_database.parts._engine.loaded.wait(0.1):
        pass
    health = broken_database.http.get("/health")
    assert health.status_code == 503 and health.json()["ready"] is False
    assert health.json()["reason"].startswith("tracker_unreachable")
    answer = broken_database.post(conversation, "hej")
    assert (answer.status_code, answer.json()["error"]) == (503, "tracker_unreachable")
    assert broken_database.http.delete(f"/turn/{conversation}").status_code == 503
    (tmp_path / "tracker.db").rmdir()
    deadline = time.monotonic() + 10
    while broken_database.post(conversation, "hej").status_code != 200:
        assert time.monotonic() < deadline, "it does not come back by itself"
    assert broken_database.http.get("/health").status_code == 200


def test_without_a_model_the_server_says_what_to_do(tmp_path: Path, actions: FakeActions, conversation: str) -> None:
    missing = InProcess(tmp_path / "nothing.tar.gz", f"sqlite:///{tmp_path / 't.db'}", actions.url)
    assert missing.parts._engine.loaded.wait(30)
    health = missing.http.get("/health")
    assert health.status_code == 503 and "python -m dialogue.train" in health.json()["reason"]
    answer = missing.post(conversation, "hej")
    assert (answer.status_code, answer.json()["error"]) == (503, "no_model")
    assert missing.http.post("/parse", json={"texts": ["hej"]}).status_code == 503
    missing.stop()


def test_a_model_file_that_was_changed_is_not_loaded(model: Path, tmp_path: Path) -> None:
    from dialogue.errors import NoModel
    from dialogue.model_file import checked, note_path

    copy = tmp_path / model.name
    copy.write_bytes(model.read_bytes() + b"x")
    with pytest.raises(NoModel, match="no note"):
        checked(copy)
    note_path(copy).write_text(note_path(model).read_text("utf-8"), "utf-8")
    with pytest.raises(NoModel, match="differs"):
        checked(copy)
    copy.write_bytes(model.read_bytes())
    assert checked(copy).sha256 == json.loads(note_path(model).read_text("utf-8"))["sha256"]


def test_a_missing_model_is_never_replaced_by_another_in_the_folder(model: Path) -> None:
    from dialogue.errors import NoModel
    from dialogue.model_file import checked

    beside: List[Path] = list(model.parent.glob("*.tar.gz"))
    assert beside
    with pytest.raises(NoModel):
        checked(model.with_name("0000.tar.gz"))
