"""The room of one broadcast: seats, one mix for everybody and one for each, the programme."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from rostra.media.clock import BLOCK_SAMPLES, MediaClock
from rostra.media.renditions import RENDITIONS, Rendition
from rostra.media.wire import Act, Airing, CommandReply, Phase, SpeakerState, StageCommand, StageState
from rostra.platform.errors import RostraError
from rostra.platform.log import get_logger
from rostra.stage.encoder import Encoded, ProgrammeEncoders
from rostra.stage.errors import NoDelay, NoSeat, RemovedByHost, StageFull
from rostra.stage.holding import Holding
from rostra.stage.mixer import Limiter, Meter, Mix, mix
from rostra.stage.noise import NoiseSuppressor
from rostra.stage.opus import Effort, Pcm
from rostra.stage.seat import Ears, Line, Seat, Speaker, blocks_of, encode_all
from rostra.stage.voice import SILENT_BLOCK

SHARED_AFTER_BLOCKS: Final = 50
"""A speaker who has been silent for a second hears the one mix that all silent ones share."""
CROWD: Final = 6
"""When more than so many sound at once, their mixes are encoded with the least work; when so many talk, as a crowd."""
TALKS: Final = 10 ** (-45 / 20)
"""As loud as speech; an open microphone's hiss is not."""
TALKS_FOR_BLOCKS: Final = 100
"""A speaker who was as loud two seconds ago talks: encoders do not change their ways in the pauses between words."""
PAUSE_DBFS: Final = -45.0
_log = get_logger(__name__)


class Room:
    """Sans-I/O: `make_block` is called for each 20 ms, everything else whenever it happens.

    Speakers hear each other in every phase; the programme holds voices only while the broadcast is live, and only
    then is what each said handed to `record` (speaker id, block, PCM). Lines that end by a decision of the room are
    handed to `hang_up`. ahead_parts: listeners hear the programme so much later, so it is encoded for that time.
    """

    def __init__(
        self,
        airing: Airing,
        clock: MediaClock,
        *,
        first_part: int,
        hang_up: Callable[[Line], None],
        renditions: Sequence[Rendition] = tuple(RENDITIONS.values()),
        record: Callable[[str, int, Pcm], None] | None = None,
        ahead_parts: int = 0,
    ) -> None:
        self.airing = airing
        self.clock = clock
        self._hang_up = hang_up
        self._record = record
        self._seats: dict[str, Seat] = {}
        self._host_mutes: set[str] = set()
        self._removed: set[str] = set()
        self._ahead = ahead_parts * clock.part_samples
        self._encoders = ProgrammeEncoders(renditions, clock, first_part + ahead_parts)
        self._programme_limiter = Limiter()
        self._programme_meter = Meter()
        self._shared_ears = Ears()
        self.holding = Holding(None)
        """What listeners hear while everybody has dropped off the stage."""
        self.suppress_noise = False

    @property
    def broadcast_id(self) -> str:
        return self.airing.broadcast_id

    @property
    def next_part(self) -> int:
        return self._encoders.next_part

    @property
    def seats(self) -> list[Seat]:
        return list(self._seats.values())

    def seat(self, speaker_id: str) -> Seat:
        """Raises NoSeat."""
        if (seat := self._seats.get(speaker_id)) is None:
            raise NoSeat(f"speaker {speaker_id} has no seat in broadcast {self.broadcast_id}")
        return seat

    def update(self, airing: Airing) -> None:
        """The site has changed the airing. Whom a moderator has muted is silent from the next block on."""
        self.airing = airing
        for seat in self._seats.values():
            seat.muted_by_moderator = seat.speaker_id in airing.moderator_mutes

    # coming and going

    def check_admission(self, speaker: Speaker) -> None:
        """Raises RemovedByHost, or StageFull when all places are taken by others."""
        if speaker.speaker_id in self._removed:
            raise RemovedByHost(f"speaker {speaker.speaker_id} was removed")
        if speaker.speaker_id not in self._seats and len(self._seats) >= self.airing.places:
            raise StageFull(f"broadcast {self.broadcast_id} has {self.airing.places} places")

    def join(self, speaker: Speaker, line: Line, *, now_us: int, now: float) -> Seat:
        """Seat a speaker. A speaker who has a seat gets it back, and the older session ends."""
        self.check_admission(speaker)
        seat = self._seats.get(speaker.speaker_id)
        if seat is not None:
            self._hang_up(seat.replace_line(speaker, line, now=now))
            return seat
        seat = Seat(speaker, line, since_us=now_us, now=now)
        seat.suppressor = NoiseSuppressor() if self.suppress_noise else None
        seat.muted_by_host = speaker.speaker_id in self._host_mutes
        seat.muted_by_moderator = speaker.speaker_id in self.airing.moderator_mutes
        self._seats[speaker.speaker_id] = seat
        return seat

    def leave(self, line: Line) -> None:
        """The speaker has ended the session. A session that was replaced takes nobody's seat with it."""
        for speaker_id, seat in list(self._seats.items()):
            if seat.line is line:
                del self._seats[speaker_id]
        self._hang_up(line)

    def revoke(self, speaker_id: str) -> None:
        """The invitation no longer counts: its seat is gone at once."""
        if (seat := self._seats.pop(speaker_id, None)) is not None:
            self._hang_up(seat.line)

    def clear_out(self, now: float) -> None:
        """Free the seats whose speakers have been away for a minute."""
        for speaker_id, seat in list(self._seats.items()):
            if seat.expired(now):
                del self._seats[speaker_id]
                self._hang_up(seat.line)
                _log.info("seat_expired", broadcast_id=self.broadcast_id, speaker_id=speaker_id)

    def close(self) -> None:
        """End every session."""
        for speaker_id in list(self._seats):
            self.revoke(speaker_id)

    # what the host does

    def obey(self, command: StageCommand) -> CommandReply:
        """Carry out a command of the host."""
        try:
            self._carry_out(command)
        except RostraError as error:
            return CommandReply(ok=False, code=error.code, message=error.user_message)
        return CommandReply(ok=True)

    def _carry_out(self, command: StageCommand) -> None:
        match command.act:
            case Act.MUTE:
                self.seat(command.speaker_id).muted_by_host = True
                self._host_mutes.add(command.speaker_id)
            case Act.UNMUTE:
                self.seat(command.speaker_id).muted_by_host = False
                self._host_mutes.discard(command.speaker_id)
            case Act.DUMP:
                raise NoDelay(f"broadcast {self.broadcast_id}")
            case Act.REMOVE:
                self.seat(command.speaker_id)
                self._removed.add(command.speaker_id)
                self.revoke(command.speaker_id)

    # sound

    def make_block(self, block: int, now: float) -> list[Encoded]:
        """Mix and send block number `block` of media time; the parts of the programme that this completes."""
        voices = dict(zip(self._seats, blocks_of(self.seats, now), strict=True))
        if self._record is not None and self.airing.phase is Phase.LIVE:
            for speaker_id, seat in self._seats.items():
                if seat.said is not SILENT_BLOCK:
                    self._record(speaker_id, block, seat.said)
        mixed = mix(voices)
        self._send(mixed, block)
        return self._encoders.feed(self._programme(mixed.full, now), self.heard_at(block))

    def _send(self, mixed: Mix, block: int) -> None:
        """To each speaker what all others say. Those who have long been silent all hear the same, encoded once."""
        shared: list[Seat] = []
        own: list[Seat] = []
        talking = 0
        for speaker_id, seat in self._seats.items():
            sounds = speaker_id in mixed.minus
            if sounds and seat.meter.peak > TALKS:
                seat.talked_at = block
            talking += seat.talked_at is not None and block - seat.talked_at < TALKS_FOR_BLOCKS
            seat.quiet_blocks = 0 if sounds else seat.quiet_blocks + 1
            (shared if seat.quiet_blocks > SHARED_AFTER_BLOCKS else own).append(seat)
        ears = [seat.ears for seat in own]
        blocks = [mixed.minus.get(seat.speaker_id, mixed.full) for seat in own]
        effort = Effort.CROWD if talking > CROWD else Effort.LITTLE if len(mixed.minus) > CROWD else Effort.USUAL
        packets = encode_all(ears, blocks, effort)
        for seat, packet in zip(own, packets, strict=True):
            seat.line.send(packet, block)
        if shared:
            packet = self._shared_ears.encode(mixed.full)
            for seat in shared:
                seat.line.send(packet, block)

    def heard_at(self, block: int) -> int:
        """Media sample at which listeners hear what is said in `block`."""
        return block * BLOCK_SAMPLES + self._ahead

    def give_up_blocks(self, count: int) -> None:
        """The machine slept through `count` blocks: begin again at the next part boundary behind them."""
        missed = count * BLOCK_SAMPLES // self.clock.part_samples + 2
        self._encoders.begin_again(self._encoders.next_part + missed)

    def _programme(self, full: Pcm, now: float) -> Pcm:
        live = self.airing.phase is Phase.LIVE
        anybody = not live or any(seat.connected(now) for seat in self._seats.values())
        block = self.holding.block(now, anybody=anybody)
        if block is None:
            block = self._programme_limiter.limit(full) if live and full is not SILENT_BLOCK else SILENT_BLOCK
        self._programme_meter.measure(block)
        return block

    @property
    def quiet(self) -> bool:
        """Whether listeners have heard nothing to speak of for a quarter of a second: between two sentences."""
        return self._programme_meter.dbfs <= PAUSE_DBFS

    def state(
        self, *, now_us: int, now: float, part: int, late_ticks: int, recording_bytes: int, recording_error: str | None
    ) -> StageState:
        return StageState(
            broadcast_id=self.broadcast_id,
            phase=self.airing.phase,
            at_us=now_us,
            part=part,
            programme_dbfs=self._programme_meter.dbfs,
            speakers=[self._speaker(seat, now) for seat in self._seats.values()],
            late_ticks=late_ticks,
            recording_bytes=recording_bytes,
            recording_error=recording_error,
            held_by=self.airing.held_by,
        )

    def _speaker(self, seat: Seat, now: float) -> SpeakerState:
        """The airing says who the host is now; a ticket only knows who it was when it was issued."""
        state, host = seat.state(now), self.airing.host_speaker_id
        return state if host is None else msgspec.structs.replace(state, host=seat.speaker_id == host)
