"""What lay in the clear before the upgrade lies encrypted after it, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from bot.conversations.models import Turn
from bot.db.metadata import metadata
from bot.db.migrate import _config, upgrade
from bot.db.session import Database
from bot.safety.crypto import Keyring, UndecipherableError, new_key
from bot.settings import load
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


def test_the_engine_gets_no_key_but_its_own(tmp_path: Path) -> None:
    settings = load({"ENCRYPTION_KEYS": new_key(), "DATABASE_URL": "sqlite:///bot.db"}, root=tmp_path)
    [engine] = [p for p in programs(settings, dialogue_python=Path("python")) if p.name == "dialogue server"]

    assert engine.env["TRACKER_KEYS"] == settings.tracker_keys()
    assert not any(settings.encryption_keys.split(":")[1] in value for value in engine.env.values())
    assert not any("bot.db" in value for value in engine.env.values())
