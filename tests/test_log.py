"""What may not stand in a log: words of an error, from whatever library it comes."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot import log
from bot.db.session import Database

WORD = "kanariefågeln"


@pytest.fixture
def logging_as_it_was() -> Iterator[None]:
    """Leave logging as it was."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


def test_an_error_of_a_library_is_logged_without_its_words(
    capsys: pytest.CaptureFixture[str], logging_as_it_was: None
) -> None:
    def fails() -> None:
        raise ValueError(WORD)

    log.configure(json=True)
    try:
        fails()
    except ValueError as error:
        logging.getLogger("uvicorn.error").exception("failed: %s", error, stack_info=True)
    logging.getLogger("asyncio").warning(WORD)

    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("ERROR uvicorn.error: ValueError at test_log.py:")
    assert said[0].endswith("test_an_error_of_a_library_is_logged_without_its_words")
    assert "fails" in said[0]
    assert said[1:] == ["WARNING asyncio"]


def test_an_error_of_the_database_does_not_quote_the_values_of_a_statement(database: Database) -> None:
    with pytest.raises(DBAPIError) as failed, database.transaction() as session:
        session.execute(text("SELECT nothing FROM person WHERE id = :word"), {"word": WORD})
    assert WORD not in str(failed.value)
