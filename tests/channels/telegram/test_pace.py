"""Telegram's limits are kept: about one message a second to a chat, under 30 a second in all."""

from __future__ import annotations

from bot.channels.telegram.pace import CHAT_BURST, OVERALL_RATE, Pace


class _Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _send_all_at_once(pace: Pace, time: _Time, chats: list[str], seconds: float) -> int:
    sent, end = 0, time.now + seconds
    while time.now < end:
        for chat in chats:
            if pace.delay(chat) == 0:
                pace.take(chat)
                sent += 1
        time.now += 0.01
    return sent


def test_one_chat_gets_a_short_burst_and_then_one_a_second() -> None:
    time = _Time()
    pace = Pace(time)
    assert _send_all_at_once(pace, time, ["a"], 10) in (int(CHAT_BURST) + 9, int(CHAT_BURST) + 10)


def test_many_chats_together_stay_under_the_overall_limit() -> None:
    time = _Time()
    pace = Pace(time)
    sent = _send_all_at_once(pace, time, [str(number) for number in range(500)], 10)
    assert OVERALL_RATE * 9 < sent <= OVERALL_RATE * 11


def test_a_chat_that_went_too_fast_waits_alone() -> None:
    time = _Time()
    pace = Pace(time)
    pace.flooded("a", 30)
    assert pace.delay("a") == 30
    assert pace.delay("b") == 0


def test_when_several_chats_are_too_fast_all_wait() -> None:
    time = _Time()
    pace = Pace(time)
    pace.flooded("a", 30)
    pace.flooded("b", 10)
    assert pace.delay("c") == 30
    time.now += 15
    assert pace.delay("c") == 0
