"""The entity extractor that config.yml names: reads the catalogue in training, keeps it in the model.

Combines the recognisers of this package and settles overlaps.
"""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import datetime
from pathlib import Path
from typing import Any, Dict, List, Optional

import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from dialogue.clock import STOCKHOLM
from dialogue.nlu.entities import ages, forms, placeholders, places, programmes, providers, times
from dialogue.nlu.entities.words import Found, words_of

_WHEN = re.compile(r"(?: år)? ?(?:på|den|on|the|om|in|nu|now)? ?", re.IGNORECASE)
FILES = ("municipalities", "localities", "programmes", "providers")


class Recognisers:
    """All recognisers, built from what the model keeps."""

    def __init__(self, data: Dict[str, Any]) -> None:
        self._places = places.Places(data["places"])
        self._programmes = programmes.Programmes(data["programmes"])
        self._providers = providers.Providers(data["providers"])

    def find(self, text: str, language: str, now: datetime, intent: Optional[str] = None) -> List[Found]:
        """All entities of a message, in order; `intent` is what the classifier made of it, where one has run."""
        text = unicodedata.normalize("NFC", text)
        words = words_of(text)
        named = self._providers.find(words)
        education = [
            one for one in forms.find_forms(text) if not (one.value == "upper_secondary" and _inside(one, named))
        ]
        municipalities = [
            one
            for one in self._places.find(words, language)
            if not _inside(one, named) or self._places.is_name(text[one.start : one.end])
        ]
        studied = [
            one
            for one in self._programmes.find(text, language, intent, bool(named))
            if not _inside(one, named + education)
        ]
        old = ages.find(text, now.date())
        when = [one for one in times.find(text, now) if not any(_of_birthday(one, age, text) for age in old)]
        found = [*named, *education, *municipalities, *studied, *old, *when, *placeholders.find(text)]
        return sorted(found, key=lambda one: (one.start, one.entity))


def _of_birthday(time: Found, age: Found, text: str) -> bool:
    """Whether a time is the age itself, or says when the birthday is: "fyller 18 nästa månad"."""
    return time.overlaps(age) or bool(_WHEN.fullmatch(text[age.end : time.start]) and age.end <= time.start)


def _inside(one: Found, others: List[Found]) -> bool:
    return any(one.overlaps(other) for other in others)


def read_catalogue(config: Dict[str, Any]) -> Dict[str, Any]:
    """Read the files that the options name (relative to the project) into what the model keeps."""
    rows: Dict[str, List[Dict[str, Any]]] = {}
    for name in FILES:
        pattern = config.get(name)
        files = sorted(Path().glob(pattern)) if pattern else []
        rows[name] = [row for file in files for row in (yaml.safe_load(file.read_text("utf-8")) or {}).get(name) or []]
    kept = places.gazetteer(rows["municipalities"], rows["localities"])
    known = places.Places(kept)
    return {
        "places": kept,
        "programmes": programmes.gazetteer(rows["programmes"]),
        "providers": providers.gazetteer(rows["providers"], known),
    }


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class RuleEntities(EntityExtractorMixin, GraphComponent):
    """Sets the entities of each message by gazetteers and rules."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Options: paths of the catalogue files, relative to the project; a pattern may name several."""
        return dict.fromkeys(FILES)

    def __init__(self, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config, self._model_storage, self._resource = config, model_storage, resource
        self.recognisers: Optional[Recognisers] = None

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RuleEntities:
        """See GraphComponent."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Read the catalogue and keep it in the model."""
        data = read_catalogue(self._config)
        with self._model_storage.write_to(self._resource) as folder:
            (folder / "gazetteers.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> RuleEntities:
        """Read what training kept."""
        loaded = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            loaded.recognisers = Recognisers(json.loads((folder / "gazetteers.json").read_text(encoding="utf-8")))
        return loaded

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the entities of each message."""
        for message in messages:
            text = message.get(TEXT)
            if not text or text.startswith("/") or self.recognisers is None:
                continue
            metadata = message.get("metadata") or {}
            now = datetime.fromisoformat(metadata["now"]) if metadata.get("now") else datetime.now(STOCKHOLM)
            intent = (message.get("intent") or {}).get("name")
            language = metadata.get("language") or "sv"
            found = self.recognisers.find(text, language, now.astimezone(STOCKHOLM), intent)
            entities = [
                {
                    "entity": one.entity,
                    "value": one.value,
                    "start": one.start,
                    "end": one.end,
                    "extractor": "RuleEntities",
                }
                for one in found
            ]
            message.set(ENTITIES, (message.get(ENTITIES) or []) + entities, add_to_output=True)
        return messages
