"""The playout buffer of one speaker: RTP in whenever it comes, one decision out whenever a block is due.

Packets are held until they have waited about `target_ms`, then played in order of their sequence numbers. What
is missing when its turn comes is rebuilt from the packet behind it (Opus in-band FEC) or concealed. The target
follows the jitter of the last seconds (`transit.py`), so a good line costs 60 ms and a bad one at most 240, and a
burst is forgotten six seconds later. `surplus_ms` says how far the buffer is from its target; whoever plays the sound
stretches it by that much (`stretch.py`). A pause of the sender (DTX: the sequence goes on, the timestamp jumps) is
kept as a pause and is no loss.

Nothing here reads a clock or decodes: time is an argument, payloads are opaque.
Sources: RFC 3550 section 5.1 (sequence, timestamp), RFC 7587 (Opus over RTP), RFC 6716 section 2.1.7 (FEC).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final, NamedTuple

from rostra.stage.transit import Transit, timestamp_step

SAMPLES_PER_MS: Final = 48
STEP_MS: Final = 20
LEAST_MS: Final = 60
MOST_MS: Final = 240
OVERFULL_MS: Final = 2 * MOST_MS
"""A burst deeper than this (a line that hung and came back) is cut to the target at once."""
HELD_AT_MOST: Final = 160
"""Packets: 400 ms of the shortest, 2.5 ms."""
MARGIN_MS: Final = 40
"""On top of the jitter: one packet that is being played, one that the FEC of its predecessor is in."""
FAR_TOO_DEEP_MS: Final = 120
FAR_TOO_DEEP_S: Final = 0.5
"""With so much more than the target (a client that began with a burst) one packet is dropped every half second."""
CONCEAL_AT_MOST: Final = 5
"""Packets concealed in a row; beyond that a decoder only guesses, so silence follows."""
RESET_DISTANCE: Final = 1000
"""A jump of the sequence by more packets than this is a new stream, not loss."""
LOSS_WINDOW_S: Final = 5


class Packet(NamedTuple):
    """One RTP packet of audio. `samples`: its duration at 48 kHz."""

    sequence: int
    timestamp: int
    payload: bytes
    samples: int
    ssrc: int = 0


@dataclass(frozen=True, slots=True)
class Play:
    """Decode this payload."""

    payload: bytes
    samples: int


@dataclass(frozen=True, slots=True)
class Rebuild:
    """Decode the in-band FEC copy of the lost packet that `payload`, its successor, carries."""

    payload: bytes
    samples: int


@dataclass(frozen=True, slots=True)
class Conceal:
    """Let the decoder extrapolate."""

    samples: int


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing is being said, or nobody knows what."""

    samples: int


Step = Play | Rebuild | Conceal | Silence


class _Held(NamedTuple):
    packet: Packet
    arrived: float


@dataclass(slots=True)
class _Second:
    number: int
    expected: int = 0
    lost: int = 0


class Playout:
    """Call `add` for each packet and `pull` for each stretch of sound; times are monotonic seconds.

    Invariants: a payload is played at most once and never before one with a smaller sequence number; `pull`
    always answers; no more than `OVERFULL_MS` (and one packet) is held.
    """

    def __init__(self, *, least_ms: int = LEAST_MS, most_ms: int = MOST_MS) -> None:
        if not 0 < least_ms <= most_ms:
            raise ValueError("least_ms must be positive and at most most_ms")
        self._least_ms = least_ms
        self._most_ms = most_ms
        self._target_ms = least_ms
        """Follows the jitter up at once, and down when the window has passed."""
        self._held: dict[int, _Held] = {}
        self._ssrc: int | None = None
        self._newest: int | None = None
        self._next: int | None = None
        self._play_at: int = 0
        self._samples = STEP_MS * SAMPLES_PER_MS
        self._filling = True
        self._guessed = 0
        self._starved = False
        self._transit = Transit()
        self._settled_for_ms = -1.0
        """The jitter that `_target_ms` was reckoned for."""
        self._missed: deque[int] = deque(maxlen=64)
        self._spare_since: float | None = None
        self._seconds: deque[_Second] = deque(maxlen=LOSS_WINDOW_S + 1)

    @property
    def target_ms(self) -> int:
        return self._target_ms

    @property
    def depth_ms(self) -> int:
        """How much sound lies ready, gaps included."""
        return self._depth_samples() // SAMPLES_PER_MS

    @property
    def held(self) -> int:
        """Packets in the buffer."""
        return len(self._held)

    def surplus_ms(self, now: float, *, decoded: int = 0) -> float:
        """How much longer than the target asks for sound waits here; negative when it waits too short.

        decoded: samples that were pulled and not played yet. 0 while the buffer fills.
        """
        if self._next is None or self._filling:
            return 0.0
        waited_ms = self._transit.waited_ms((self._play_at - decoded) % 0x100000000, now)
        return waited_ms - (self._target_ms - self._samples / SAMPLES_PER_MS)

    def lost_pct(self, now: float) -> float:
        """Packets lost or late of those expected in the last five seconds, in per cent."""
        recent = [second for second in self._seconds if second.number > int(now) - LOSS_WINDOW_S]
        expected = sum(second.expected for second in recent)
        return 100.0 * sum(second.lost for second in recent) / expected if expected else 0.0

    # in

    def add(self, packet: Packet, now: float) -> None:
        """Take a packet from the network, in whatever order and however often it comes."""
        if packet.samples <= 0:
            return
        sequence = self._unwrap(packet)
        if sequence in self._held:
            return
        if self._next is not None:
            if sequence >= self._next:
                self._transit.arrived(packet.timestamp, now)
            else:
                if sequence in self._missed:
                    self._transit.arrived(packet.timestamp, now)
                    self._missed.remove(sequence)
                return
        self._held[sequence] = _Held(packet, now)
        if self._newest is None or sequence > self._newest or len(self._held) == 1:
            self._newest = sequence  # the newest of those held: what was cut before the start may have been newer
        self._cut_if_overfull()

    def _unwrap(self, packet: Packet) -> int:
        """The sequence number without its 16-bit wrap; a new stream starts the buffer anew."""
        if self._newest is None or packet.ssrc != self._ssrc:
            self._restart(packet)
            return packet.sequence
        step = (packet.sequence - self._newest + 0x8000) % 0x10000 - 0x8000
        if abs(step) > RESET_DISTANCE:
            self._restart(packet)
            return packet.sequence
        return self._newest + step

    def _restart(self, packet: Packet) -> None:
        self._held.clear()
        self._transit.reset()
        self._missed.clear()
        self._ssrc = packet.ssrc
        self._newest = self._next = None
        self._filling, self._starved = True, False

    def _cut_if_overfull(self) -> None:
        if self._depth_samples() > OVERFULL_MS * SAMPLES_PER_MS:
            while self._held and self._depth_samples() > self._target_ms * SAMPLES_PER_MS:
                self._skip_oldest()
        elif len(self._held) > HELD_AT_MOST:
            self._skip_oldest()

    # out

    def pull(self, now: float) -> Step:
        """What to play next. The answer covers `samples` of it; ask again when they are used up."""
        jitter_ms = self._transit.jitter_ms
        if jitter_ms != self._settled_for_ms:
            self._settle(jitter_ms)
        if self._filling:
            self._spare_since = None
            if not self._may_start(now):
                return self._guess() if self._next is not None else Silence(self._samples)
            self._start(now)
        else:
            self._shed(now)
        return self._next_step(now)

    def _may_start(self, now: float) -> bool:
        """A full buffer may start; so may a lone packet that has waited its time (a DTX sender's).

        Sound that was merely late goes on with the least, so that the hole is short; after a pause there is time.
        """
        if not self._held:
            return False
        oldest = self._held[min(self._held)]
        late = self._next is not None and not self._paused_before(oldest.packet)
        wanted_ms = self._least_ms if late else self._target_ms
        waited_ms = (now - oldest.arrived) * 1000
        return self._depth_samples() >= wanted_ms * SAMPLES_PER_MS or waited_ms >= wanted_ms

    def _paused_before(self, packet: Packet) -> bool:
        return timestamp_step(packet.timestamp, self._play_at) >= packet.samples

    def _start(self, now: float) -> None:
        oldest = min(self._held)
        packet = self._held[oldest].packet
        if self._next is not None and self._starved:
            self._count(now, expected=oldest - self._next, lost=oldest - self._next)
        if self._next is None:
            self._transit.arrived(self._held[max(self._held)].packet.timestamp, now)
        self._next, self._play_at = oldest, packet.timestamp
        self._filling = self._starved = False

    def _next_step(self, now: float) -> Step:
        sequence = self._next
        if sequence is None or not self._held:
            self._filling = self._starved = True
            return self._guess()
        held = self._held.get(sequence)
        if held is None:
            return self._replace_missing(sequence, now)
        packet = held.packet
        pause = timestamp_step(packet.timestamp, self._play_at)
        if pause > 0 and self._depth_samples() <= OVERFULL_MS * SAMPLES_PER_MS:
            samples = min(pause, self._samples)
            self._play_at += samples
            return Silence(samples)
        del self._held[sequence]
        self._next = sequence + 1
        self._samples = packet.samples
        self._play_at = packet.timestamp + packet.samples
        self._guessed = 0
        self._count(now, expected=1)
        return Play(packet.payload, packet.samples)

    def _replace_missing(self, sequence: int, now: float) -> Step:
        self._missed.append(sequence)
        self._count(now, expected=1, lost=1)
        self._next = sequence + 1
        self._play_at += self._samples
        successor = self._held.get(sequence + 1)
        if successor is not None:
            self._guessed = 0
            return Rebuild(successor.packet.payload, self._samples)
        return self._guess()

    def _guess(self) -> Step:
        self._guessed += 1
        return Conceal(self._samples) if self._guessed <= CONCEAL_AT_MOST else Silence(self._samples)

    # the depth follows the line

    def _settle(self, jitter_ms: float) -> None:
        """Let the target follow the jitter."""
        wanted_ms = -(-(jitter_ms + MARGIN_MS) // STEP_MS) * STEP_MS
        self._target_ms = int(max(self._least_ms, min(self._most_ms, wanted_ms)))
        self._settled_for_ms = jitter_ms

    def _shed(self, now: float) -> None:
        """Drop a packet now and then while far more than the target is here."""
        spare = self._depth_samples() - self._samples - self._target_ms * SAMPLES_PER_MS
        if spare < FAR_TOO_DEEP_MS * SAMPLES_PER_MS:
            self._spare_since = None
        elif self._spare_since is None:
            self._spare_since = now
        elif now - self._spare_since >= FAR_TOO_DEEP_S:
            self._spare_since = now
            self._skip_oldest()

    def _skip_oldest(self) -> None:
        oldest = min(self._held)
        packet = self._held.pop(oldest).packet
        if self._next is not None:
            self._next = oldest + 1
            self._play_at = packet.timestamp + packet.samples

    def _depth_samples(self) -> int:
        if not self._held or self._newest is None:
            return 0
        newest = self._held[self._newest].packet  # which goes last
        starting = self._filling or self._next is None
        start = self._held[min(self._held)].packet.timestamp if starting else self._play_at
        depth = timestamp_step(newest.timestamp, start) + newest.samples
        return max(0, depth)

    def _count(self, now: float, *, expected: int = 0, lost: int = 0) -> None:
        number, seconds = int(now), self._seconds
        if not seconds or seconds[-1].number != number:
            seconds.append(_Second(number))
        second = seconds[-1]
        second.expected += expected
        second.lost += lost
