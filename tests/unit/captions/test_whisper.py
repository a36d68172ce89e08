"""A model that cannot work is named at once, with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostra.captions.engine import EngineMissing
from rostra.captions.whisper import Whisper


def test_a_model_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineMissing) as caught:
        Whisper.load(str(tmp_path / "missing"), language="en", threads=1)
    assert "lacks model.bin and config.json" in caught.value.user_message
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes(b"{}")
    with pytest.raises(EngineMissing) as caught:
        Whisper.load(str(tmp_path), language="en", threads=1)
    assert "cannot be loaded" in caught.value.user_message


def test_a_model_that_does_not_know_the_language_is_named() -> None:
    with pytest.raises(EngineMissing) as caught:
        Whisper.load("bundled", language="de", threads=1)
    assert "knows English only" in caught.value.user_message
