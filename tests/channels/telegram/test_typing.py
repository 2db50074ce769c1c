"""Telegram shows that a counsellor types: to whom they type alone, while they do, whatever goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from bot.channels.telegram.typing import TypingSigns
from bot.clock import FakeClock
from bot.conversations.models import Conversation, ConversationState
from bot.livechat import typing
from bot.livechat.models import Side
from bot.wiring import Services
from tests.channels.chats import new_chat
from tests.channels.running import running
from tests.channels.telegram.sender import until
from tests.fakes.telegram import TelegramServer


def passing_on(services: Services) -> AbstractContextManager[None]:
    """Pass signs on beside the test."""
    settings = services.settings.telegram
    assert settings is not None
    return running(TypingSigns(services, settings).run)


def live_chat(services: Services, address: str, channel: str = "telegram") -> str:
    """Make a chat that a counsellor has."""
    conversation_id = new_chat(services, channel, address)
    with services.db.transaction() as session:
        session.get_one(Conversation, conversation_id).state = ConversationState.LIVE
    return conversation_id


def types(services: Services, conversation_id: str, side: Side = Side.STAFF) -> bool:
    """Somebody types in a chat; False when that is no chat between two people."""
    with services.db.transaction() as session:
        return typing.note(session, conversation_id, side, services.clock())


def shown(telegram: TelegramServer) -> set[tuple[str, str]]:
    """To whom Telegram has shown what so far."""
    return {(call["chat_id"], call["action"]) for call in telegram.calls("sendChatAction")}


def ringing(services: Services, true: Callable[[], bool]) -> None:
    """Ring as the console does, every few moments, until something is true: one ring may come too early."""

    def look() -> bool:
        services.bell.ring(typing.TOPIC)
        return true()

    until(look)


def test_a_sign_reaches_the_youth_the_counsellor_types_to_and_nobody_else(
    services: Services, telegram: TelegramServer, clock: FakeClock
) -> None:
    stale, theirs, other, web = (
        live_chat(services, "5"), live_chat(services, "7"), live_chat(services, "8"),
        live_chat(services, "9", channel="web"),
    )  # fmt: skip
    alone = new_chat(services, "telegram", "6")
    types(services, stale)
    clock.advance(seconds=typing.FADES.total_seconds())
    assert types(services, theirs)
    assert types(services, web)
    assert types(services, other, side=Side.YOUTH)
    assert not types(services, alone), "with the bot nobody types"

    with passing_on(services):
        ringing(services, lambda: bool(shown(telegram)))

    assert shown(telegram) == {("7", "typing")}


def test_nothing_is_shown_without_a_ring_or_after_the_chat_has_ended(
    sqlite_services: Services, telegram: TelegramServer
) -> None:
    ended, theirs = live_chat(sqlite_services, "5"), live_chat(sqlite_services, "7")
    types(sqlite_services, ended)
    with sqlite_services.db.transaction() as session:
        session.get_one(Conversation, ended).state = ConversationState.BOT

    with passing_on(sqlite_services):
        assert shown(telegram) == set()
        types(sqlite_services, theirs)
        ringing(sqlite_services, lambda: bool(shown(telegram)))

    assert shown(telegram) == {("7", "typing")}


def test_a_sign_that_fails_stops_no_other(sqlite_services: Services, telegram: TelegramServer) -> None:
    telegram.state.blocked.add("5")
    for address in ("5", "7"):
        types(sqlite_services, live_chat(sqlite_services, address))

    with passing_on(sqlite_services):
        ringing(sqlite_services, lambda: len(telegram.calls("sendChatAction")) >= 4)

    assert shown(telegram) == {("5", "typing"), ("7", "typing")}
