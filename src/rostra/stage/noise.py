"""Noise suppression for those who speak beside a fan or a street: RNNoise, by its own C library.

Optional: the library comes with the extra `noise` (the package pyrnnoise, of which nothing but the library is used).
It works on 10 ms at 48 kHz, delays by 20 ms, and costs about 25 ms of CPU for each second that somebody speaks.
Source: J.-M. Valin, "A Hybrid DSP/Deep Learning Approach to Real-Time Full-Band Speech Enhancement", 2018.
"""

from __future__ import annotations

import ctypes
import importlib.util
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Final

import numpy as np

from rostra.platform.errors import RostraError
from rostra.stage.opus import Pcm
from rostra.stage.voice import SILENT_BLOCK

FRAME: Final = 480
DELAY: Final = 960
"""Samples by which the voice comes out later."""
SCALE: Final = 32768.0
"""The library counts in 16-bit steps."""
_float_p: Final = ctypes.POINTER(ctypes.c_float)


class NoiseLibraryMissing(RostraError):
    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "noise_library_missing"
    user_message = (
        "noise_suppression is on, but the library for it is not installed. Install it with "
        "`.venv/bin/uv pip install --no-deps --require-hashes -r requirements/noise.txt`, or switch the setting off."
    )


@cache
def library() -> ctypes.CDLL:
    """The loaded library with its signatures. Raises NoiseLibraryMissing."""
    found = importlib.util.find_spec("pyrnnoise")
    if found is None or found.origin is None:
        raise NoiseLibraryMissing("no package pyrnnoise")
    try:
        lib = ctypes.CDLL(str(Path(found.origin).with_name("librnnoise.so")))
        lib.rnnoise_create.restype = ctypes.c_void_p
        lib.rnnoise_create.argtypes = [ctypes.c_void_p]
        lib.rnnoise_destroy.restype = None
        lib.rnnoise_destroy.argtypes = [ctypes.c_void_p]
        lib.rnnoise_process_frame.restype = ctypes.c_float
        lib.rnnoise_process_frame.argtypes = [ctypes.c_void_p, _float_p, _float_p]
        frame = lib.rnnoise_get_frame_size()
    except (OSError, AttributeError) as error:
        raise NoiseLibraryMissing(f"librnnoise: {error}") from error
    if frame != FRAME:
        raise NoiseLibraryMissing(f"librnnoise works on {frame} samples")
    return lib


class NoiseSuppressor:
    """One voice. Blocks have 960 samples; what comes out is `DELAY` later."""

    def __init__(self) -> None:
        self._lib = library()
        self._state = ctypes.c_void_p(self._lib.rnnoise_create(None))

    def __del__(self) -> None:
        if (state := getattr(self, "_state", None)) is not None:
            self._lib.rnnoise_destroy(state)

    def clean(self, block: Pcm) -> Pcm:
        """The block without its noise. Nobody there costs nothing."""
        if block is SILENT_BLOCK:
            return block
        loud = np.ascontiguousarray(block * np.float32(SCALE))
        for at in range(0, len(loud), FRAME):
            frame = loud[at : at + FRAME].ctypes.data_as(_float_p)
            self._lib.rnnoise_process_frame(self._state, frame, frame)
        return loud * np.float32(1 / SCALE)
