"""The inbox: every update once, screened and redacted before anything else happens."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text, update

from bot.clock import FakeClock
from bot.conversations.inbox import Inbox
from bot.conversations.incoming import Command, Incoming, parse_command
from bot.conversations.models import Alert, Conversation, InboundKind, InboundMessage
from bot.db.session import Database
from bot.errors import PersonErased
from bot.people.models import ChannelIdentity, Person
from tests.conversations.conftest import Youth


def count(database: Database, table: type) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_repeated_update_changes_nothing(youth: Youth, database: Database) -> None:
    first = youth.send("hej", update_id="anna:77")
    again = youth.send("hej", update_id="anna:77")

    assert (first.repeated, again.repeated) == (False, True)
    assert count(database, InboundMessage) == 1
    assert again.conversation_id == first.conversation_id


def test_the_same_update_twenty_times_at_once_is_stored_once(inbox: Inbox, database: Database) -> None:
    incoming = Incoming("test", "anna:1", "anna", InboundKind.TEXT, text="hej")

    with ThreadPoolExecutor(20) as pool:
        results = list(pool.map(lambda _: inbox.receive(incoming), range(20)))

    assert sum(not result.repeated for result in results) == 1
    assert (count(database, InboundMessage), count(database, Person), count(database, Conversation)) == (1, 1, 1)


def test_many_messages_at_once_from_a_new_person_keep_one_conversation_and_distinct_numbers(
    inbox: Inbox, database: Database
) -> None:
    def send(number: int) -> object:
        return inbox.receive(Incoming("test", f"anna:{number}", "anna", InboundKind.TEXT, text=f"nummer {number}"))

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(send, range(24)))

    with database.reading() as session:
        seqs = sorted(session.scalars(select(InboundMessage.seq)))
    assert seqs == list(range(1, 25))
    assert count(database, Conversation) == 1


def test_the_first_message_brings_the_notice_once_and_first(youth: Youth) -> None:
    youth.send("hej")
    youth.send("hallå")

    assert [row.response for row in youth.outbox()] == ["utter_welcome", "utter_privacy_short"]


def test_no_address_name_or_number_lies_readable_in_the_database(
    inbox: Inbox, database: Database, clock: FakeClock
) -> None:
    address = "4815162342"
    youth = Youth(inbox, database, clock, address)
    youth._inbox.receive(
        Incoming("test", "u1", address, InboundKind.TEXT, text="jag heter Leyla Svensson, ring 070-123 45 67")
    )

    with database.reading() as session:
        tables = (
            session.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
            if database.is_sqlite
            else session.execute(
                text("SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()")
            )
            .scalars()
            .all()
        )
        everything = "\n".join(
            str(bytes(value) if isinstance(value, memoryview) else value)
            for table in tables
            for row in session.execute(text(f'SELECT * FROM "{table}"'))
            for value in row
        )
    for secret in (address, "Leyla", "Svensson", "070-123", "46701234567"):
        assert secret not in everything


def test_what_the_engine_sees_has_placeholders_and_the_raw_text_stays_for_the_counsellor(youth: Youth) -> None:
    youth.send("jag heter Leyla, mitt nummer är 070-123 45 67")

    message = youth.inbox()[0]
    assert message.text is not None
    assert "<phone_number_1>" in message.text
    assert "Leyla" not in message.text
    assert message.raw_text == "jag heter Leyla, mitt nummer är 070-123 45 67"


def test_the_same_number_keeps_its_placeholder_and_another_gets_the_next(youth: Youth) -> None:
    youth.send("ring 070-123 45 67")
    youth.send("eller +46 70 123 45 67")
    youth.send("eller 070-765 43 21")

    texts = [row.text or "" for row in youth.inbox()]
    assert "<phone_number_1>" in texts[0]
    assert "<phone_number_1>" in texts[1]
    assert "<phone_number_2>" in texts[2]


def test_danger_is_answered_in_the_same_transaction_once_and_staff_are_called(youth: Youth, database: Database) -> None:
    youth.send("jag vill ta livet av mig", update_id="anna:5")
    youth.send("jag vill ta livet av mig", update_id="anna:5")

    assert [row.response for row in youth.outbox()] == ["utter_crisis_self_harm"]
    assert youth.conversation.risk == "self_harm"
    assert count(database, Alert) == 1


def test_danger_split_over_a_burst_is_seen(youth: Youth) -> None:
    youth.send("jag vill")
    youth.send("ta livet av mig")

    assert youth.conversation.risk == "self_harm"
    assert [row.status for row in youth.inbox()] == ["answered", "answered"]


def test_an_edit_into_danger_is_caught(youth: Youth) -> None:
    youth.send("allt är bra", channel_message_id="m1")
    youth.send("jag vill dö", kind=InboundKind.EDIT, channel_message_id="m1")

    assert youth.conversation.risk == "self_harm"


def test_an_edit_of_a_message_that_waits_replaces_it(youth: Youth) -> None:
    youth.send("komvux i motala", channel_message_id="m1")
    youth.send("komvux i mjölby", kind=InboundKind.EDIT, channel_message_id="m1")

    first, edit = youth.inbox()
    assert (first.text, first.status) == ("komvux i mjölby", "pending")
    assert edit.status == "noted"


def test_an_edit_of_an_older_message_is_kept_and_said_to_be(youth: Youth, database: Database) -> None:
    youth.send("komvux i motala", channel_message_id="m1")
    youth.send("eller mjölby", channel_message_id="m2")
    with database.transaction() as session:
        session.execute(update(InboundMessage).values(status="answered"))
    youth.send("komvux i kinda", kind=InboundKind.EDIT, channel_message_id="m1")

    assert youth.inbox()[-1].status == "noted"
    assert youth.said() == ["utter_edited_noted"]


@pytest.mark.parametrize(
    ("written", "command"),
    [
        ("/start", Command.START), ("/radera", Command.DELETE), ("/Delete", Command.DELETE),
        ("/mina_data", Command.MY_DATA), ("/min_data", Command.MY_DATA), ("/minadata", Command.MY_DATA),
        ("/hjälp", Command.HELP), ("/hjalp", Command.HELP), ("/språk", Command.LANGUAGE),
        ("/människa", Command.HUMAN), ("/start kampanj7", Command.START), ("/stopp@bot", Command.STOP),
    ],
)  # fmt: skip
def test_commands_are_known_in_both_languages_and_near_spellings(written: str, command: Command) -> None:
    assert parse_command(written) == command


@pytest.mark.parametrize("written", ["/greet", '/book{"id": 1}', "/restart", "/", "// hej", "/find_education"])
def test_a_typed_payload_is_only_text(written: str, youth: Youth) -> None:
    youth.send(written)

    assert parse_command(written) is None
    assert youth.inbox()[0].kind == "text"


def test_a_button_of_another_conversation_means_nothing(youth: Youth, make_youth: Callable[[str], Youth]) -> None:
    youth.send("hej")
    other = make_youth("bo")
    other.send("hej")
    foreign = next(button["token"] for row in youth.outbox() for button in row.buttons)

    other.send(None, kind=InboundKind.BUTTON, payload=foreign)

    assert other.inbox()[-1].payload is None


def test_that_a_stranger_left_is_not_stored(inbox: Inbox, database: Database) -> None:
    for told in (
        Incoming("test", "1", "anna", InboundKind.LEFT),
        Incoming("test", "2", "anna", InboundKind.RETURNED, known_only=True),
    ):
        with pytest.raises(PersonErased):
            inbox.receive(told)
    assert [count(database, table) for table in (Person, ChannelIdentity, Conversation, InboundMessage)] == [0] * 4

    # The web chat's first press: somebody is there.
    assert not inbox.receive(Incoming("test", "3", "anna", InboundKind.RETURNED)).repeated
    assert count(database, Person) == 1
