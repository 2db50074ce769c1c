"""Migrations: they make exactly the tables of the models, on both databases, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from bot.db.metadata import metadata
from bot.db.migrate import _config, upgrade
from bot.db.session import Database


def test_the_migrations_make_the_tables_of_the_models(database: Database) -> None:
    metadata().drop_all(database.engine)
    assert upgrade(database)
    with database.engine.connect().execution_options(writes=False) as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata())

    assert differences == []


def test_a_second_upgrade_does_nothing(database: Database) -> None:
    metadata().drop_all(database.engine)
    upgrade(database)

    assert not upgrade(database)


def test_programs_that_start_at_once_migrate_once(database: Database) -> None:
    metadata().drop_all(database.engine)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: upgrade(database), range(4)))

    assert sum(results) == 1


def test_meetings_that_stand_keep_their_time_when_quarter_hours_are_introduced(database: Database) -> None:
    metadata().drop_all(database.engine)
    with database.engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in _OLD_MEETINGS:
            connection.exec_driver_sql(statement)
    assert upgrade(database)

    with database.reading() as session:
        cells = session.execute(text("SELECT booking_id, cell FROM booking_cell ORDER BY cell")).all()
        uids = session.execute(text("SELECT uid FROM booking ORDER BY id")).scalars().all()
    # 2026-11-24 09.00 UTC is the quarter 1995012 since 1970.
    assert cells == [("b1", 1995012), ("b1", 1995013)]
    assert uids == ["b1", "b2"]


def test_sessions_that_the_municipality_opened_are_known_as_such_afterwards(database: Database) -> None:
    metadata().drop_all(database.engine)
    with database.engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0008")
        for statement in _OLD_SESSIONS:
            connection.exec_driver_sql(statement)
    assert upgrade(database)

    with database.reading() as session:
        sessions = session.execute(text("SELECT staff_id, municipal FROM staff_session ORDER BY staff_id")).all()
    assert [(staff, bool(municipal)) for staff, municipal in sessions] == [("omar", False), ("sara", True)]


_OLD_SESSIONS = tuple(
    statement
    for name, password, subject in (("omar", "-", "NULL"), ("sara", "", "'kommun|1'"))
    for statement in (
        "INSERT INTO staff (id, username, display_name, password_hash, roles, municipalities, active,"
        " must_change_password, failed_sign_ins, oidc_subject, created_at) VALUES"
        f" ('{name}', '{name}', 'X', '{password}', '[]', '[]', true, false, 0, {subject}, '2026-11-23 09:00:00')",
        "INSERT INTO staff_session (token_hash, staff_id, csrf, created_at, seen_at, expires_at) VALUES"
        f" ('{name}', '{name}', 'x', '2026-11-23 09:00:00', '2026-11-23 09:00:00', '2026-11-23 21:00:00')",
    )
)

_OLD_MEETINGS = (
    "INSERT INTO person (id, channel, created_at, last_seen_at)"
    " VALUES ('p', 'web', '2026-11-23 09:00:00', '2026-11-23 09:00:00')",
    "INSERT INTO conversation (id, person_id, channel, state, language, language_chosen, session, risk, inbound_seq,"
    " outbound_seq, claim_no, created_at) VALUES"
    " ('c', 'p', 'web', 'BOT', 'sv', false, 0, 'none', 0, 0, 0, '2026-11-23 09:00:00')",
    "INSERT INTO staff (id, username, display_name, password_hash, roles, municipalities, active,"
    " must_change_password, failed_sign_ins, created_at) VALUES"
    " ('s', 'maria', 'Maria', '-', '[]', '[]', true, false, 0, '2026-11-23 09:00:00')",
    *(
        "INSERT INTO booking (id, request_key, conversation_id, staff_id, topic, how, starts_at, minutes, call_me,"
        f" state, created_at) VALUES ('{name}', '{name}', 'c', 's', 'x', 'phone', '2026-11-24 09:00:00', 30, 'x',"
        f" '{state}', '2026-11-23 09:00:00')"
        for name, state in (("b1", "booked"), ("b2", "cancelled"))
    ),
)
