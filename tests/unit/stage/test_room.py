"""The room: seats, mutes, mixes and the programme, without a network."""

from __future__ import annotations

import msgspec
import pytest

from rostra.media.clock import MediaClock
from rostra.media.part import Part
from rostra.media.renditions import AAC_STEREO
from rostra.media.wire import Act, Airing, Phase, Quality, StageCommand, Trouble
from rostra.stage.errors import NoSeat, RemovedByHost, StageFull
from rostra.stage.opus import SILENT_PACKET, Decoder, Encoder
from rostra.stage.room import Room
from rostra.stage.seat import KEPT_S, Line, Seat, Speaker, quality_of
from tests.kit.clock import FakeClock
from tests.kit.tones import sine, tone_dbfs

ANNA, BEN = Speaker("anna", "Anna", host=True), Speaker("ben", "Ben", host=False)


class Ear:
    """A line that remembers what it was sent."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self.closed = False

    def send(self, packet: bytes, block: int) -> None:
        self.packets.append(packet)

    async def close(self) -> None:
        self.closed = True

    def level(self, hz: float) -> float:
        """Loudness of a tone in the last half second."""
        decoder = Decoder()
        sound = [decoder.decode(packet) for packet in self.packets[-40:]]
        return max(tone_dbfs(block, hz) for block in sound[-10:])


class House:
    """A room whose speakers are tones."""

    def __init__(self, clock: FakeClock, *, places: int = 3) -> None:
        self.clock = clock
        self.hung_up: list[Line] = []
        airing = Airing(
            broadcast_id="1", slug="x", title="X", phase=Phase.DOORS_OPEN, starts_us=0, anchor_us=0, places=places
        )
        self.room = Room(airing, MediaClock(0), first_part=0, hang_up=self.hung_up.append)
        self.block = 0
        self.parts: list[Part] = []
        self._tones: dict[str, tuple[float, Encoder]] = {}

    def join(self, speaker: Speaker, hz: float | None = None) -> tuple[Seat, Ear]:
        ear = Ear()
        seat = self.room.join(speaker, ear, now_us=self.clock.now_us(), now=self.clock.monotonic())
        if hz is not None:
            self._tones[speaker.speaker_id] = (hz, Encoder())
        return seat, ear

    def run(self, blocks: int) -> None:
        for _ in range(blocks):
            self.clock.jump(milliseconds=20)
            now = self.clock.monotonic()
            for seat in self.room.seats:
                if (voice := self._tones.get(seat.speaker_id)) is not None:
                    payload = voice[1].encode(sine(voice[0], 960, at=self.block * 960))
                    seat.voice.hear(ssrc=1, sequence=self.block, timestamp=self.block * 960, payload=payload, now=now)
            self.parts += [part for made, part in self.room.make_block(self.block, now) if made is AAC_STEREO]
            self.block += 1

    def phase(self, phase: Phase) -> None:
        airing = self.room.airing
        self.room.airing = Airing(
            broadcast_id="1", slug="x", title="X", phase=phase, starts_us=0, anchor_us=0, places=airing.places
        )


@pytest.fixture
def house(clock: FakeClock) -> House:
    return House(clock)


def test_everybody_hears_the_others(house: House) -> None:
    _, anna = house.join(ANNA, 450)
    _, ben = house.join(BEN, 1000)
    house.run(100)
    assert anna.level(1000) > -20 > -50 > anna.level(450)
    assert ben.level(450) > -20 > -50 > ben.level(1000)


def test_parts_come_from_the_first_block_on(house: House) -> None:
    """Without anybody on stage the programme is silence, and whole."""
    house.run(80)
    assert [part.index for part in house.parts] == [0, 1, 2]
    assert all(len(part.frames) == 24 for part in house.parts)


def test_silence_costs_no_encoder(house: House) -> None:
    """A lone speaker hears nothing, in packets of three bytes."""
    _, anna = house.join(ANNA, 450)
    house.run(100)
    assert anna.packets[-1] == SILENT_PACKET


def test_silent_speakers_share_one_mix(house: House) -> None:
    """Two who only listen get the very same packets."""
    house.join(ANNA, 450)
    _, ben = house.join(BEN)
    _, cleo = house.join(Speaker("cleo", "Cleo", host=False))
    house.run(120)
    assert ben.packets[-10:] == cleo.packets[-10:]
    assert ben.level(450) > -20


def test_a_crowd_is_encoded_as_a_crowd(clock: FakeClock) -> None:
    """While seven talk at once; not for six, and no longer when one of the seven has been silent for two seconds."""
    house = House(clock, places=13)
    speakers = [Speaker(str(number), f"S{number}", host=False) for number in range(7)]
    ears = [house.join(speaker, 300 + 70 * number)[1] for number, speaker in enumerate(speakers[:6])]
    house.run(60)
    assert all(ear.packets[-1][0] >> 3 < 16 for ear in ears)
    seat, _ = house.join(speakers[6], 900)
    house.run(60)
    assert all(ear.packets[-1][0] >> 3 >= 16 for ear in ears)
    seat.muted = True
    house.run(90)
    assert all(ear.packets[-1][0] >> 3 >= 16 for ear in ears)
    house.run(30)
    assert all(ear.packets[-1][0] >> 3 < 16 for ear in ears)


def test_a_mute_of_the_host_survives_leaving(house: House) -> None:
    seat, ear = house.join(BEN, 1000)
    _, anna = house.join(ANNA, 450)
    assert house.room.obey(StageCommand(act=Act.MUTE, speaker_id="ben")).ok
    house.run(100)
    assert anna.level(1000) < -50
    assert seat.state(house.clock.monotonic()).level_dbfs > -20, "the level shows what is said, muted or not"
    house.room.leave(ear)
    assert house.hung_up == [ear]
    again, _ = house.join(BEN, 1000)
    assert again is not seat
    assert again.muted_by_host
    assert house.room.obey(StageCommand(act=Act.UNMUTE, speaker_id="ben")).ok
    assert not again.muted_by_host


def test_a_moderators_mute_is_lifted_by_nobody_on_stage(house: House) -> None:
    """Neither by the host, nor by the speaker, who unmutes, comes back on another line or leaves and returns."""
    seat, ear = house.join(BEN, 1000)
    _, anna = house.join(ANNA, 450)
    house.run(60)
    assert anna.level(1000) > -20
    free = house.room.airing
    house.room.update(msgspec.structs.replace(free, moderator_mutes=("ben",)))
    house.run(100)
    assert anna.level(1000) < -50
    assert house.room.obey(StageCommand(act=Act.UNMUTE, speaker_id="ben")).ok
    seat.muted = False
    assert not seat.audible
    again, ear = house.join(BEN, 1000)
    assert not again.audible
    house.room.leave(ear)
    returned, _ = house.join(BEN, 1000)
    state = returned.state(house.clock.monotonic())
    assert (state.muted, state.muted_by_host, state.muted_by_moderator, state.is_silent) == (False, False, True, True)
    house.run(100)
    assert anna.level(1000) < -50
    house.room.update(free)
    house.run(100)
    assert anna.level(1000) > -20


def test_unmuting_does_not_lift_the_own_mute(house: House) -> None:
    seat, _ = house.join(BEN)
    seat.muted = True
    house.room.obey(StageCommand(act=Act.MUTE, speaker_id="ben"))
    house.room.obey(StageCommand(act=Act.UNMUTE, speaker_id="ben"))
    assert seat.muted
    assert not seat.audible


def test_a_removed_speaker_stays_away(house: House) -> None:
    _, ear = house.join(BEN)
    assert house.room.obey(StageCommand(act=Act.REMOVE, speaker_id="ben")).ok
    assert house.hung_up == [ear]
    with pytest.raises(RemovedByHost):
        house.join(BEN)
    reply = house.room.obey(StageCommand(act=Act.REMOVE, speaker_id="ben"))
    assert (reply.ok, reply.code) == (False, "no_seat")
    assert reply.message


def test_the_second_session_takes_the_seat(house: House, clock: FakeClock) -> None:
    """The seat is the same, the first line is hung up, and hanging it up again costs nobody a seat."""
    seat, first = house.join(ANNA)
    clock.jump(seconds=5)
    again, second = house.join(Speaker("anna", "Anna B.", host=True))
    assert again is seat
    assert seat.line is second
    assert house.hung_up == [first]
    assert seat.state(clock.monotonic()).name == "Anna B."
    house.room.leave(first)
    assert house.room.seat("anna") is seat


def test_places_are_limited(clock: FakeClock) -> None:
    house = House(clock, places=1)
    house.join(ANNA)
    with pytest.raises(StageFull):
        house.join(BEN)
    house.join(ANNA)


def test_a_lost_line_keeps_its_seat_for_a_minute(house: House, clock: FakeClock) -> None:
    """Two seconds without RTP and the line shows as lost; after a minute the seat is free."""
    seat, _ = house.join(ANNA, 450)
    house.run(50)
    assert seat.state(clock.monotonic()).connected
    clock.jump(seconds=3)
    house.room.clear_out(clock.monotonic())
    lost = seat.state(clock.monotonic())
    assert (lost.connected, lost.quality, lost.level_dbfs) == (False, Quality.LOST, -100)
    clock.jump(seconds=KEPT_S - 4)
    house.room.clear_out(clock.monotonic())
    assert house.room.seats == [seat]
    clock.jump(seconds=2)
    house.room.clear_out(clock.monotonic())
    with pytest.raises(NoSeat):
        house.room.seat("anna")


def test_a_revoked_invitation_loses_its_seat(house: House) -> None:
    _, ear = house.join(ANNA)
    house.room.revoke("anna")
    house.room.revoke("nobody")
    assert house.hung_up == [ear]
    assert house.room.seats == []


def test_a_stretch_that_was_slept_through(house: House) -> None:
    """After a suspension the programme begins again at a part boundary behind the gap."""
    house.run(60)
    before = house.parts[-1].index
    house.room.give_up_blocks(3000)
    house.block += 3000
    house.run(200)
    after = house.parts[-1].index
    assert after > before + 3000 * 960 // 24576
    assert all(len(part.frames) == 24 for part in house.parts)


def test_a_pause_between_two_sentences(house: House, clock: FakeClock) -> None:
    """Quiet is what listeners hear as a pause, so that a stage can hand over in it."""
    house.phase(Phase.LIVE)
    house.join(ANNA, 440)
    house.run(30)
    assert not house.room.quiet
    house.phase(Phase.PAUSED)
    house.run(14)
    assert house.room.quiet


@pytest.mark.parametrize(
    ("lost_pct", "target_ms", "quality", "trouble"),
    [
        (0, 60, Quality.GOOD, Trouble.NONE),
        (3, 60, Quality.FAIR, Trouble.LOSS),
        (0, 120, Quality.FAIR, Trouble.JITTER),
        (9, 200, Quality.POOR, Trouble.LOSS),
        (3, 200, Quality.POOR, Trouble.JITTER),
        (0, 200, Quality.POOR, Trouble.JITTER),
    ],
)
def test_quality(lost_pct: float, target_ms: int, quality: Quality, trouble: Trouble) -> None:
    """What keeps a line from being better is named, so that nobody reads "poor" beside "0 % lost"."""
    assert quality_of(lost_pct, target_ms) == (quality, trouble)
