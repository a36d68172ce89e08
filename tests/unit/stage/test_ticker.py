"""The 20 ms clock of a room."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rostra.media.clock import MediaClock
from rostra.stage.ticker import AT_MOST_PER_WAKE, BLOCK_US, JUMP_BLOCKS, Ticker
from tests.kit.clock import FakeClock


class Room:
    """Wakes, and counts the blocks it was asked for."""

    def __init__(self, clock: FakeClock, *, anchored_s_ago: float = 0) -> None:
        self.clock = clock
        self.anchor_us = clock.now_us() - round(anchored_s_ago * 1e6)
        media = MediaClock(self.anchor_us)
        self.ticker = Ticker(media, now_us=clock.now_us(), monotonic=clock.monotonic())
        self.blocks: list[int] = []
        self.skipped = 0

    def wake(self) -> int:
        due = self.ticker.due(now_us=self.clock.now_us(), monotonic=self.clock.monotonic())
        self.blocks += range(due.first, due.first + due.count)
        self.skipped += due.skipped
        return due.count

    def run(self, seconds: float) -> None:
        """Sleep as long as the ticker says, again and again."""
        end = self.clock.monotonic() + seconds
        while self.clock.monotonic() < end:
            self.clock.jump(seconds=max(1e-6, self.ticker.wait_s(monotonic=self.clock.monotonic())))
            self.wake()


def test_fifty_blocks_a_second(clock: FakeClock) -> None:
    """Each block once and in order; nothing is late."""
    room = Room(clock)
    room.run(10)
    assert room.blocks == list(range(len(room.blocks)))
    assert abs(len(room.blocks) - 500) <= 1
    assert room.ticker.late_ticks == 0


def test_blocks_are_numbered_by_media_time(clock: FakeClock) -> None:
    """A stage that starts an hour in makes the block that is due now."""
    room = Room(clock, anchored_s_ago=3600)
    room.run(1)
    assert room.blocks[0] == 3600 * 50


def test_a_late_wake_is_counted_and_made_up(clock: FakeClock) -> None:
    """A loop that hung for 300 ms makes up its blocks in small portions, none is lost."""
    room = Room(clock)
    room.run(1)
    made = len(room.blocks)
    clock.jump(milliseconds=300)
    portions = [room.wake() for _ in range(5)]
    assert max(portions) == AT_MOST_PER_WAKE
    assert sum(portions) == 15
    assert room.blocks == list(range(made + 15))
    assert room.ticker.late_ticks == 3


def test_a_machine_that_slept_gives_up_the_stretch(clock: FakeClock) -> None:
    """After a minute's suspension the room goes on at once, and says how much it gave up."""
    room = Room(clock)
    room.run(1)
    made = len(room.blocks)
    clock.jump(seconds=60)
    room.wake()
    assert room.skipped >= JUMP_BLOCKS
    assert room.ticker.next_block == made + room.skipped


def test_a_stepped_wall_clock_is_followed_slowly(clock: FakeClock) -> None:
    """NTP steps the clock by half a second: no burst, no hole, and in the end the numbers agree again."""
    room = Room(clock)
    room.run(5)
    clock.step(milliseconds=500)
    room.run(120)
    assert room.blocks == list(range(len(room.blocks)))
    behind = (clock.now_us() - room.anchor_us) // BLOCK_US - room.ticker.next_block
    assert abs(behind) <= 1
    assert room.ticker.late_ticks == 0


@given(st.lists(st.floats(0, 2.0), max_size=60), st.floats(0, 10_000))
def test_any_rhythm_of_waking(pauses: list[float], anchored_s_ago: float) -> None:
    """Whenever the loop wakes, blocks come in order, once, never before their time, and each gap is owned up to."""
    clock = FakeClock()
    room = Room(clock, anchored_s_ago=anchored_s_ago)
    first = room.ticker.next_block
    for pause in pauses:
        clock.jump(seconds=pause)
        room.wake()
        assert room.blocks == sorted(set(room.blocks))
        assert room.ticker.next_block == first + len(room.blocks) + room.skipped
        assert (clock.now_us() - room.anchor_us) // BLOCK_US >= room.ticker.next_block - 1
