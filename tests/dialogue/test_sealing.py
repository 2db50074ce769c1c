"""What the engine remembers lies encrypted in its database, and stays readable while keys change."""

import json
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, List

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from dialogue.settings import SettingsError, read
from dialogue.store import rotation, tables
from dialogue.store.conversations import Conversations, Update
from dialogue.store.sealing import Seal, Undecipherable

from fake_actions import SECRET, FakeActions
from running import KEY, ROOT, InProcess

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
WORD = "kanariefågel"


def say(store: Conversations, conversation: str, number: int, text: str = WORD) -> None:
    """Save one turn that tells the word everywhere."""
    before = store.load(conversation, f"m{number}")
    store.save(
        Update(
            before=before, message_id=f"m{number}", reply={"said": text}, events=[json.dumps({"text": text})] * 3,
            asked_session=0, session_place=0, window_place=0, turns=number, window_turns=number, at=float(number),
            before_window=[{"text": text}], language={"last": text},
        )
    )  # fmt: skip


def everything(url: str) -> str:
    """All that lies in the database, as text."""
    engine, _ = tables.connect(url)
    with engine.connect() as connection:
        rows = [tuple(row) for table in tables.metadata.sorted_tables for row in connection.execute(sa.select(table))]
    engine.dispose()
    return repr(rows)


def test_no_word_lies_open(tracker_url: str) -> None:
    store = Conversations(tracker_url, Seal(OLD))
    store.make()
    say(store, "a", 1)
    assert WORD not in everything(tracker_url) and ascii(WORD)[1:-1] not in everything(tracker_url)
    stored = store.load("a", "m1")
    assert stored.reply == {"said": WORD}
    assert store.load("a", "m2").before_window == [{"text": WORD}]
    assert [json.loads(row.data) for row in store.load("a", "m2").rows] == [{"text": WORD}] * 3
    store.close()


def test_an_error_of_the_database_does_not_quote_the_values_of_a_statement(tmp_path: Path) -> None:
    engine, _ = tables.connect(f"sqlite:///{tmp_path / 'tracker.db'}")
    with pytest.raises(sa.exc.DBAPIError) as failed, engine.connect() as connection:
        connection.execute(sa.text("SELECT nothing FROM event WHERE data = :word"), {"word": WORD})
    engine.dispose()
    assert WORD not in str(failed.value)


def test_what_was_stored_before_there_were_keys_is_read_and_sealed_at_a_rotation(tracker_url: str) -> None:
    store = Conversations(tracker_url, Seal(OLD))
    store.make()
    say(store, "a", 1)
    engine, _ = tables.connect(tracker_url)
    with tables.writing(engine) as connection, connection.begin():
        connection.execute(tables.event.update().values(data=json.dumps({"text": WORD}, ensure_ascii=False)))
    engine.dispose()
    assert WORD in everything(tracker_url)
    assert len(store.load("a", "m2").rows) == 3
    assert rotation.rotate(tracker_url, Seal(OLD), batch=2).changed == 3
    assert WORD not in everything(tracker_url)
    store.close()


def test_after_a_rotation_nothing_needs_the_old_key(tracker_url: str) -> None:
    store = Conversations(tracker_url, Seal(OLD))
    store.make()
    for name in "abcde":
        say(store, name, 1)
    done = rotation.rotate(tracker_url, Seal(f"{NEW},{OLD}"), batch=2)
    assert (done.changed, done.unreadable) == (5 * (2 + 3 + 1), 0)
    again = rotation.rotate(tracker_url, Seal(f"{NEW},{OLD}"), batch=2)
    assert again.changed == 0
    after = Conversations(tracker_url, Seal(NEW))
    assert [after.load(name, "m1").reply for name in "abcde"] == [{"said": WORD}] * 5
    store.close()
    after.close()


def test_a_rotation_while_people_write_loses_no_turn(tracker_url: str) -> None:
    store = Conversations(tracker_url, Seal(f"{NEW},{OLD}"))
    older = Conversations(tracker_url, Seal(OLD))
    older.make()
    for number in range(1, 21):
        say(older, "a", number)
    older.close()
    failures: List[Any] = []

    def write() -> None:
        try:
            for number in range(21, 61):
                say(store, "a", number, f"{WORD} {number}")
        except Exception as error:
            failures.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive():
        assert rotation.rotate(tracker_url, Seal(f"{NEW},{OLD}"), batch=7).unreadable == 0
    writer.join()
    assert failures == []
    rotation.rotate(tracker_url, Seal(f"{NEW},{OLD}"))
    after = Conversations(tracker_url, Seal(NEW))
    assert len(after.load("a", "m99").rows) == 180
    assert after.load("a", "m60").reply == {"said": f"{WORD} 60"}
    store.close()
    after.close()


def test_without_its_key_the_talk_goes_on_and_nothing_is_thrown_away(
    model: Path, actions: FakeActions, tmp_path: Path, conversation: str
) -> None:
    url = f"sqlite:///{tmp_path / 'tracker.db'}"
    first = InProcess(model, url, actions.url)
    first.wait_ready()
    first.say(conversation, "hej")
    first.stop()
    second = InProcess(model, url, actions.url, keys=NEW)
    second.wait_ready()
    assert second.said(conversation, "hej") == ["Hej, jag är en robot."]
    second.stop()
    with sqlite3.connect(tmp_path / "tracker.db") as connection:
        assert connection.execute("select count(*) from event where quarantined = 1").fetchone() == (0,)
    assert rotation.rotate(url, Seal(KEY)).unreadable > 0  # what the second server wrote
    assert rotation.rotate(url, Seal(f"{KEY},{NEW}")).unreadable == 0


def test_a_changed_text_is_refused() -> None:
    sealed = Seal(OLD).close(WORD)
    with pytest.raises(Undecipherable):
        Seal(OLD).open(sealed[:-6] + ("AAAAA=" if sealed[-6:] != "AAAAA=" else "BBBBB="))


def test_the_command_of_bot_keys_rotate(tracker_url: str) -> None:
    store = Conversations(tracker_url, Seal(OLD))
    store.make()
    say(store, "a", 1)
    store.close()

    def run(keys: str) -> "subprocess.CompletedProcess[str]":
        env = {**os.environ, "TRACKER_URL": tracker_url, "SHARED_SECRET": SECRET, "TRACKER_KEYS": keys}
        command = [sys.executable, "-m", "dialogue.rotate", "--batch", "2"]
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)

    assert json.loads(run(f"{NEW},{OLD}").stdout) == {"changed": 6, "unreadable": 0}
    assert json.loads(run(OLD).stdout) == {"changed": 0, "unreadable": 6}
    refused = run("no key")
    assert refused.returncode == 2 and "bot keys tracker" in refused.stderr and "no key" not in refused.stderr


def test_the_server_does_not_start_without_keys() -> None:
    with pytest.raises(SettingsError, match="TRACKER_KEYS"):
        read({"SHARED_SECRET": SECRET})


def test_keys_do_not_show(postgres_url: str) -> None:
    settings = read({"SHARED_SECRET": SECRET, "TRACKER_KEYS": f"{NEW},{OLD}", "TRACKER_URL": postgres_url})
    assert NEW not in repr(settings) and OLD not in repr(settings) and NEW not in repr(Seal(NEW))
