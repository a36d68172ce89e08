"""The encodings in which a programme is offered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Rendition:
    """One encoding of the programme.

    codec: the CODECS value of RFC 6381; bitrate_bps: the encoder's target; peak_bps: what BANDWIDTH promises,
    container included; silence: one access unit of digital silence, decodable after any other; specific_config:
    the AudioSpecificConfig for the `esds` box (ISO/IEC 14496-3, 1.6.2.1).
    """

    name: str
    codec: str
    channels: int
    bitrate_bps: int
    peak_bps: int
    silence: bytes
    specific_config: bytes


AAC_STEREO: Final = Rendition(
    name="aac64",
    codec="mp4a.40.2",
    channels=2,
    bitrate_bps=64_000,
    peak_bps=96_000,
    silence=bytes.fromhex("211004608c1c"),
    specific_config=bytes.fromhex("1190"),
)

RENDITIONS: Final = {rendition.name: rendition for rendition in (AAC_STEREO,)}
