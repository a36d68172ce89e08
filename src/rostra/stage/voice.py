"""What one remote party says, as blocks of 20 ms: playout buffer and Opus decoder together."""

from __future__ import annotations

from typing import Final

import numpy as np

from rostra.media.clock import BLOCK_SAMPLES
from rostra.stage.gains import peak_of
from rostra.stage.opus import Decoder, Pcm, packet_samples
from rostra.stage.playout import Conceal, Packet, Play, Playout, Rebuild, Step
from rostra.stage.stretch import MOST, longer, shorter

SILENT_BLOCK: Final[Pcm] = np.zeros(BLOCK_SAMPLES, np.float32)
SILENT_BLOCK.setflags(write=False)
LIKENESS: Final = ((40.0, -1.0, 1), (20.0, 0.6, 3), (10.0, 0.9, 15))
"""So far from the target (ms), sound is stretched where it correlates so well with itself a few milliseconds on, and
such a place is looked for in every so-many-th block.

To look costs as much as to decode. Who talks without a pause often has no place that is alike to nine tenths, and
stays ten or twenty milliseconds from the target, which harms nobody: with thirteen of them, looking in every third
block was a tenth of the stage.
"""
NEAR_MS: Final = LIKENESS[-1][0]
QUIET_PEAK: Final = 1e-4
"""-80 dBFS, which nobody hears."""
QUIET_BYTES: Final = 32
"""What encoders send for silence, when they do not pause: 3 bytes, or 21 with FEC."""
QUIET_PACKETS: Final = 25
"""After so many in a row that decoded to nothing (half a second) the same packets need not be decoded: a microphone is
off. On a stage of thirteen most are, and their silence was decoded, measured and levelled like a voice.
"""
SPARE_PACKETS: Final = 2
"""Sound is not taken from a buffer that holds less."""
LOST_AFTER_S: Final = 2.0
"""No RTP for so long and the line counts as lost."""


class Voice:
    """Feed RTP, take blocks. Times are monotonic seconds."""

    def __init__(self) -> None:
        self.playout = Playout()
        self._decoder = Decoder()
        self._rest: Pcm = SILENT_BLOCK[:0]
        self._unlooked = 0
        """Blocks since a place was looked for."""
        self._quiet_packets = 0
        self._quiet_payloads: set[bytes] = set()
        self._hushed = False
        self._heard_at: float | None = None
        self.sounded_at: float | None = None
        """When the first packet became PCM."""

    def hear(self, *, ssrc: int, sequence: int, timestamp: int, payload: bytes, now: float) -> None:
        """Take one RTP packet. What is no Opus packet counts as lost."""
        self._heard_at = now
        samples = packet_samples(payload)
        self.playout.add(Packet(sequence, timestamp, payload, samples, ssrc), now)

    def heard_within(self, seconds: float, now: float) -> bool:
        """Whether any RTP came in the last `seconds`."""
        return self._heard_at is not None and now - self._heard_at < seconds

    def delay_ms(self, now: float) -> float:
        """How long sound of the quickest packets waits here before it is heard."""
        playout = self.playout
        return max(0.0, playout.surplus_ms(now, decoded=len(self._rest)) + playout.target_ms)

    def block(self, now: float) -> Pcm:
        """The next 960 samples; always there, silence if need be. Not to be written to."""
        rest = self._rest
        if not len(rest) and not self.playout.held and not self.heard_within(LOST_AFTER_S, now):
            return SILENT_BLOCK
        while len(rest) < BLOCK_SAMPLES:
            rest = self._more(rest, now)
        rest = self._stretched(rest, now)
        self._rest = rest[BLOCK_SAMPLES:]
        block = rest[:BLOCK_SAMPLES]
        return SILENT_BLOCK if self._hushed and not block.any() else block

    def _more(self, rest: Pcm, now: float) -> Pcm:
        step = self.playout.pull(now)
        if self.sounded_at is None and isinstance(step, Play):
            self.sounded_at = now
        piece = self._sound_of(step)
        return piece if not len(rest) else np.concatenate((rest, piece))

    def _stretched(self, rest: Pcm, now: float) -> Pcm:
        """A step of 2.5 to 10 ms towards the depth that the line needs: where it is quiet or the sound repeats itself,
        and anywhere when it has waited for such a place too long.
        """
        surplus_ms = self.playout.surplus_ms(now, decoded=len(rest))
        if abs(surplus_ms) < NEAR_MS:
            return rest
        likeness, looks_every = next(each[1:] for each in LIKENESS if abs(surplus_ms) >= each[0])
        self._unlooked += 1
        if self._unlooked < looks_every:
            return rest
        self._unlooked = 0
        if surplus_ms < 0:
            return _or(longer(rest, likeness=likeness), rest)
        while len(rest) < BLOCK_SAMPLES + MOST:
            if self.playout.held < SPARE_PACKETS:
                return rest
            rest = self._more(rest, now)
        return _or(shorter(rest, likeness=likeness), rest)

    def _sound_of(self, step: Step) -> Pcm:
        match step:
            case Play(payload, samples):
                pcm = self._played(payload, samples)
            case Rebuild(payload, samples):
                pcm = self._decoder.rebuild(payload, samples)
            case Conceal(samples):
                pcm = self._decoder.conceal(samples)
            case _:
                pcm = None
        return pcm if pcm is not None else np.zeros(step.samples, np.float32)

    def _played(self, payload: bytes, samples: int) -> Pcm | None:
        self._hushed = self._quiet_packets >= QUIET_PACKETS and payload in self._quiet_payloads
        if self._hushed:
            return SILENT_BLOCK if samples == BLOCK_SAMPLES else np.zeros(samples, np.float32)
        pcm = self._decoder.decode(payload)
        if pcm is None:
            pcm = self._decoder.conceal(samples)
        if len(payload) > QUIET_BYTES or pcm is None or peak_of(pcm) > QUIET_PEAK:
            self._quiet_packets = 0
            self._quiet_payloads.clear()
        else:
            self._quiet_packets += 1
            if len(self._quiet_payloads) < QUIET_PACKETS:
                self._quiet_payloads.add(payload)
        return pcm


def _or(changed: Pcm | None, otherwise: Pcm) -> Pcm:
    return otherwise if changed is None else changed
