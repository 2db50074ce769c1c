"""Youths who ask, search, book and ask for a person, in both languages, over Telegram."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing

import httpx
import pytest

from tests.end_to_end.system import System, wait_until
from tests.fakes.telegram import Sent, TelegramServer

pytestmark = pytest.mark.end_to_end


def answer(telegram: TelegramServer, chat: int, text: str) -> Sent:
    """Say something and return the first message of the answer."""
    before = len(telegram.sent(chat=chat))
    telegram.text(chat=chat, text=text)
    return telegram.wait_for(chat=chat, count=before + 1, seconds=40)[before]


def press(telegram: TelegramServer, chat: int, title: str) -> Sent:
    """Press a button and return the first message of the answer."""
    before = len(telegram.sent(chat=chat))
    telegram.press(chat=chat, title=title)
    return telegram.wait_for(chat=chat, count=before + 1, seconds=40)[before]


def start(telegram: TelegramServer, chat: int, language: str) -> None:
    telegram.text(chat=chat, text="/start", language=language)
    telegram.wait_for(chat=chat, count=3, seconds=40)


def test_the_first_words_say_what_it_is_and_that_telegram_is_not_private(telegram: TelegramServer, chat: int) -> None:
    start(telegram, chat, "sv")

    first = " ".join(telegram.texts(chat=chat)[:2])
    assert "bot" in first
    assert "Telegram" in first
    assert "/radera" in first


@pytest.mark.parametrize(
    ("language", "question", "school"),
    [
        ("sv", "var kan jag läsa fordon på gymnasiet i motala?", "Carlsund"),
        ("en", "which upper secondary schools in Motala have the vehicle programme?", "Carlsund"),
        ("sv", "finns det nån folkhögskola i vadstena", "Vadstena folkhögskola"),
    ],
)
def test_a_question_about_schools_gets_real_ones(
    telegram: TelegramServer, chat: int, language: str, question: str, school: str
) -> None:
    start(telegram, chat, language)
    telegram.text(chat=chat, text=question, language=language)

    telegram.wait_text(chat=chat, part=school, after=3, seconds=40)


def test_what_is_missing_is_asked_for_in_any_order(telegram: TelegramServer, chat: int) -> None:
    start(telegram, chat, "sv")
    answer(telegram, chat, "jag vill hitta en skola")
    answer(telegram, chat, "i motala")
    telegram.text(chat=chat, text="gymnasiet")
    telegram.wait_until(lambda: len(telegram.sent(chat=chat)) >= 6, 40, "the next question")
    telegram.text(chat=chat, text="fordon")

    telegram.wait_text(chat=chat, part="Carlsund", after=3, seconds=40)


def test_the_interest_guide_takes_own_words(telegram: TelegramServer, chat: int) -> None:
    start(telegram, chat, "sv")
    answer(telegram, chat, "kan du hjälpa mig välja vad jag ska plugga?")

    assert "människor först" in answer(telegram, chat, "jag gillar att hjälpa folk").text
    assert "hur" in answer(telegram, chat, "jag älskar barn").text.lower()


def test_a_year_that_was_told_once_is_not_asked_for_again(telegram: TelegramServer, chat: int) -> None:
    start(telegram, chat, "sv")
    answer(telegram, chat, "hej")

    assert "folkhögskola" in answer(telegram, chat, "2008").text.lower()
    answer(telegram, chat, "vad är komvux?")
    assert not any("Vilket år" in text for text in telegram.texts(chat=chat))


def test_none_there_is_said_honestly_with_the_nearest(telegram: TelegramServer, chat: int) -> None:
    start(telegram, chat, "sv")
    telegram.text(chat=chat, text="vilka gymnasier har fordonsprogrammet i ydre?")

    sent = telegram.wait_text(chat=chat, part="känner inte till", after=3, seconds=40)
    assert sent


@pytest.mark.parametrize(
    ("language", "questions", "answers"),
    [
        ("sv", "vad är komvux? hur mycket pengar får man av csn?", ("skola för vuxna", "CSN betalar")),
        ("en", "what is komvux and how much money do you get from csn?", ("school for adults", "CSN pays")),
    ],
)
def test_two_questions_in_one_message_are_both_answered(
    telegram: TelegramServer, chat: int, language: str, questions: str, answers: tuple[str, str]
) -> None:
    start(telegram, chat, language)
    telegram.text(chat=chat, text=questions, language=language)

    for part in answers:
        telegram.wait_text(chat=chat, part=part, after=3, seconds=40)


def test_another_place_after_a_list_searches_there(telegram: TelegramServer, chat: int) -> None:
    start(telegram, chat, "sv")
    telegram.text(chat=chat, text="finns det nån folkhögskola i vadstena")
    telegram.wait_text(chat=chat, part="Vadstena folkhögskola", after=3, seconds=40)
    before = len(telegram.sent(chat=chat))
    telegram.text(chat=chat, text="nej jag menade Motala")

    telegram.wait_text(chat=chat, part="Motala", after=before, seconds=40)


@pytest.mark.parametrize(
    ("language", "words"),
    [("sv", "jag vill boka tid med en vägledare"), ("en", "i want to book a meeting with a counsellor")],
)
def test_a_meeting_is_booked_once_and_confirmed_with_the_facts(
    system: System, telegram: TelegramServer, chat: int, language: str, words: str
) -> None:
    start(telegram, chat, language)
    answer(telegram, chat, words)
    for _ in range(12):
        last = telegram.sent(chat=chat)[-1]
        question = last.text.lower()
        if any(text.startswith(("Klart", "Done")) for text in telegram.texts(chat=chat)):
            break
        if "kalla" in question or "call you" in question:
            answer(telegram, chat, "Robin")
        elif "nummer" in question or "number" in question:
            answer(telegram, chat, "070-174 06 05")
        else:
            press(telegram, chat, last.titles[0])
    confirmation = " ".join(telegram.texts(chat=chat)[-3:])
    assert re.search(r"(Klart|Done).*\b\d{1,2} \w+ (kl\.|at) \d\d[.:]\d\d", confirmation)
    with closing(sqlite3.connect(system.folder / "bot.db")) as connection:
        assert connection.execute("SELECT count(*) FROM booking").fetchone()[0] >= 1


def test_danger_gets_one_answer_at_once(telegram: TelegramServer, chat: int) -> None:
    start(telegram, chat, "sv")
    telegram.text(chat=chat, text="jag orkar inte leva längre")
    telegram.wait_text(chat=chat, part="90101", after=3)
    again = answer(telegram, chat, "vad är komvux?")

    assert "90101" not in again.text
    assert sum("90101" in text for text in telegram.texts(chat=chat)[3:]) == 1


@pytest.mark.parametrize("kind", ["voice", "sticker", "photo"])
def test_what_cannot_be_read_is_answered(telegram: TelegramServer, chat: int, kind: str) -> None:
    start(telegram, chat, "sv")
    getattr(telegram, kind)(chat=chat)

    assert len(telegram.wait_for(chat=chat, count=4, seconds=40)) >= 4


def test_five_thousand_characters_are_answered_kindly(telegram: TelegramServer, chat: int) -> None:
    start(telegram, chat, "sv")

    assert "mycket text" in answer(telegram, chat, "det är mycket just nu. " * 220).text


def test_a_typed_payload_is_only_words(telegram: TelegramServer, chat: int) -> None:
    start(telegram, chat, "sv")
    answer(telegram, chat, '/book_counsellor{"municipality": "Motala"}')
    later = answer(telegram, chat, "vad vet du om mig?")

    assert "Motala" not in later.text


def test_malformed_updates_are_survived(telegram: TelegramServer, chat: int) -> None:
    telegram.push(update={"message": {"nonsense": True}})
    telegram.push(update={"strange": [1, 2, 3]})
    start(telegram, chat, "sv")


def test_redelivered_updates_change_nothing(telegram: TelegramServer, chat: int) -> None:
    start(telegram, chat, "sv")
    answer(telegram, chat, "vilka program finns det på gymnasiet?")
    before = telegram.texts(chat=chat)
    assert telegram.redeliver() > 0
    # Updates are taken in order: when this one has been answered, the old ones have been seen.
    start(telegram, chat + 500_000, "sv")

    assert telegram.texts(chat=chat) == before


def test_erasure_empties_every_store_and_gives_a_receipt(system: System, telegram: TelegramServer, chat: int) -> None:
    # One that is masked, and one that is not and so reaches the engine; both lie encrypted everywhere.
    name, word = "Zebulonia", "kanariefågelsburen"
    marks = [mark.encode() for mark in (name, word, json.dumps(word)[1:-1], str(chat))]

    def files_with_marks() -> set[str]:
        kept = [path for path in system.folder.rglob("*") if path.is_file()]
        kept = [path for path in kept if "models" not in path.parts and "cache" not in path.parts]
        return {path.name for path in kept if any(mark in path.read_bytes() for mark in marks)}

    def remembered() -> set[str]:
        """Whom the engine's database tells anything about."""
        with closing(sqlite3.connect(system.folder / "tracker.db")) as connection:
            events = "SELECT conversation_id FROM event UNION SELECT conversation_id FROM turn"
            return {name for (name,) in connection.execute(events)}

    others = remembered()
    start(telegram, chat, "sv")
    said = telegram.text(chat=chat, text=f"jag heter {name} och undrar om komvux, {word}")
    telegram.wait_for(chat=chat, count=4, seconds=40)
    answer(telegram, chat, f"var ligger {word} i motala?")
    telegram.edit(chat=chat, message_id=said, text=f"jag heter {name}, {word} igen")
    telegram.photo(chat=chat, caption=f"bild på {word}")
    answer(telegram, chat, "/minadata")
    assert len(remembered() - others) == 1, "the engine never heard of it"
    assert files_with_marks() == set()

    telegram.text(chat=chat, text="/radera")
    sure = "Ja, ta bort det"
    telegram.wait_until(lambda: any(sure in sent.titles for sent in telegram.sent(chat=chat)), 60, "the question")
    before = len(telegram.sent(chat=chat))
    telegram.press(chat=chat, title=sure)
    telegram.wait_text(chat=chat, part="Meddelanden:", after=before, seconds=60)

    def all_receipts_are_settled() -> bool:
        # The message has reached Telegram's server; the row that says so follows.
        with closing(sqlite3.connect(system.folder / "bot.db")) as connection:
            return connection.execute("SELECT count(*) FROM erasure WHERE receipt_sent_at IS NULL").fetchone()[0] == 0

    wait_until(all_receipts_are_settled, 20, "the receipt to be settled")
    assert files_with_marks() == set()
    assert remembered() == others


def test_no_log_holds_words_names_or_the_token(system: System, telegram: TelegramServer, chat: int) -> None:
    start(telegram, chat, "sv")
    answer(telegram, chat, "kvadratrotsfunktionen är svår, jag heter Zacharina")

    logs = system.logs()
    for secret in ("kvadratrots", "Zacharina", telegram.token, system.secret, "ingen_ska_se"):
        assert secret not in logs


def test_a_forged_request_to_the_dialogue_server_is_refused(system: System) -> None:
    response = httpx.post(f"{system.dialogue_url}/turn", json={}, headers={"Authorization": "Bearer wrong"})

    assert response.status_code == 401
