"""One seat on stage: who sits there, what they say, what they hear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from rostra.media.wire import Quality, SpeakerState, Trouble
from rostra.stage.loudness import Leveller, level_all
from rostra.stage.mixer import SILENCE_DBFS, Limiter, Meter, limit_all, measure_all
from rostra.stage.noise import NoiseSuppressor
from rostra.stage.opus import SILENT_PACKET, Effort, Encoder, Pcm
from rostra.stage.voice import LOST_AFTER_S, SILENT_BLOCK, Voice

KEPT_S: Final = 60.0
"""A seat whose line is lost waits so long for its speaker."""
HUSH_BLOCKS: Final = 50
"""After a second of digital silence a packet of silence replaces the encoder's work."""


class Line(Protocol):
    """The way to a speaker's ears, as a WHIP session offers it."""

    def send(self, packet: bytes, block: int) -> None:
        """Send 20 ms of Opus as block number `block`. Never waits."""
        ...

    async def close(self) -> None:
        """End the session. Safe to call twice."""
        ...


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who asks for a seat. speaker_id: the invitation's id."""

    speaker_id: str
    name: str
    host: bool


class Ears:
    """Encodes one mix: limiter, then Opus; a packet of silence for what has long been silent."""

    def __init__(self) -> None:
        self._limiter = Limiter()
        self._encoder: Encoder | None = None
        self._hushed = HUSH_BLOCKS

    def encode(self, block: Pcm, effort: Effort = Effort.USUAL) -> bytes:
        return encode_all([self], [block], effort)[0]

    def _is_hushed(self, block: Pcm) -> bool:
        """Whether a packet of silence is all that this block needs."""
        self._hushed = self._hushed + 1 if block is SILENT_BLOCK else 0
        return self._hushed > HUSH_BLOCKS or (self._hushed > 0 and self._encoder is None)

    def _encoded(self, limited: Pcm, effort: Effort) -> bytes:
        if self._encoder is None:
            self._encoder = Encoder()
        self._encoder.spend(effort)
        return self._encoder.encode(limited)


def encode_all(ears: Sequence[Ears], blocks: Sequence[Pcm], effort: Effort) -> list[bytes]:
    """A packet for each: what `Ears.encode` makes of its block. No ears may come twice."""
    hushed = [each._is_hushed(block) for each, block in zip(ears, blocks, strict=True)]
    loud = [at for at, silent in enumerate(hushed) if not silent]
    limited = limit_all([ears[at]._limiter for at in loud], [blocks[at] for at in loud])
    packets = [SILENT_PACKET] * len(ears)
    for at, block in zip(loud, limited, strict=True):
        packets[at] = ears[at]._encoded(block, effort)
    return packets


class Seat:
    """A seat outlives its sessions: a speaker who comes back within a minute sits on the same one.

    Times are monotonic seconds but `since_us`.
    """

    def __init__(self, speaker: Speaker, line: Line, *, since_us: int, now: float) -> None:
        self.speaker = speaker
        self.line = line
        self.since_us = since_us
        self.muted = False
        self.muted_by_host = False
        self.muted_by_moderator = False
        self.voice = Voice()
        self.meter = Meter()
        self.ears = Ears()
        self.said = SILENT_BLOCK
        """The last block as it came, before any gain; silence while muted."""
        self.suppressor: NoiseSuppressor | None = None
        """Takes the noise out of what others hear; `said` keeps it."""
        self._leveller = Leveller()
        self.quiet_blocks = 0
        self.talked_at: int | None = None
        """The last block that was as loud as speech."""
        self._line_since = now

    @property
    def speaker_id(self) -> str:
        return self.speaker.speaker_id

    @property
    def audible(self) -> bool:
        """Whether what is said here reaches anybody."""
        return not (self.muted or self.muted_by_host or self.muted_by_moderator)

    def replace_line(self, speaker: Speaker, line: Line, *, now: float) -> Line:
        """Let a new session take the seat; the old one, to be closed."""
        old, self.line, self.speaker = self.line, line, speaker
        self.voice = Voice()
        self.muted = False
        self._line_since = now
        return old

    def connected(self, now: float) -> bool:
        return self.voice.heard_within(LOST_AFTER_S, now)

    def block(self, now: float) -> Pcm:
        """The next 20 ms as the mixer should take them: measured before gain and mute."""
        return blocks_of([self], now)[0]

    def _taken(self, block: Pcm) -> Pcm:
        """What is to be levelled of what came; keeps what is to be recorded."""
        self.said = block if self.audible else SILENT_BLOCK
        return self.suppressor.clean(block) if self.suppressor is not None and self.audible else block

    def expired(self, now: float) -> bool:
        """Whether the seat has waited in vain for its speaker."""
        return now - self._line_since >= KEPT_S and not self.voice.heard_within(KEPT_S, now)

    def state(self, now: float) -> SpeakerState:
        connected = self.connected(now)
        lost_pct = self.voice.playout.lost_pct(now)
        quality, trouble = (
            quality_of(lost_pct, self.voice.playout.target_ms) if connected else (Quality.LOST, Trouble.NONE)
        )
        return SpeakerState(
            speaker_id=self.speaker_id,
            name=self.speaker.name,
            host=self.speaker.host,
            connected=connected,
            muted=self.muted,
            muted_by_host=self.muted_by_host,
            muted_by_moderator=self.muted_by_moderator,
            level_dbfs=self.meter.dbfs if connected else SILENCE_DBFS,
            quality=quality,
            lost_pct=round(lost_pct, 1),
            buffer_ms=self.voice.playout.depth_ms if connected else 0,
            since_us=self.since_us,
            trouble=trouble,
        )


def blocks_of(seats: Sequence[Seat], now: float) -> list[Pcm]:
    """`Seat.block` of each."""
    came = [seat.voice.block(now) for seat in seats]
    measure_all([seat.meter for seat in seats], came)
    taken = [seat._taken(block) for seat, block in zip(seats, came, strict=True)]
    levelled = level_all([seat._leveller for seat in seats], taken)
    return [block if seat.audible else SILENT_BLOCK for seat, block in zip(seats, levelled, strict=True)]


def quality_of(lost_pct: float, target_ms: int) -> tuple[Quality, Trouble]:
    """What a line sounds like, and why: up to 2 % of loss is inaudible with FEC, beyond 8 % words break.

    target_ms: how much sound the playout buffer has to hold, which is what jitter costs.
    """
    for quality, most_pct, most_ms in ((Quality.POOR, 8, 180), (Quality.FAIR, 2, 120)):
        if lost_pct >= most_pct:
            return quality, Trouble.LOSS
        if target_ms >= most_ms:
            return quality, Trouble.JITTER
    return Quality.GOOD, Trouble.NONE
