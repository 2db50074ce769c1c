"""Texts that grow as they are normalised must not reach the C library as they are: it writes past its buffer then."""

from dialogue.nlu.embedding import Encoder


def test_ligatures_that_grow_do_no_harm():
    # In a program of its own a fault here would be a crash; here it ends the whole run, which is as plain.
    vectors = Encoder("original").encode(["\ufdfa " * 100, "\ufdfa" * 100, "hej"])
    assert vectors.shape == (3, 384)
