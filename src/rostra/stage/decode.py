"""AAC to PCM, for those who check what listeners hear."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

import av
import numpy as np
from numpy.typing import NDArray

from rostra.media.clock import SAMPLE_RATE_HZ
from rostra.platform.errors import RostraError

_ADTS_HEADER = 7
_ADTS_HEADER_WITH_CRC = 9


class CannotDecode(RostraError):
    status, code = HTTPStatus.UNPROCESSABLE_ENTITY, "cannot_decode"
    user_message = "This is not AAC sound that can be decoded."


class AacDecoder:
    """One AAC stream, in order. Its first frame comes out as the encoder's delay; that is not removed.

    specific_config: the AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1) of the stream.
    """

    def __init__(self, specific_config: bytes) -> None:
        self._codec = av.CodecContext.create("aac", "r")
        self._codec.extradata = specific_config
        self._codec.sample_rate = SAMPLE_RATE_HZ

    def decode(self, frames: Iterable[bytes]) -> NDArray[np.float32]:
        """Raw access units to float PCM, shape (channels, samples), full scale 1.0. Raises CannotDecode."""
        blocks: list[NDArray[np.float32]] = []
        try:
            for frame in frames:
                blocks += [block.to_ndarray().astype(np.float32) for block in self._codec.decode(av.Packet(frame))]
        except av.error.FFmpegError as error:
            raise CannotDecode(f"aac: {error}") from error
        return np.concatenate(blocks, axis=1) if blocks else np.zeros((1, 0), np.float32)


def without_adts(frame: bytes) -> bytes:
    """The access unit of one ADTS frame (ISO/IEC 13818-7, 6.2)."""
    return frame[_ADTS_HEADER if frame[1] & 1 else _ADTS_HEADER_WITH_CRC :]
