"""Ready-made replies: the starter set is easy to read, gaps are filled, what staff change stays."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from bot.db.session import Database
from bot.languages import Language
from bot.livechat import canned
from bot.plain import read
from tests.conftest import NOW, ROOT

STARTERS = ROOT / "data" / "staff" / "replies.yml"
ROWS = yaml.safe_load(STARTERS.read_text(encoding="utf-8"))["replies"]
VALUES = {"namn": "Kim", "kommun": "Motala", "öppnar": "fredag 27 november kl. 09.00"}


@pytest.mark.parametrize("row", ROWS, ids=[row["name"] for row in ROWS])
def test_each_reply_of_the_starter_set_may_be_said_as_it_is(row: dict[str, str]) -> None:
    canned.check(row["title"], row["sv"], row["en"])
    for language in Language:
        reading = read(canned.fill(row[language], VALUES), language, crisis=row["name"] == "danger_now")
        assert reading.faults == ()


def test_what_staff_have_changed_or_put_away_is_not_brought_in_again(database: Database) -> None:
    assert canned.load_starters(database, STARTERS, NOW) == len(ROWS)
    with database.transaction() as session:
        first, second, *_ = canned.all_of(session)
        first.text_sv, second.active = "Våra egna ord", False
        changed, away = first.id, second.id

    assert canned.load_starters(database, STARTERS, NOW + timedelta(days=1)) == 0

    with database.reading() as session:
        offered = {offer.id: offer.text for offer in canned.offers(session, Language.SV, VALUES)}
    assert offered[changed] == "Våra egna ord"
    assert away not in offered


def test_a_new_starter_comes_in_beside_the_old(database: Database, tmp_path: Path) -> None:
    canned.load_starters(database, STARTERS, NOW)
    newer = tmp_path / "replies.yml"
    row = {"name": "new_one", "title": "Nytt", "sv": "Hej", "en": "Hi"}
    newer.write_text(yaml.safe_dump({"replies": [*ROWS, row]}), encoding="utf-8")

    assert canned.load_starters(database, newer, NOW) == 1


def test_a_gap_without_a_value_stays_and_is_seen_before_sending() -> None:
    filled = canned.fill("Hej från {namn} i {kommun}", {"namn": "Kim", "kommun": None})

    assert filled == "Hej från Kim i {kommun}"
    assert canned.unfilled(filled) == ["{kommun}"]
    assert canned.unfilled("måsvingar {så här} är inget") == []


@pytest.mark.parametrize(
    ("title", "sv", "en", "told"),
    [
        ("", "hej", "hi", "namn"),
        ("Hej", " ", "hi", "svenska"),
        ("Hej", "hej", "a" * 601, "engelska"),
        ("Hej", "hej {telefon}", "hi", "{telefon}"),
    ],
)
def test_an_unfit_reply_is_told_what_to_change(title: str, sv: str, en: str, told: str) -> None:
    with pytest.raises(canned.UnfitReply, match=told):
        canned.check(title, sv, en)
