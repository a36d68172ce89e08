"""Opus by libopus itself, for what FFmpeg's wrapper cannot do: in-band FEC, concealment, complexity.

The library is the copy inside the PyAV wheel, so nothing has to be installed; the system's is the second
choice. Everything is 48 kHz mono, 32-bit float. API: opus_decoder and opus_encoder of libopus 1.5.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from enum import Enum, auto
from functools import cache
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

from rostra.media.clock import BLOCK_SAMPLES, SAMPLE_RATE_HZ
from rostra.stage.errors import CodecMissing

Pcm = NDArray[np.float32]

BITRATE_BPS: Final = 32_000
COMPLEXITY: Final = 5
HURRIED: Final = 1
"""Less than half of what 5 costs (117 us for 271), and no more than 0 does; the loss is small against a talk of many
voices.
"""
EXPECTED_LOSS_PCT: Final = 10
"""Tells the encoder how much FEC to spend: at 32 kbit/s, libopus 1.6 sends none at all below 10."""
MAX_SAMPLES: Final = SAMPLE_RATE_HZ * 120 // 1000
"""An Opus packet holds at most 120 ms (RFC 6716, 3.2.5)."""
MAX_PACKET_BYTES: Final = 1275 * 3 + 7
SILENT_PACKET: Final = bytes((0xF8, 0xFF, 0xFE))
"""20 ms of full-band mono CELT silence: what an encoder sends for digital silence."""

LOOKAHEAD: Final = 312
"""Samples by which an encoder's sound is behind what it was given."""

_APPLICATION_VOIP: Final = 2048
_APPLICATION_AUDIO: Final = 2049
_SET_BITRATE: Final = 4002
_SET_COMPLEXITY: Final = 4010
_SET_INBAND_FEC: Final = 4012
_SET_PACKET_LOSS: Final = 4014
_SET_SIGNAL: Final = 4024
_AUTO, _MUSIC = -1000, 3002
_float_p: Final = ctypes.POINTER(ctypes.c_float)


@cache
def library() -> ctypes.CDLL:
    """The loaded library with its signatures. Raises CodecMissing."""
    beside_av = Path(av.__file__).parent.parent / "av.libs"
    candidates = [str(path) for path in sorted(beside_av.glob("libopus-*.so*"))]
    if (of_the_system := ctypes.util.find_library("opus")) is not None:
        candidates.append(of_the_system)
    failures = []
    for candidate in candidates:
        try:
            return _with_signatures(ctypes.CDLL(candidate))
        except (OSError, AttributeError) as error:
            failures.append(f"{candidate}: {error}")
    raise CodecMissing("; ".join(failures) or f"no libopus in {beside_av} nor in the system")


def _with_signatures(lib: ctypes.CDLL) -> ctypes.CDLL:
    error_p = ctypes.POINTER(ctypes.c_int)
    lib.opus_strerror.restype = ctypes.c_char_p
    lib.opus_strerror.argtypes = [ctypes.c_int]
    lib.opus_decoder_create.restype = ctypes.c_void_p
    lib.opus_decoder_create.argtypes = [ctypes.c_int32, ctypes.c_int, error_p]
    lib.opus_decoder_destroy.restype = None
    lib.opus_decoder_destroy.argtypes = [ctypes.c_void_p]
    lib.opus_decode_float.restype = ctypes.c_int
    lib.opus_decode_float.argtypes = [
        ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int32, _float_p, ctypes.c_int, ctypes.c_int,
    ]  # fmt: skip
    lib.opus_encoder_create.restype = ctypes.c_void_p
    lib.opus_encoder_create.argtypes = [ctypes.c_int32, ctypes.c_int, ctypes.c_int, error_p]
    lib.opus_encoder_destroy.restype = None
    lib.opus_encoder_destroy.argtypes = [ctypes.c_void_p]
    lib.opus_encode_float.restype = ctypes.c_int32
    lib.opus_encode_float.argtypes = [
        ctypes.c_void_p, _float_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int32,
    ]  # fmt: skip
    lib.opus_encoder_ctl.restype = ctypes.c_int
    return lib


def packet_samples(payload: bytes) -> int:
    """Duration of a packet in samples at 48 kHz, 0 if it is no Opus packet. Source: RFC 6716, section 3."""
    if not payload:
        return 0
    config, code = payload[0] >> 3, payload[0] & 3
    if config < 12:
        frame = (480, 960, 1920, 2880)[config & 3]
    elif config < 16:
        frame = (480, 960)[config & 1]
    else:
        frame = (120, 240, 480, 960)[config & 3]
    if code == 3 and len(payload) < 2:
        return 0
    count = (1, 2, 2, payload[1] & 0x3F if code == 3 else 0)[code]
    samples = frame * count
    return samples if samples <= MAX_SAMPLES else 0


def _state(lib: ctypes.CDLL, pointer: Any, error: ctypes.c_int) -> ctypes.c_void_p:
    if not pointer or error.value != 0:
        raise CodecMissing(f"libopus: {lib.opus_strerror(error.value).decode()}")
    return ctypes.c_void_p(pointer)


class Decoder:
    """Opus of any channel count → mono PCM. One per stream, since it remembers."""

    def __init__(self) -> None:
        self._lib = library()
        error = ctypes.c_int(0)
        self._state = _state(self._lib, self._lib.opus_decoder_create(SAMPLE_RATE_HZ, 1, ctypes.byref(error)), error)
        self._pcm: Pcm = np.zeros(MAX_SAMPLES, np.float32)
        self._pcm_p = self._pcm.ctypes.data_as(_float_p)

    def __del__(self) -> None:
        if (state := getattr(self, "_state", None)) is not None:
            self._lib.opus_decoder_destroy(state)

    def decode(self, payload: bytes) -> Pcm | None:
        """The sound of a packet; None for bytes that are no Opus packet."""
        return self._decoded(payload, MAX_SAMPLES, fec=0)

    def rebuild(self, successor: bytes, samples: int) -> Pcm | None:
        """The lost packet before `successor`, from its FEC copy if it carries one, else concealed."""
        return self._decoded(successor, samples, fec=1)

    def conceal(self, samples: int) -> Pcm | None:
        """A guess at a lost packet of `samples` (a multiple of 2.5 ms), fading out when asked for again."""
        return self._decoded(None, samples, fec=0)

    def _decoded(self, payload: bytes | None, samples: int, *, fec: int) -> Pcm | None:
        size = len(payload) if payload is not None else 0
        count = self._lib.opus_decode_float(self._state, payload, size, self._pcm_p, samples, fec)
        return self._pcm[:count].copy() if count > 0 else None


class Effort(Enum):
    """How to encode what a speaker hears.

    CROWD is for many who talk at once. The model of one voice (SILK, which alone carries FEC) does not fit them; the
    transform (CELT) takes half the time and is understood better even where packets are lost: twelve voices, 32 kbit/s,
    STOI without loss 0.971 (SILK with FEC: 0.911), with 5 % 0.922 (0.883), with 10 % 0.869 (0.855), and in the whole
    band. One voice it serves worse: 0.948 (0.973) with 5 %.
    """

    USUAL = auto()
    LITTLE = auto()
    CROWD = auto()


class Encoder:
    """Mono PCM → Opus packets of 20 ms.

    programme: for whoever gets every packet, so with the full band; for speakers' lines with in-band FEC instead.
    """

    def __init__(
        self, *, bitrate_bps: int = BITRATE_BPS, complexity: int = COMPLEXITY, programme: bool = False
    ) -> None:
        self._lib = library()
        error = ctypes.c_int(0)
        application = _APPLICATION_AUDIO if programme else _APPLICATION_VOIP
        pointer = self._lib.opus_encoder_create(SAMPLE_RATE_HZ, 1, application, ctypes.byref(error))
        self._state = _state(self._lib, pointer, error)
        for request, value in (
            (_SET_BITRATE, bitrate_bps),
            (_SET_COMPLEXITY, complexity),
            (_SET_INBAND_FEC, 0 if programme else 1),
            (_SET_PACKET_LOSS, 0 if programme else EXPECTED_LOSS_PCT),
        ):
            if self._lib.opus_encoder_ctl(self._state, ctypes.c_int(request), ctypes.c_int32(value)) != 0:
                raise CodecMissing(f"libopus refused setting {request} = {value}")
        self._packet = ctypes.create_string_buffer(MAX_PACKET_BYTES)
        self._pcm: Pcm = np.zeros(BLOCK_SAMPLES, np.float32)
        self._pcm_p = self._pcm.ctypes.data_as(_float_p)
        self._usual = complexity
        self._effort = Effort.USUAL

    def spend(self, effort: Effort) -> None:
        """Encode like this from now on."""
        if effort is self._effort:
            return
        self._effort = effort
        crowd = effort is Effort.CROWD
        for request, value in (
            (_SET_COMPLEXITY, self._usual if effort is Effort.USUAL else min(HURRIED, self._usual)),
            (_SET_SIGNAL, _MUSIC if crowd else _AUTO),
            (_SET_INBAND_FEC, 0 if crowd else 1),
        ):
            self._lib.opus_encoder_ctl(self._state, ctypes.c_int(request), ctypes.c_int32(value))

    def __del__(self) -> None:
        if (state := getattr(self, "_state", None)) is not None:
            self._lib.opus_encoder_destroy(state)

    def encode(self, block: Pcm) -> bytes:
        """One packet for one block of 960 samples. Raises ValueError for any other length."""
        if block.shape != (BLOCK_SAMPLES,):
            raise ValueError(f"a block has {BLOCK_SAMPLES} samples, got shape {block.shape}")
        self._pcm[:] = block  # to copy it costs less than another pointer
        size = self._lib.opus_encode_float(self._state, self._pcm_p, BLOCK_SAMPLES, self._packet, MAX_PACKET_BYTES)
        if size < 0:
            raise ValueError(f"libopus: {self._lib.opus_strerror(size).decode()}")
        return ctypes.string_at(self._packet, size)
