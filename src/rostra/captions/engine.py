"""The one small interface behind which a speech engine stands."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from rostra.platform.errors import RostraError

RATE_HZ: Final = 16_000
"""What engines listen to; a third of the media clock's rate."""
Sound = NDArray[np.float32]
"""Mono, at RATE_HZ, full scale at 1.0."""


@dataclass(frozen=True, slots=True)
class Word:
    """start_s, end_s: seconds into the sound; text: with its punctuation, without spaces."""

    start_s: float
    end_s: float
    text: str


class Engine(Protocol):
    def words(self, sound: Sound) -> list[Word]:
        """What is said, in order. Blocks for as long as that takes: call it in a thread of its own."""
        ...


class EngineMissing(RostraError):
    """There is no engine; the text for people says what to install or to set."""

    status, code = HTTPStatus.SERVICE_UNAVAILABLE, "captions_engine_missing"
