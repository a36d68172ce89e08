"""Pieces of local recordings leave the disk at their time; the original and other speakers' pieces stay."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import pytest

from rostra.broadcast import Broadcast, BroadcastStore
from rostra.broadcast.originals import LocalPiece, Original, OriginalStore
from rostra.broadcast.replays import Cuts, Edit, EditState, EditStore, Source
from rostra.flows.forget_pieces import forget_pieces
from rostra.flows.house import House
from rostra.flows.invite_speaker import invite_speaker
from rostra.flows.issue_ticket import Seat, find_seat
from rostra.flows.move_broadcast import end_broadcast
from rostra.flows.take_local_recording import announce_recording, take_piece
from rostra.media.wire import Phase
from rostra.network.accounts import Viewer
from rostra.platform.clock import to_us
from tests.kit.clock import FakeClock
from tests.kit.house import a_broadcast, on_the_air

SILENCE = b"fLaC silence, the same for everybody"


@dataclass
class Sent:
    """What one speaker's browser has sent of a broadcast that is over."""

    house: House
    seat: Seat

    async def send(self, number: int, content: bytes) -> None:
        broadcast = self.seat.broadcast
        assert broadcast.live_at is not None
        piece = LocalPiece(
            broadcast_id=broadcast.id, speaker_id=self.seat.invitation.id, recording_id="00112233445566ff",
            piece=number, file="", size_bytes=0, first_sample=number * 48_000, samples=48_000, rate_hz=48_000,
            at_us=to_us(broadcast.live_at),
        )  # fmt: skip
        await take_piece(self.house, self.seat, piece, content, sha256=hashlib.sha256(content).digest())

    async def files(self) -> list[str]:
        async with self.house.database.reading() as session:
            pieces = await OriginalStore(session).pieces(self.seat.broadcast.id, self.seat.invitation.id)
        return [piece.file for piece in pieces]

    async def make_original(self, pieces: int) -> str:
        file = await self.house.files.put_bytes(b"fLaC original", "flac")
        original = Original(
            broadcast_id=self.seat.broadcast.id, speaker_id=self.seat.invitation.id, file=file, size_bytes=1,
            duration_ms=1000, offset_ms=0, drift_ppm=0, coverage=1, pieces=pieces, trouble="",
            created_at=self.house.clock.now(),
        )  # fmt: skip
        async with self.house.database.transaction() as session:
            await OriginalStore(session).put_newer(original)
        return file


@pytest.fixture
async def evening(house: House, owner: Viewer, clock: FakeClock) -> tuple[Broadcast, Sent, Sent]:
    """Ada sent three pieces, Bob one; both have a second of silence."""
    made = await a_broadcast(house, owner)
    await on_the_air(house, made, owner)
    tokens = [(await invite_speaker(house, made.id, name, by=owner)).token for name in ("Ada", "Bob")]
    clock.jump(minutes=1)
    ended = await end_broadcast(house, made.id, by=owner)
    ada, bob = [Sent(house, await find_seat(house, token)) for token in tokens]
    for number, content in enumerate((b"fLaC one", b"fLaC two", SILENCE)):
        await ada.send(number, content)
    await announce_recording(house, ada.seat, "00112233445566ff", pieces=3, whole=True)
    await bob.send(0, SILENCE)
    return ended, ada, bob


async def publish(house: House, broadcast: Broadcast) -> None:
    edit = Edit(
        id=house.ids.next(), broadcast_id=broadcast.id, source=Source.TRACKS, cuts=Cuts(()), state=EditState.READY,
        error=None, created_at=house.clock.now(), published_at=house.clock.now(),
        file=await house.files.put_bytes(b"replay", "m4a"), duration_ms=1000,
    )  # fmt: skip
    async with house.database.transaction() as session:
        await EditStore(session).add(edit)


async def test_pieces_go_a_week_after_the_end_when_the_replay_has_what_they_held(
    house: House, clock: FakeClock, evening: tuple[Broadcast, Sent, Sent]
) -> None:
    ended, ada, bob = evening
    files, (silence,) = await ada.files(), await bob.files()
    original = await ada.make_original(pieces=3)
    await publish(house, ended)
    clock.jump(hours=7 * 24 - 1)
    assert await forget_pieces(house) == 0
    clock.jump(hours=1)
    assert await forget_pieces(house) == 1
    assert await ada.files() == []
    left = {file for file in files if (house.files.root / file).exists()}
    assert left == {silence}, "the silence is Bob's as well"
    assert house.files.path(original).exists()
    assert await forget_pieces(house) == 0
    clock.jump(hours=23 * 24)
    assert await forget_pieces(house) == 1, "nothing was made of Bob's, whose term has passed"
    assert not (house.files.root / silence).exists()


async def test_pieces_wait_for_their_original_until_their_term_has_passed(
    house: House, clock: FakeClock, evening: tuple[Broadcast, Sent, Sent]
) -> None:
    """Also what a crash left half done is finished: files that are gone already are no error."""
    ended, ada, _ = evening
    await publish(house, ended)
    clock.jump(hours=30 * 24 - 1)
    assert await forget_pieces(house) == 0
    assert len(await ada.files()) == 3
    await house.files.delete((await ada.files())[0])
    clock.jump(hours=1)
    assert await forget_pieces(house) == 2


async def test_what_is_withheld_is_kept_as_evidence(
    house: House, clock: FakeClock, evening: tuple[Broadcast, Sent, Sent]
) -> None:
    ended, ada, _ = evening
    async with house.database.transaction() as session:
        store = BroadcastStore(session)
        await store.save(replace(await store.get(ended.id), phase=Phase.WITHHELD))
    clock.jump(hours=60 * 24)
    assert await forget_pieces(house) == 0
    assert len(await ada.files()) == 3
