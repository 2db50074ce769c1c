"""Tokens of a message by spaCy's blank Swedish pipeline, which also cuts English well. Named in config.yml.

Placeholders of what was masked (`<person_name_1>`) stay whole. No trained spaCy model is needed.
"""

from __future__ import annotations

import re
from typing import Any, Dict, List

import spacy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

_PLACEHOLDER = re.compile(r"<[a-z_]+_\d+>")
_PLACEHOLDER_AT_END = re.compile(r"<[a-z_]+_\d+>$")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class SpacyWords(Tokenizer):
    """Cuts punctuation from words, and leaves abbreviations and placeholders whole."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Options of Rasa's tokenizers; ours has none of its own."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    def __init__(self, config: Dict[str, Any]) -> None:
        super().__init__(config)
        self._spacy = spacy.blank("sv").tokenizer
        known, affixes = self._spacy.token_match, (self._spacy.prefix_search, self._spacy.suffix_search)
        self._spacy.token_match = lambda text: _PLACEHOLDER.fullmatch(text) or (known and known(text))
        # "<" and ">" are cut off as punctuation otherwise.
        self._spacy.prefix_search = lambda text: None if _PLACEHOLDER.match(text) else affixes[0](text)
        self._spacy.suffix_search = lambda text: None if _PLACEHOLDER_AT_END.search(text) else affixes[1](text)

    @classmethod
    def create(cls, config: Dict[str, Any], *_: Any) -> SpacyWords:
        """See GraphComponent."""
        return cls(config)

    @staticmethod
    def required_packages() -> List[str]:
        """What must be installed."""
        return ["spacy"]

    def tokenize(self, message: Message, attribute: str) -> List[Token]:
        """Return the tokens of a text; a text of nothing but spaces has none."""
        found = self._spacy(message.get(attribute) or "")
        return [Token(token.text, token.idx) for token in found if not token.is_space]
