"""Any audio file as blocks of 20 ms."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from rostra.media.clock import BLOCK_SAMPLES, SAMPLE_RATE_HZ
from rostra.platform.clock import Clock
from rostra.stage.errors import SoundUnreadable
from rostra.stage.opus import Pcm

_BLOCK_US: Final = BLOCK_SAMPLES * 1_000_000 // SAMPLE_RATE_HZ


class SoundFile:
    """Iterates over the file's first audio stream as 48 kHz mono blocks of 960 samples, the last one padded.

    loop: begin again at the end, for ever. in_step: a clock; the first round then begins where it would be if the
    file had looped since 1970, so that speakers on several machines who loop files of one length stay in step.
    Raises SoundUnreadable when made, if there is no sound in it.
    """

    def __init__(self, path: Path, *, loop: bool = False, in_step: Clock | None = None) -> None:
        self._path = path
        self._loop = loop
        self._in_step = in_step
        self._blocks = sum(1 for _ in (self._once() if in_step else islice(self._once(), 1)))
        if not self._blocks:
            raise SoundUnreadable(f"{path}: no samples")

    def __iter__(self) -> Iterator[Pcm]:
        skipped = self._in_step.now_us() // _BLOCK_US % self._blocks if self._in_step else 0
        yield from islice(self._once(), skipped, None)
        while self._loop:
            yield from self._once()

    def _once(self) -> Iterator[Pcm]:
        resampler = AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE_HZ, frame_size=BLOCK_SAMPLES)
        try:
            with av.open(str(self._path)) as container:
                if not container.streams.audio:
                    raise SoundUnreadable(f"{self._path}: no audio stream")
                for frame in container.decode(audio=0):
                    for piece in resampler.resample(frame):
                        yield _block(piece.to_ndarray())
                for piece in resampler.resample(None):
                    yield _block(piece.to_ndarray())
        except (av.FFmpegError, OSError) as error:
            raise SoundUnreadable(f"{self._path}: {error}", user_message=_sentence(self._path, error)) from error


def _block(samples: NDArray[Any]) -> Pcm:
    flat: Pcm = samples.reshape(-1).astype(np.float32, copy=False)
    return flat if len(flat) == BLOCK_SAMPLES else np.pad(flat, (0, BLOCK_SAMPLES - len(flat)))


def _sentence(path: Path, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"There is no file {path}. Check the path."
    if isinstance(error, PermissionError):
        return f"The file {path} may not be read. Check its permissions."
    if isinstance(error, IsADirectoryError):
        return f"{path} is a folder. Name a sound file in it."
    return f"{path} holds no sound that Rostra can read. Give it a WAV, MP3, Ogg, FLAC or M4A file."
