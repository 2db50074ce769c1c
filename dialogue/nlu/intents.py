"""The intent classifier: embeddings and n-grams, calibrated, with a refusal for what is out of scope.

Named in config.yml. Gives the full ranking; out of scope is always the intent `nlu_fallback`.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any, Dict, List, Optional

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME as FALLBACK
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from dialogue.nlu import kept, linear, refusal
from dialogue.nlu.ngrams import NgramVectors

logger = logging.getLogger(__name__)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class CalibratedClassifier(IntentClassifier, GraphComponent):
    """Multinomial logistic regression with temperature calibration and refusal."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Options, tuned once on held-out messages; see docs/decisions/0002-dialogue-engine.md."""
        return {"strength": 60.0, "dense_share": 1.0, "held_out": 0.25, "refuse_in_scope": 0.05, "seed": 7}

    def __init__(self, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self.config = config
        self._model_storage, self._resource = model_storage, resource
        self.intents: List[str] = []
        self.model: Optional[linear.LinearModel] = None
        self.ngrams: Optional[NgramVectors] = None
        self.temperature = 1.0
        self.refusal: Optional[refusal.Refusal] = None
        self.neighbours: Optional[refusal.Neighbours] = None

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> CalibratedClassifier:
        """See GraphComponent."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from all intent examples and keep the result in the model."""
        examples = [message for message in training_data.intent_examples if message.get(TEXT) and message.get(INTENT)]
        if examples:
            texts, names = [message.get(TEXT) for message in examples], [message.get(INTENT) for message in examples]
            dense = _dense(examples)
            kept_as = kept.key(texts, names, dense, self.config)
            with self._model_storage.write_to(self._resource) as folder:
                if not kept.fetch(kept_as, folder):
                    self.learn(texts, names, dense)
                    self._write(folder)
                    kept.keep(kept_as, folder)
        return self._resource

    def learn(self, texts: List[str], names: List[str], dense: np.ndarray) -> None:
        """Fit everything; `dense` has a row per text, and no columns without embeddings."""
        self.intents = sorted(set(names))
        labels = np.array([self.intents.index(name) for name in names])
        self.ngrams = NgramVectors.learn(texts)
        features = linear.Features(dense, self.ngrams.matrix(texts))
        fallback = self.intents.index(FALLBACK) if FALLBACK in self.intents else -1
        self.neighbours = refusal.Neighbours(dense, labels, fallback)
        rehearsal = self._calibrate(features, labels, fallback) if len(texts) >= 10 * len(self.intents) else None
        self.model = self._fit(features, labels, rehearsal)

    def _fit(
        self, features: linear.Features, labels: np.ndarray, start: Optional[linear.LinearModel] = None
    ) -> linear.LinearModel:
        sizes = np.bincount(labels, minlength=len(self.intents))
        weights = 1 / np.sqrt(sizes[labels])
        options = {"strength": self.config["strength"], "dense_share": self.config["dense_share"]}
        return linear.fit(features, labels, len(self.intents), weights=weights, start=start, **options)

    def _calibrate(self, features: linear.Features, labels: np.ndarray, fallback: int) -> linear.LinearModel:
        """Temperature and refusal from rows that the model which judges them has not seen; returns that model."""
        aside = linear.held_out(labels, self.config["held_out"], self.config["seed"])
        held, seen = np.flatnonzero(aside), np.flatnonzero(~aside)
        rehearsal = self._fit(features.rows(seen), labels[seen])
        scores = rehearsal.scores(features.rows(held))
        known = refusal.Neighbours(features.dense[seen], labels[seen], fallback)
        near = known.look(features.dense[held], _best_inside(scores, fallback))
        labels = labels[held]
        self.temperature = linear.temperature_for(scores, labels)
        right = float((scores.argmax(axis=1) == labels).mean())
        logger.info("intents.held_out", extra={"fields": {"accuracy": round(right, 4), "examples": len(labels)}})
        if fallback >= 0 and (labels == fallback).sum() >= 20:
            rows = refusal.doubts(linear.softmax(scores, self.temperature), fallback, near)
            self.refusal = refusal.learn(rows, labels == fallback, self.config["refuse_in_scope"])
        return rehearsal

    def process(self, messages: List[Message]) -> List[Message]:
        """Set intent and full ranking of each message."""
        wanted = [message for message in messages if message.get(TEXT) and not (message.get(INTENT) or {}).get("name")]
        if not wanted or self.model is None:
            return messages
        for message, ranking in zip(wanted, self.rank([m.get(TEXT) for m in wanted], _dense(wanted))):
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def rank(self, texts: List[str], dense: np.ndarray) -> List[List[Dict[str, Any]]]:
        """All intents for each text, most likely first."""
        assert self.model is not None and self.ngrams is not None and self.neighbours is not None
        wide = self.model.dense.shape[0]
        if dense.shape[1] != wide:  # a model trained with embeddings, served without, or the reverse
            dense = np.tile(self.model.mean, (len(texts), 1))
        scores = self.model.scores(linear.Features(dense, self.ngrams.matrix(texts)))
        chances = linear.softmax(scores, self.temperature)
        if self.refusal is not None:
            fallback = self.intents.index(FALLBACK)
            near = self.neighbours.look(dense, _best_inside(scores, fallback))
            outside = self.refusal.chance(refusal.doubts(chances, fallback, near))
            outside[[refusal.is_nonsense(text) for text in texts]] = 0.99
            chances = _merge(chances, fallback, outside, self.refusal.threshold)
        return [
            [{"name": self.intents[place], "confidence": float(row[place])} for place in np.argsort(-row)]
            for row in chances
        ]

    def _write(self, folder: Path) -> None:
        assert self.model is not None and self.ngrams is not None and self.neighbours is not None
        arrays = {**self.model.arrays(), "gram_weights": self.ngrams.weights}
        arrays.update(
            neighbour_vectors=self.neighbours.vectors.astype(np.float16), neighbour_labels=self.neighbours.labels
        )
        np.savez_compressed(folder / "weights.npz", **arrays)
        words = {
            "intents": self.intents,
            "temperature": self.temperature,
            "refusal": self.refusal.as_dict() if self.refusal else None,
            "vocabulary": self.ngrams.vocabulary,
        }
        (folder / "classifier.json").write_text(json.dumps(words), encoding="utf-8")

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> CalibratedClassifier:
        """Read what training kept."""
        loaded = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            words = json.loads((folder / "classifier.json").read_text(encoding="utf-8"))
            with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
                names = ("mean", "scale", "dense", "sparse", "bias")
                loaded.model = linear.LinearModel(**{name: arrays[name] for name in names})
                loaded.ngrams = NgramVectors(words["vocabulary"], arrays["gram_weights"])
                vectors, labels = arrays["neighbour_vectors"].astype(np.float32), arrays["neighbour_labels"]
        loaded.intents = words["intents"]
        loaded.temperature = words["temperature"]
        loaded.refusal = refusal.Refusal(**words["refusal"]) if words["refusal"] else None
        fallback = loaded.intents.index(FALLBACK) if FALLBACK in loaded.intents else -1
        loaded.neighbours = refusal.Neighbours(vectors, labels, fallback)
        return loaded


def _dense(messages: List[Message]) -> np.ndarray:
    """The embeddings that the featurizer left on the messages; no columns when it left none."""
    rows = []
    for message in messages:
        _, sentence = message.get_dense_features(TEXT)
        if sentence is None:
            return np.zeros((len(messages), 0), np.float32)
        rows.append(np.asarray(sentence.features, np.float32).reshape(-1))
    return np.stack(rows)


def _best_inside(scores: np.ndarray, fallback: int) -> np.ndarray:
    """The best intent that is not the fallback, a row per message."""
    if fallback < 0:
        return scores.argmax(axis=1)
    inside = scores.copy()
    inside[:, fallback] = -np.inf
    return inside.argmax(axis=1)


def _merge(chances: np.ndarray, fallback: int, outside: np.ndarray, threshold: float) -> np.ndarray:
    """Put the refusal into the ranking: the fallback comes first exactly when the message is refused."""
    inside = chances.copy()
    inside[:, fallback] = 0
    inside /= inside.sum(axis=1, keepdims=True) + 1e-9
    refused = outside >= threshold
    best = inside.max(axis=1)
    confident = np.maximum(outside, 0.51)
    modest = np.minimum(outside, 0.9 * best / (1 + best))
    share = np.where(refused, confident, modest)
    result = inside * (1 - share)[:, None]
    result[:, fallback] = share
    return result
