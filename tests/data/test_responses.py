"""The languages agree, buttons work, and facts have sources."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from typing import Any

import pytest

from actions.answers import YES_IS_THE_FIRST_BUTTON
from actions.knowledge import Knowledge
from bot.catalogue.kinds import ProviderKind
from bot.languages import Language
from bot.plain import MAX_TITLE
from tests.data.each import of_each
from tests.data.project_files import ROOT, Variation, domain, intents, read, variations
from tests.data.test_plain_language import EXAMPLES

BY_NAME: dict[str, list[Variation]] = defaultdict(list)
for _one in variations():
    BY_NAME[_one.name].append(_one)
FACTS: dict[str, dict[str, Any]] = {fact["id"]: fact for fact in read(ROOT / "data/knowledge/facts.yml")["facts"]}

FORMS = tuple(domain()["forms"])
# Every word of the rules, the tables and the code of the actions, names of responses among them.
USED = {
    word.lower()
    for folder, pattern in (
        ("data/rules", "*.yml"),
        ("data/knowledge", "*.yml"),
        ("actions", "*.py"),
        ("bot/catalogue", "bubbles.py"),
    )
    for path in (ROOT / folder).glob(pattern)
    for word in re.findall(r"\butter_\w+", path.read_text(encoding="utf-8"), re.IGNORECASE)
}

# Said by the bot program as they stand: it fills in no payloads.
OF_THE_PROGRAM = {"chat.yml", "handover.yml", "my_data.yml", "crisis.yml", "reminders.yml"}
OWN_BUTTONS = {
    "human", "back", "delete_yes", "delete_no", "language_sv", "language_en", "privacy", "menu", "safe_under18",
    "retry", "calendar", "coming", "not_now", "helped_yes", "helped_some", "helped_no", "helped_none", "check_ins",
    "check_in_weekly", "check_in_silence", "stop_reminders", "reminder_show", "week_good", "week_ok", "week_hard",
    "plan", "plan_goal", "plan_step", "plan_done_",
    "place_no", "summary_ok", "summary_edit", "summary_none", "message", "wait", "more", "my_data",
}  # fmt: skip
_DIGITS = re.compile(r"\b(?:\d[\d-]*(?: \d{2,3})+|\d{3,5})\b")

every_name = of_each(sorted(BY_NAME), str)
every_variation = of_each(variations(), lambda one: f"{one.name}-{one.language}")


def test_every_key_stands_in_one_file() -> None:
    files = Counter(name for path in (ROOT / "data/responses").glob("*.yml") for name in read(path)["responses"])
    assert [name for name, count in files.items() if count > 1] == []


@every_name
def test_every_response_of_the_dialogue_is_said_somewhere(name: str) -> None:
    if BY_NAME[name][0].file in OF_THE_PROGRAM or name.startswith(tuple(f"utter_ask_{form}_" for form in FORMS)):
        return
    assert name in USED, "nobody says it: take it away"


@every_name
def test_swedish_stands_first_without_a_condition_and_english_with_one(name: str) -> None:
    conditions = [one.condition for one in BY_NAME[name]]
    assert conditions == [(), (("slot", "language", "en"),)]
    for one in BY_NAME[name]:
        assert one.keys <= {"text", "buttons", "condition", "metadata"}, "a channel would beat the language"
        assert name.startswith("utter_")


@every_name
def test_both_languages_have_the_same_buttons_placeholders_and_facts(name: str) -> None:
    swedish, english = BY_NAME[name]
    if name not in ("utter_welcome", "utter_privacy_short", "utter_language_changed"):
        # These three offer the other language.
        assert [payload for _, payload in swedish.buttons] == [payload for _, payload in english.buttons]
    assert len(swedish.buttons) == len(english.buttons)
    assert swedish.placeholders == english.placeholders
    assert swedish.facts == english.facts


@every_name
def test_english_is_not_left_in_swedish(name: str) -> None:
    swedish, english = BY_NAME[name]
    if name not in ("utter_now_in_swedish", "utter_now_in_english", "utter_provider_note"):
        assert swedish.text != english.text


@every_variation
def test_payloads_name_what_exists_and_survive_filling_in(one: Variation) -> None:
    for _, payload in one.buttons:
        if payload.startswith("bot:"):
            assert payload.removeprefix("bot:") in OWN_BUTTONS
            continue
        # What Rasa makes of it: doubled braces become single ones, names in single braces are filled in.
        filled = payload.format(**EXAMPLES)
        if filled.startswith("url:"):
            assert filled.startswith("url:https://")
            continue
        found = re.fullmatch(r"/([a-z_0-9]+)(\{.*\})?", filled)
        assert found, payload
        assert found[1] in intents()
        assert set(json.loads(found[2] or "{}")) <= set(domain()["entities"])


@every_variation
def test_the_bot_program_s_buttons_need_no_filling_in(one: Variation) -> None:
    if one.file in OF_THE_PROGRAM:
        assert all("{" not in payload for _, payload in one.buttons)


@every_variation
def test_no_brace_is_left_over_in_a_text(one: Variation) -> None:
    assert "{" not in one.text.format(**EXAMPLES)
    assert one.placeholders <= set(EXAMPLES)


@every_variation
def test_every_number_to_call_is_that_of_its_fact(one: Variation) -> None:
    if one.file not in {"crisis.yml", "chat.yml", "handover.yml"}:
        return
    stated = " ".join(FACTS[name][f"statement_{one.language}"] for name in one.facts)
    for number in _DIGITS.findall(one.text):
        assert number in stated, f"{number} is in no fact that the text names"


def test_the_tables_of_knowledge_name_what_exists_and_titles_fit() -> None:
    knowledge = Knowledge.load(ROOT / "data" / "knowledge")
    assert set(knowledge.kinds) == {str(kind) for kind in ProviderKind}
    for titles in knowledge.topics.values():
        assert all(0 < len(titles[language]) <= MAX_TITLE for language in Language)


@pytest.mark.parametrize("name", sorted(YES_IS_THE_FIRST_BUTTON))
def test_what_takes_a_yes_asks_something_and_has_a_button_for_it(name: str) -> None:
    for one in BY_NAME[name]:
        assert one.buttons
        assert "?" in one.text or name == "utter_ask_new_time_one"


@every_variation
def test_what_is_said_to_somebody_who_feels_bad_offers_people_and_never_the_same_school(one: Variation) -> None:
    if one.file != "wellbeing.yml":
        return
    payloads = [payload for _, payload in one.buttons]
    assert payloads[0] == "bot:human"
    said = " ".join([one.text, *(title for title, _ in one.buttons)]).lower()
    assert not re.search(r"samma skola|din skola|tillbaka till skolan|same school|your school|back to school", said)
