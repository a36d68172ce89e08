"""One broadcast as captions are made of it: parts in, windows for the engine out."""

from __future__ import annotations

from typing import Final

import msgspec

from rostra.captions.cues import cues_of
from rostra.captions.engine import RATE_HZ, Word
from rostra.captions.hearing import Ear
from rostra.captions.windows import Window, Windows
from rostra.media.clock import SAMPLE_RATE_HZ, MediaClock
from rostra.media.part import Part
from rostra.media.renditions import AAC_STEREO
from rostra.media.wire import Airing, Captioned, Phase

_STEP: Final = SAMPLE_RATE_HZ // RATE_HZ
PATIENCE_US: Final = 5_000_000
"""How long the last part of a broadcast is waited for: after its end, and after the last part that came."""
LISTEN_BACK: Final = 2
"""Parts that are decoded before the first that counts, so that the decoder has settled."""


class Listening:
    """Sans-I/O. Parts may come twice and with holes.

    heard_until: samples of media time (48 kHz) that were listened to; what is before is never captioned again.
    """

    def __init__(self, airing: Airing, clock: MediaClock, *, heard_until: int = 0) -> None:
        self.airing = airing
        self._clock = clock
        self._ear = Ear(clock, AAC_STEREO)
        self.windows = Windows(-(-heard_until // _STEP))
        self._first_part = max(0, heard_until // clock.part_samples - LISTEN_BACK)
        self._next_part = 0
        self._looked_part = -1
        self._quiet_since_us = 0
        self._announced_skipped_s = 0.0

    @property
    def heard_until(self) -> int:
        return self.windows.done_until * _STEP

    def take(self, part: Part) -> None:
        """A part arrived."""
        if part.index < max(self._first_part, self._next_part):
            return
        self._next_part = part.index + 1
        at, sound = self._ear.hear(part)
        self.windows.hear(at, sound)

    def look(self, now_us: int) -> None:
        """Whether the broadcast is over and everything of it is here. Call it at least once a second."""
        if self._looked_part != self._next_part:
            self._looked_part, self._quiet_since_us = self._next_part, now_us
        if self.airing.phase is not Phase.ENDED or self.airing.ended_us is None:
            return
        end = self._clock.end_part(self.airing.ended_us)
        late_us = now_us - max(self._clock.part_ends_us(end), self._quiet_since_us)
        if self._next_part >= end or late_us > PATIENCE_US:
            self.windows.end()

    def captioned(self, window: Window, words: list[Word], now_us: int) -> Captioned:
        """What the engine understood in `window`, for the bus."""
        said = self.windows.done(window, words)
        return Captioned(
            broadcast_id=self.airing.broadcast_id,
            start=window.start * _STEP,
            end=self.heard_until,
            made_us=now_us,
            cues=cues_of(said),
        )

    def last_word(self, now_us: int) -> Captioned:
        """The end of it: nothing more will be said."""
        end = self._clock.decode_time(self._clock.end_part(self.airing.ended_us or 0))
        return Captioned(
            broadcast_id=self.airing.broadcast_id, start=end, end=max(end, self.heard_until), made_us=now_us, cues=[]
        )

    def take_skipped_s(self) -> float:
        """Seconds that the engine was too slow for, since this was last asked."""
        new = self.windows.skipped_s - self._announced_skipped_s
        self._announced_skipped_s = self.windows.skipped_s
        return new


def ended_before(captioned: Captioned, airing: Airing, clock: MediaClock) -> bool:
    """Whether the last thing said of a broadcast was that it is over."""
    if airing.phase is not Phase.ENDED or airing.ended_us is None:
        return False
    return captioned.end >= clock.decode_time(clock.end_part(airing.ended_us))


def decode(payload: bytes) -> Captioned:
    """Raises msgspec.DecodeError."""
    return msgspec.json.decode(payload, type=Captioned)
