"""The playout buffer, with loss as lists of booleans and time as a number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.stage.playout import (
    CONCEAL_AT_MOST,
    FAR_TOO_DEEP_MS,
    HELD_AT_MOST,
    LEAST_MS,
    MOST_MS,
    OVERFULL_MS,
    Conceal,
    Packet,
    Play,
    Playout,
    Rebuild,
    Silence,
    Step,
)
from rostra.stage.transit import WINDOW_S

BLOCK = 960
TICK = 0.020


def packet(number: int, *, first: int = 0, stamp: int | None = None, ssrc: int = 1) -> Packet:
    stamp = number * BLOCK if stamp is None else stamp
    return Packet((first + number) % 0x10000, stamp % 0x100000000, b"%d" % number, BLOCK, ssrc)


class Line:
    """A sender with one packet a tick, and a listener with one pull a tick."""

    def __init__(self, first: int = 0) -> None:
        self.playout = Playout()
        self.first = first
        self.sent = 0
        self.ticks = 0
        self.steps: list[Step] = []

    @property
    def now(self) -> float:
        return self.ticks * TICK

    def tick(self, *, arrives: bool = True, sends: bool = True) -> None:
        if sends:
            if arrives:
                self.playout.add(packet(self.sent, first=self.first), self.now)
            self.sent += 1
        self.steps.append(self.playout.pull(self.now))
        self.ticks += 1

    def run(self, arrivals: list[bool]) -> list[Step]:
        at = len(self.steps)
        for arrives in arrivals:
            self.tick(arrives=arrives)
        return self.steps[at:]


def played(steps: list[Step]) -> list[int]:
    return [int(step.payload) for step in steps if isinstance(step, Play)]


def test_a_good_line_is_played_in_order_after_60_ms() -> None:
    """Nothing is lost, nothing is guessed, and the delay is the least possible."""
    line = Line()
    steps = line.run([True] * 100)
    assert played(steps) == list(range(98))
    assert all(isinstance(step, (Play, Silence)) for step in steps)
    assert line.playout.target_ms == LEAST_MS
    assert line.playout.depth_ms <= LEAST_MS
    assert line.playout.lost_pct(line.now) == 0


def test_one_lost_packet_is_rebuilt_from_its_successor() -> None:
    """The packet behind a lost one carries its FEC copy; the loss is counted."""
    line = Line()
    line.run([True] * 10)
    steps = line.run([False] + [True] * 10)
    rebuilt = [step for step in steps if isinstance(step, Rebuild)]
    assert rebuilt == [Rebuild(b"11", BLOCK)]
    assert played(line.steps) == [number for number in range(19) if number != 10]
    assert 0 < line.playout.lost_pct(line.now) < 10


def test_two_lost_packets_are_concealed_and_rebuilt() -> None:
    """FEC reaches one packet back; the one before is concealed."""
    line = Line()
    line.run([True] * 10)
    steps = line.run([False, False] + [True] * 10)
    kinds = [type(step) for step in steps if not isinstance(step, Play)]
    assert kinds == [Conceal, Rebuild]


def test_reordered_packets_are_played_in_order() -> None:
    """Two packets that swap within the depth cost nothing."""
    line = Line()
    line.run([True] * 10)
    line.playout.add(packet(11), line.now)
    line.playout.add(packet(10), line.now)
    line.sent = 12
    line.run([True] * 10)
    assert played(line.steps) == list(range(played(line.steps)[-1] + 1))
    assert line.playout.lost_pct(line.now) == 0


@pytest.mark.parametrize("first", [0xFFF0, 0x7FF0, 65535])
def test_the_sequence_wraps(first: int) -> None:
    """Nothing happens at 65535, nor when the timestamp passes 2^32."""
    line = Line(first=first)
    for number in range(50):
        line.playout.add(packet(number, first=first, stamp=0xFFFFFFFF - 5 * BLOCK + number * BLOCK), line.now)
        line.steps.append(line.playout.pull(line.now))
        line.ticks += 1
    assert played(line.steps) == list(range(48))


def test_a_pause_of_the_sender_is_kept_and_is_no_loss() -> None:
    """DTX: no packets for 300 ms, then the sequence goes on and the timestamp has jumped."""
    line = Line()
    line.run([True] * 10)
    for _ in range(15):
        line.tick(sends=False)
    for number in range(10, 20):
        line.playout.add(packet(number, stamp=(number + 15) * BLOCK), line.now)
        line.tick(sends=False)
    for _ in range(10):
        line.tick(sends=False)
    assert played(line.steps) == list(range(20))
    between = line.steps[line.steps.index(Play(b"9", BLOCK)) + 1 : line.steps.index(Play(b"10", BLOCK))]
    assert 14 <= len(between) <= 19
    assert line.playout.lost_pct(line.now) == 0
    assert line.playout.target_ms == LEAST_MS


def test_a_lone_packet_is_played_when_it_has_waited() -> None:
    """A DTX sender's comfort noise comes one packet at a time."""
    playout = Playout()
    playout.add(packet(0), 0.0)
    assert isinstance(playout.pull(0.02), Silence)
    assert isinstance(playout.pull(0.06), Play)


def test_late_packets_make_the_buffer_deeper_and_calm_makes_it_shallow_again() -> None:
    """A line with jitter grows, and seven seconds after its last late packet it is back at 60 ms."""
    line = Line()
    line.run([True] * 20)
    for _ in range(20):
        number = line.sent
        line.run([False, True, True, True])
        line.playout.add(packet(number), line.now)  # too late by then
        line.run([True] * 4)
    assert line.playout.target_ms > LEAST_MS
    grown_ms = line.playout.target_ms
    assert grown_ms <= MOST_MS
    line.run([True] * int((WINDOW_S + 1) / TICK))
    assert line.playout.target_ms == LEAST_MS


def test_a_hanging_line_is_guessed_then_silent_and_then_cut_to_the_target() -> None:
    """After a second without packets, all of them come at once: the listener is back at the live end at once."""
    line = Line()
    line.run([True] * 20)
    for _ in range(50):
        line.tick(sends=False)
    gap = line.steps[-40:]
    assert sum(isinstance(step, Conceal) for step in line.steps) <= CONCEAL_AT_MOST
    assert all(isinstance(step, Silence) for step in gap)
    for number in range(20, 70):
        line.playout.add(packet(number), line.now)
    assert line.playout.depth_ms <= OVERFULL_MS
    line.sent = 70
    line.run([True] * 20)
    assert line.playout.depth_ms <= OVERFULL_MS


def test_a_new_stream_starts_anew() -> None:
    """A client that reconnects sends another SSRC from another number; nothing of the old one is awaited."""
    line = Line()
    line.run([True] * 10)
    for number in range(100, 110):
        line.playout.add(packet(number, first=40_000, ssrc=2), line.now)
        line.tick(sends=False)
    assert played(line.steps)[-5:] == list(range(played(line.steps)[-5], played(line.steps)[-5] + 5))
    assert played(line.steps)[-1] >= 105


def test_duplicates_are_no_trouble() -> None:
    """A packet that comes twice is played once and does not count as late."""
    line = Line()
    for _ in range(30):
        line.playout.add(packet(line.sent), line.now)
        line.playout.add(packet(max(0, line.sent - 5)), line.now)
        line.tick()
    assert played(line.steps) == list(range(28))
    assert line.playout.target_ms == LEAST_MS


def test_a_fast_sender_is_followed() -> None:
    """A sound card 1 % too fast fills the buffer; it sheds a packet now and then and never runs over."""
    line = Line()
    for tick in range(20_000):
        if tick % 100 == 0:
            line.playout.add(packet(line.sent), line.now)
            line.sent += 1
        line.tick()
    assert line.playout.depth_ms <= OVERFULL_MS


def test_a_burst_at_the_start_is_shed_within_seconds() -> None:
    """Whatever plays faster to catch up, the buffer itself drops what is far too much."""
    line = Line()
    for _ in range(18):
        line.playout.add(packet(line.sent), line.now)
        line.sent += 1
    line.run([True] * 20)
    assert line.playout.depth_ms > 300
    line.run([True] * int(8 / TICK))
    assert line.playout.depth_ms <= LEAST_MS + FAR_TOO_DEEP_MS + 20
    assert line.playout.surplus_ms(line.now) > 80


def test_packets_that_all_claim_one_time_do_not_pile_up() -> None:
    """A client that forgets to advance its timestamps costs no memory."""
    playout = Playout()
    for number in range(1000):
        playout.add(packet(number, stamp=0), 0.0)
        assert playout.held <= HELD_AT_MOST


def test_limits_are_checked() -> None:
    with pytest.raises(ValueError, match="least_ms"):
        Playout(least_ms=100, most_ms=60)


def test_nonsense_is_ignored() -> None:
    """A packet without duration is no packet."""
    playout = Playout()
    playout.add(Packet(1, 1, b"", 0), 0.0)
    assert playout.held == 0
    assert isinstance(playout.pull(1.0), Silence)


@given(
    arrivals=st.lists(st.booleans(), max_size=300),
    first=st.integers(0, 0xFFFF),
    delays=st.lists(st.integers(0, 12), min_size=1, max_size=50),
)
def test_whatever_the_line_does(arrivals: list[bool], first: int, delays: list[int]) -> None:
    """Under any loss and any jitter every pull is answered, nothing is played twice or out of order, and what is
    held stays bounded."""
    playout = Playout()
    on_the_way: dict[int, list[int]] = {}
    heard: list[int] = []
    for tick, arrives in enumerate(arrivals + [False] * 20):
        if arrives:
            on_the_way.setdefault(tick + delays[tick % len(delays)], []).append(tick)
        for number in on_the_way.pop(tick, []):
            playout.add(packet(number, first=first), tick * TICK)
        step = playout.pull(tick * TICK)
        assert step.samples > 0
        if isinstance(step, Play):
            heard.append(int(step.payload))
        assert playout.held <= OVERFULL_MS // 20 + 1
        assert LEAST_MS <= playout.target_ms <= MOST_MS
        assert 0 <= playout.lost_pct(tick * TICK) <= 100
    assert heard == sorted(set(heard))


def test_what_comes_late_after_all_was_cut() -> None:
    """Long packets that are too much before the first is played are cut, the newest too; then an older one comes."""
    playout = Playout()
    for sequence, timestamp in ((2, 0), (3, 48_000), (1, 0)):
        playout.add(Packet(sequence, timestamp, b"x", 5760), 0.0)
    assert playout.held == 1
    assert playout.pull(1.0) == Play(b"x", 5760)


@given(
    st.lists(
        st.builds(
            Packet,
            st.integers(0, 0xFFFF),
            st.integers(0, 0xFFFFFFFF),
            st.binary(max_size=3),
            st.sampled_from([0, 120, 960, 5760]),
            st.integers(1, 2),
        ),
        max_size=80,
    )
)
def test_hostile_packets(packets: list[Packet]) -> None:
    """Any numbers and timestamps: no crash, bounded memory."""
    playout = Playout()
    for tick, each in enumerate(packets):
        playout.add(each, tick * TICK)
        assert playout.pull(tick * TICK).samples > 0
        assert playout.held <= HELD_AT_MOST
