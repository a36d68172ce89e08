"""Silent spans of a replay: bytes that go out in place of those in the file, frame by frame, each of the same length.

The file stays as it is, so what is lifted is back at once, and one file serves countries that differ. A silent frame is
shorter than what it stands for, so fill elements make it as long: offsets, sizes and every other frame are those of the
file, and players seek as before.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from rostra.broadcast import Broadcast
from rostra.broadcast.replays import Cuts
from rostra.broadcast.transcripts import recording_begins
from rostra.delivery.silencing import MARGIN_FRAMES
from rostra.media.aac import filled
from rostra.media.clock import AAC_FRAME_SAMPLES, SAMPLE_RATE_HZ
from rostra.media.m4a import frame_places
from rostra.media.renditions import AAC_STEREO
from rostra.safety.restrictions import Span

Places = tuple[tuple[int, int], ...]
"""(first byte, end) of frames in a file, in order."""
FOREVER_MS: Final = 1 << 62
REMEMBERED: Final = 64


def recording_silences(broadcast: Broadcast, spans: Iterable[Span]) -> tuple[tuple[int, int], ...]:
    """The spans in recording time, milliseconds; nothing of a broadcast that was never on the air."""
    begins = recording_begins(broadcast)
    if begins is None:
        return ()
    return tuple(
        (
            max(0, (each.start - begins) * 1000 // SAMPLE_RATE_HZ),
            FOREVER_MS if each.end is None else max(0, -(-(each.end - begins) * 1000 // SAMPLE_RATE_HZ)),
        )
        for each in spans
    )


def silent_places(path: Path, cuts: Cuts, silences: tuple[tuple[int, int], ...]) -> Places:
    """Where the file has sound of these spans of recording time. Blocking, for the first who asks after a restart.

    Raises NotFragmentedMp4 for a file that is none of a replay: then nothing of it may be given out.
    """
    if not silences:
        return ()
    published = tuple(
        (cuts.published_ms(start), FOREVER_MS if end >= FOREVER_MS else cuts.published_ms(end))
        for start, end in silences
    )
    return _places(path, published)


@lru_cache(maxsize=REMEMBERED)
def _places(path: Path, silences: tuple[tuple[int, int], ...]) -> Places:
    """Files of the store never change. silences: in the time of the replay, milliseconds."""
    silent: list[tuple[int, int]] = []
    for number, (first, size) in enumerate(frame_places(path)):
        starts, ends = number * AAC_FRAME_SAMPLES, (number + 1) * AAC_FRAME_SAMPLES
        margin = MARGIN_FRAMES * AAC_FRAME_SAMPLES
        early, late = (starts - margin) * 1000, (ends + margin) * 1000
        if any(early < end * SAMPLE_RATE_HZ and late > start * SAMPLE_RATE_HZ for start, end in silences):
            silent.append((first, first + size))
    return tuple(silent)


def with_silence(chunk: bytes, at: int, places: Places) -> bytes:
    """A chunk of the file that begins at byte `at`, silent in these places."""
    end = at + len(chunk)
    number = max(0, bisect_right(places, (at, 0)) - 1)
    changed: bytearray | None = None
    while number < len(places) and places[number][0] < end:
        first, last = places[number]
        number += 1
        if last <= at:
            continue
        changed = bytearray(chunk) if changed is None else changed
        low, high = max(first, at), min(last, end)
        changed[low - at : high - at] = _silent_frame(last - first)[low - first : high - first]
    return chunk if changed is None else bytes(changed)


def version(places: Sequence[tuple[int, int]]) -> str:
    """Goes into the entity tag: other silences are another content."""
    return f"-{hash(tuple(places)) & 0xFFFF_FFFF:08x}" if places else ""


@lru_cache(maxsize=4096)
def _silent_frame(size: int) -> bytes:
    """Where silence does not fit, what is there is broken: zeros, which no decoder makes a sound of."""
    return filled(AAC_STEREO.silence, size) or bytes(size)
