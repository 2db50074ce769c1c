"""The papers of docs/privacy that are made from the code say what the code says."""

from __future__ import annotations

import pytest
from sqlalchemy import Column, ForeignKey, MetaData, String, Table

from bot.db.base import EncryptedText
from bot.db.metadata import metadata
from bot.people import data_map, papers
from tests.conftest import ROOT


def test_the_written_papers_are_up_to_date() -> None:
    folder = ROOT / "docs" / "privacy"
    said = "run `bot privacy papers`"
    assert (folder / "data-map.md").read_text(encoding="utf-8") == papers.data_map_page(metadata()), said
    assert (folder / "retention-plan.md").read_text(encoding="utf-8") == papers.retention_page(
        ROOT / "data", metadata()
    ), said


@pytest.mark.parametrize(
    "place", ["Programmens loggar", "Vägledares egen Telegram", "Vägledares e-post", "Vägledares kalender"]
)
def test_what_lies_outside_the_database_is_named_with_how_it_goes(place: str) -> None:
    outside = papers.data_map_page(metadata()).split("## Utanför databasen")[1]
    (row,) = [line for line in outside.splitlines() if line.startswith(f"| {place}")]
    assert len(row.split(" | ")) == 3
    assert "omstart" not in row


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ([Column("words", String())], "describe the table"),
        ([Column("id", String(), primary_key=True)], "describe the table"),
    ],
)
def test_a_table_that_is_not_described_is_named(columns: list[Column[str]], said: str) -> None:
    models = MetaData()
    Table("new_table", models, *columns)
    assert any(said in problem and "new_table" in problem for problem in data_map.problems(models))


def test_a_column_without_a_class_and_a_word_in_the_clear_are_named() -> None:
    models = MetaData()
    Table("person", models, Column("id", String(), primary_key=True))
    Table("conversation", models, Column("id", String(), primary_key=True))
    Table(
        "note", models,
        Column("id", String(), primary_key=True), Column("conversation_id", ForeignKey("conversation.id")),
        Column("text", String()), Column("mood", String()), Column("sealed", EncryptedText("note.sealed")),
    )  # fmt: skip
    problems = "\n".join(data_map.problems(models))

    assert "note.mood: give it a class" in problems
    assert "note.sealed: give it a class" in problems
    assert "note.text is content: make it EncryptedText" in problems
