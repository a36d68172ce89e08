"""Silence in place of a span: the same numbers, times and frame counts, so that no player notices more than silence.

Two frames more are silent on each side, since the blocks of AAC overlap: half of a frame is heard with the one before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from rostra.media.fmp4 import fragment, read_fragments
from rostra.media.renditions import Rendition

MARGIN_FRAMES: Final = 2


class Silence(NamedTuple):
    """A span in samples of the media clock; end: None for all that follows."""

    start: int
    end: int | None = None

    def touches(self, start: int, end: int) -> bool:
        return self.start < end and (self.end is None or start < self.end)

    def widened(self, frame_samples: int) -> Silence:
        margin = MARGIN_FRAMES * frame_samples
        return Silence(self.start - margin, None if self.end is None else self.end + margin)


def widened(silences: Iterable[Silence], rendition: Rendition) -> tuple[Silence, ...]:
    """The spans with their margins, in frames of the rendition."""
    return tuple(each.widened(rendition.frame_samples) for each in silences)


def silenced(
    frames: Sequence[bytes], decode_time: int, silences: Sequence[Silence], rendition: Rendition
) -> list[bytes] | None:
    """The frames, those in a span silent; None when no span touches them. silences: with their margins.

    decode_time: of the first frame, samples of the media clock.
    """
    length = rendition.frame_samples
    if not any(each.touches(decode_time, decode_time + len(frames) * length) for each in silences):
        return None
    found = list(frames)
    for number in range(len(found)):
        start = decode_time + number * length
        if any(each.touches(start, start + length) for each in silences):
            found[number] = rendition.silence
    return found


def silenced_file(body: bytes, silences: Sequence[Silence], rendition: Rendition) -> bytes | None:
    """A part or a segment of our own making, its frames in a span silent; None when no span touches it.

    Raises NotFragmentedMp4.
    """
    pieces, touched = [], False
    for each in read_fragments(body):
        frames = silenced(each.frames, each.decode_time, silences, rendition)
        touched = touched or frames is not None
        pieces.append(fragment(each.sequence, each.decode_time, each.frames if frames is None else frames))
    return b"".join(pieces) if touched else None
