"""The one answer at a sign of danger: it fits what was written, the age where it is known, and the hour."""

from __future__ import annotations

import pytest

from bot.clock import FakeClock
from bot.conversations.models import Conversation, ConversationState, Turn, TurnStatus
from bot.db.session import Database
from tests.conftest import NOW
from tests.conversations.conftest import Youth


def tell_age(database: Database, youth: Youth, age: str) -> None:
    """As a turn with the engine leaves it."""
    with database.transaction() as session:
        session.add(
            Turn(
                conversation_id=youth.conversation.id,
                status=TurnStatus.DONE,
                first_seq=1,
                slots={"age": age},
                created_at=NOW,
            )
        )


def answers(youth: Youth) -> list[str | None]:
    return [row.response for row in youth.outbox() if row.key.startswith("crisis:")]


def titles(youth: Youth) -> list[str]:
    last = [row for row in youth.outbox() if row.key.startswith("crisis:")][-1]
    return [button["title"] for button in last.buttons]


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("jag vill inte leva längre", "utter_crisis_self_harm"),
        ("min kompis vill ta livet av sig", "utter_crisis_self_harm_other"),
        ("pappa slår mig", "utter_crisis_violence"),
        ("min lillasyster blir slagen av pappa", "utter_crisis_violence_other"),
        ("de ska gifta bort mig i sommar", "utter_crisis_honour"),
        ("jag ska döda honom", "utter_crisis_threat"),
    ],
)
def test_each_danger_has_its_own_answer(youth: Youth, text: str, response: str) -> None:
    youth.send(text)

    assert answers(youth) == [response]


def test_who_is_known_to_be_under_18_is_given_bris(youth: Youth, database: Database) -> None:
    youth.send("hej, jag är 16")
    tell_age(database, youth, "16")
    youth.send("jag vill inte leva längre")

    assert answers(youth) == ["utter_crisis_self_harm_minor"]
    assert "116 111" in youth.outbox()[-1].text


def test_an_adult_is_not_offered_the_line_for_children(youth: Youth, database: Database) -> None:
    youth.send("hej, jag är 21")
    tell_age(database, youth, "21")
    youth.send("jag vill inte leva längre")

    assert answers(youth) == ["utter_crisis_self_harm"]
    assert "Jag är under 18" not in titles(youth)


def test_of_unknown_age_gets_90101_and_a_button_for_those_under_18(youth: Youth) -> None:
    youth.send("jag vill inte leva längre")

    assert "90101" in youth.outbox()[-1].text
    assert "Jag är under 18" in titles(youth)


def test_at_night_no_closed_line_is_given_as_open(youth: Youth, clock: FakeClock) -> None:
    clock.advance(hours=13, minutes=40)  # 23.40 in Stockholm
    youth.send("pappa slår mig")

    assert answers(youth) == ["utter_crisis_violence_night"]


def test_danger_is_answered_also_while_a_person_has_the_chat(youth: Youth, database: Database) -> None:
    youth.send("hej")
    with database.transaction() as session:
        session.get_one(Conversation, youth.conversation.id).state = ConversationState.LIVE
    youth.send("jag vill inte leva längre")

    assert answers(youth) == ["utter_crisis_self_harm"]
    assert youth.conversation.state == ConversationState.LIVE
