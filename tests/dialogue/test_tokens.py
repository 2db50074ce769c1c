"""Tokens: punctuation cut off, placeholders whole, positions right."""

import pytest
from dialogue.nlu.tokens import SpacyWords
from rasa.shared.nlu.training_data.message import Message


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("hej, jag heter <person_name_1>.", ["hej", ",", "jag", "heter", "<person_name_1>", "."]),
        ("(<phone_number_12>) ring!", ["(", "<phone_number_12>", ")", "ring", "!"]),
        ("csn-lån på komvux?", ["csn-lån", "på", "komvux", "?"]),
        ("  ", []),
        ("", []),
    ],
)
def test_a_text_is_cut_into_words(text: str, tokens: "list[str]") -> None:
    found = SpacyWords(SpacyWords.get_default_config()).tokenize(Message({"text": text}), "text")
    assert [token.text for token in found] == tokens
    assert all(text[token.start : token.end] == token.text for token in found)
