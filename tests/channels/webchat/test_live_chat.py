"""The routes that the script uses: nothing stored before the first word, and answers come live."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from bot.clock import system_clock
from bot.console.models import Staff
from bot.conversations.models import Author, Conversation, InboundMessage
from bot.db.base import new_id
from bot.people.models import ChannelIdentity, Person
from bot.wiring import Services
from tests.channels.chats import say
from tests.channels.webchat.site import Site
from tests.channels.webchat.visitor import Visit


def _count(services: Services, table: type[Any]) -> int:
    with services.db.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_opening_the_page_and_starting_stores_nothing(live: Site, visit: Visit) -> None:
    visitor = visit()
    visitor.http.get("/chat")
    assert visitor.http.get("/chat/events", headers=visitor.headers).status_code == 404
    assert [_count(live.services, table) for table in (Person, Conversation, ChannelIdentity)] == [0, 0, 0]


def test_a_message_gets_its_answer_by_the_stream_and_not_the_first_message_again(live: Site, visit: Visit) -> None:
    visitor = visit()
    assert visitor.post(text="hej").status_code == 200
    messages = visitor.messages(1)
    assert [(one["author"], one["name"], one["text"]) for one in messages] == [("bot", "Bot", "Svar: hej")]
    assert [button["title"] for button in messages[0]["buttons"]] == ["Ja"]
    assert "/affirm" not in str(messages)


def test_the_stream_says_that_the_bot_is_writing(live: Site, visit: Visit) -> None:
    visitor = visit()
    visitor.post(text="hej")
    seen = []
    with visitor.events() as events:
        for name, data in events:
            seen.append(data["typing"] if name == "state" else data["text"])
            if seen[-1] is False:
                break
    assert seen == [True, "Svar: hej", False]


def test_a_button_gets_its_answer(live: Site, visit: Visit) -> None:
    visitor = visit()
    visitor.post(text="hej")
    button = visitor.messages(1)[0]
    assert visitor.post(button=button["buttons"][0]["token"]).status_code == 200
    assert visitor.messages(1, after=button["seq"])[0]["text"] == "Svar: /affirm"


def test_a_button_of_the_first_message_works_before_there_is_a_chat(live: Site, visit: Visit) -> None:
    visitor = visit()
    assert visitor.post(button="first:0").status_code == 200
    assert visitor.messages(1)[0]["text"] == "Svar: /ask_ways_back"


def test_asking_for_a_person_is_always_there(live: Site, visit: Visit) -> None:
    visitor = visit()
    assert visitor.post(button="human").status_code == 200
    assert "människa" in visitor.messages(1)[0]["text"]


def test_a_message_that_is_sent_again_is_stored_once(live: Site, visit: Visit) -> None:
    visitor = visit()
    assert [visitor.post(id="the-same-one", text="hej").status_code for _ in range(3)] == [200, 200, 200]
    assert _count(live.services, InboundMessage) == 1


def test_one_visitor_cannot_use_the_button_or_the_numbers_of_another(live: Site, visit: Visit) -> None:
    first, second = visit(), visit()
    first.post(text="hej")
    token = first.messages(1)[0]["buttons"][0]["token"]
    second.post(button=token)
    assert "Svar" not in second.messages(1)[0]["text"]


def test_a_counsellor_is_named_on_each_bubble(live: Site, visit: Visit) -> None:
    visitor = visit()
    visitor.post(text="hej")
    seq = visitor.messages(1)[0]["seq"]
    with live.services.db.transaction() as session:
        staff = Staff(
            id=new_id(), username="anna", display_name="Anna", password_hash="", roles=[], municipalities=[],
            created_at=system_clock(),
        )  # fmt: skip
        session.add(staff)
        conversation = session.scalars(select(Conversation.id)).one()
        staff_id = staff.id
    say(live.services, conversation, "Hej, Anna här.", author=Author.COUNSELLOR, staff_id=staff_id)
    message = visitor.messages(1, after=seq)[0]
    assert (message["author"], message["name"]) == ("counsellor", "Anna, vägledare")


def test_what_was_sent_later_comes_although_its_number_is_lower(live: Site, visit: Visit) -> None:
    visitor = visit()
    visitor.post(text="hej")
    visitor.messages(1)
    with live.services.db.reading() as session:
        conversation = session.scalars(select(Conversation.id)).one()
    say(live.services, conversation, "påminnelse", due_at=system_clock() + timedelta(seconds=1.5))
    say(live.services, conversation, "svar nu")
    last = max(one["seq"] for one in visitor.messages(2))
    time.sleep(2.0)
    assert visitor.messages(1, after=last)[0]["text"] == "påminnelse"
