"""What lay in the clear before the upgrade lies encrypted after it, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from bot import launch
from bot.conversations.models import Turn
from bot.db.metadata import metadata
from bot.db.migrate import _config, upgrade
from bot.db.session import Database
from bot.nlu.engine import EngineFailed, engine
from bot.safety.crypto import Keyring, UndecipherableError, new_key
from bot.settings import VARIABLES, load
from bot.supervisor import programs


def test_an_upgrade_seals_what_people_chose_and_said(database: Database) -> None:
    metadata().drop_all(database.engine)
    config = _config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text("INSERT INTO person (id, channel, created_at, last_seen_at) VALUES ('p', 'web', :now, :now)"),
            {"now": "2026-11-23 09:00:00+00:00"},
        )
        connection.execute(
            text(
                "INSERT INTO conversation (id, person_id, channel, state, language, language_chosen, session, risk,"
                " inbound_seq, outbound_seq, claim_no, created_at)"
                " VALUES ('c', 'p', 'web', 'BOT', 'sv', :no, 0, 'none', 0, 0, 0, :now)"
            ),
            {"no": False, "now": "2026-11-23 09:00:00+00:00"},
        )
        connection.execute(
            text(
                "INSERT INTO turn (id, conversation_id, status, sent_entities, session, first_seq, attempts,"
                " created_at, ranking, entities, slots, replayed, button)"
                " VALUES ('t', 'c', 'done', '[]', 0, 1, 0, :now, '[]', :entities, :slots, :no, '/inform')"
            ),
            {
                "now": "2026-11-23 09:00:00+00:00", "no": False,
                "entities": '[{"entity": "age", "value": "kanariefågel"}]', "slots": '{"municipality": "Motala"}',
            },
        )  # fmt: skip
    upgrade(database)

    with database.reading() as session:
        turn = session.get_one(Turn, "t")
        assert (turn.municipality, turn.button) == ("Motala", "/inform")
        assert turn.entities == [{"entity": "age", "value": "kanariefågel"}]
        raw = session.execute(text("SELECT entities, slots, button FROM turn")).one()
    assert all(b"kanarie" not in bytes(value) and b"Motala" not in bytes(value) for value in raw)


def test_a_derived_key_opens_its_own_store_only() -> None:
    one, two = new_key(), new_key()
    derived = Keyring.from_text(f"{one},{two}").derived("a store").split(",")

    assert derived == [Keyring.from_text(key).derived("a store") for key in (one, two)]
    assert derived[0] != Keyring.from_text(one).derived("another store")
    assert derived[0] not in one
    with pytest.raises(UndecipherableError):
        Keyring.from_text(f"{one.split(':')[0]}:{derived[0]}").decrypt(Keyring.from_text(one).encrypt("hej", "x"), "x")


def test_an_id_that_begins_another_is_another(tmp_path: Path) -> None:
    short, long = (f"{name}:{new_key().split(':')[1]}" for name in ("nyckel", "nyckel2"))
    for first, other in ((short, long), (long, short)):
        sealed = Keyring.from_text(other).encrypt("hej", "x")
        both = Keyring.from_text(f"{first},{other}")
        assert not both.is_current(sealed), "or a rotation would pass it over, and the key be thrown away"
        assert both.is_current(both.encrypt("hej", "x"))


def test_two_keys_of_one_id_are_refused() -> None:
    one, two = (f"nyckel:{new_key().split(':')[1]}" for _ in range(2))
    with pytest.raises(ValueError, match="pair 2 of ENCRYPTION_KEYS has the id of an earlier one") as refused:
        Keyring.from_text(f"{one},{two}")
    assert two.split(":")[1] not in str(refused.value)


def test_programs_of_the_engines_python_get_no_secret_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = [one.name for one in VARIABLES if one.secret and one.name not in ("SHARED_SECRET", "TRACKER_URL")]
    for name in secrets:
        monkeypatch.setenv(name, f"canary of {name}")
    settings = load({}, root=tmp_path)
    # A Python that writes down what it was given.
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nenv >> {tmp_path}/given\necho \'{{"changed": 0, "unreadable": 0}}\'\n')
    python.chmod(0o700)

    launch.train(settings, python, lambda _: None)
    launch.rotate_tracker(settings, python, 10)
    with pytest.raises(EngineFailed), engine(settings, python, tmp_path / "model.tar.gz"):
        pass
    given = (tmp_path / "given").read_text(encoding="utf-8")
    assert given.count("VAR_DIR=") == 3
    assert given.count(f"TRACKER_KEYS={settings.tracker_keys()}") == 2
    assert "canary" not in given
    assert settings.encryption_keys.split(":")[1] not in given


def test_the_engine_gets_no_key_but_its_own(tmp_path: Path) -> None:
    settings = load({"ENCRYPTION_KEYS": new_key(), "DATABASE_URL": "sqlite:///bot.db"}, root=tmp_path)
    [engine] = [p for p in programs(settings, dialogue_python=Path("python")) if p.name == "dialogue server"]

    assert engine.env["TRACKER_KEYS"] == settings.tracker_keys()
    assert not any(settings.encryption_keys.split(":")[1] in value for value in engine.env.values())
    assert not any("bot.db" in value for value in engine.env.values())
