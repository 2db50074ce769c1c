"""What is erased is in none of the database's files, or the caller is told to ask again."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from dialogue.errors import TrackerUnreachable
from dialogue.store import tables
from dialogue.store.conversations import Conversations
from dialogue.store.sealing import Seal

from running import KEY

ID = "a-conversation-that-is-erased"


def test_while_somebody_reads_the_log_an_erasure_is_not_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_CHECKPOINT_BUSY_MS", 50)
    url = f"sqlite:///{tmp_path / 'tracker.db'}"
    store = Conversations(url, Seal(KEY))
    store.make()
    engine, _ = tables.connect(url)
    with engine.connect() as reader, reader.begin():
        reader.execute(sa.select(tables.event)).all()
        with pytest.raises(TrackerUnreachable):
            store.delete(ID)
        assert sum(log.stat().st_size for log in tmp_path.glob("*-wal")) > 0

    store.delete(ID)
    assert sum(log.stat().st_size for log in tmp_path.glob("*-wal")) == 0
    engine.dispose()
    store.close()
