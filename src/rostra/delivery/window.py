"""The window of one rendition: which parts exist, in order and without a hole.

A part that has not come by its deadline becomes silent frames of the same length, and one that comes later is
dropped: what a player may have seen never changes. So the list of parts is always `first … next - 1`. What became
silence is remembered (`Hushed`): an edge that begins anew finds the late part on the bus and must not list its sound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rostra.delivery.pace import Pace
from rostra.media.clock import MediaClock
from rostra.media.part import Part
from rostra.media.renditions import Rendition
from rostra.platform.errors import RostraError

SLACK_S: Final = 0.6
"""How long after its expected arrival a part is waited for: well under the 3 parts that players hold back."""
PATIENCE_S: Final = 2.0
"""How long the very first part is waited for: after its end by this machine's clock, and after the first look."""
PAUSE_S: Final = 0.3
"""When nobody has looked for longer than this, the process was held up, and parts may be here unread."""
AHEAD_S: Final = 600.0
"""A part that claims to be further ahead of this machine's clock than this is refused."""


class PartRefused(RostraError):
    """A part that cannot belong to this broadcast."""

    code = "part_refused"


@dataclass(frozen=True, slots=True)
class Listed:
    """A part that exists from now on.

    silent: nobody delivered it in time; gap: it was made before this edge began, and others may have it: no frames.
    """

    index: int
    frames: Sequence[bytes]
    silent: bool = False
    gap: bool = False


class Hushed:
    """Spans of parts that were listed as silence and stay it, whatever comes. Ends are exclusive."""

    def __init__(self) -> None:
        self._spans: list[tuple[int, int]] = []

    def __contains__(self, index: int) -> bool:
        return any(first <= index < end for first, end in self._spans)

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        return tuple(self._spans)

    def add(self, first: int, end: int) -> None:
        """Spans that touch become one."""
        apart = [each for each in self._spans if each[1] < first or end < each[0]]
        joined = [(first, end), *(each for each in self._spans if each not in apart)]
        self._spans = sorted([*apart, (min(each[0] for each in joined), max(each[1] for each in joined))])

    def forget(self, below: int) -> None:
        """Nobody can ask for parts before `below` any more."""
        self._spans = [(max(first, below), end) for first, end in self._spans if end > below]


class Window:
    """Puts parts in order. Sans-I/O: time is passed in, `now_s` monotonic and `now_us` wall-clock.

    first: the oldest part that is still listed, at a segment's start; next: the first that is not there yet; begin:
    the first that is not a gap. None steps back.
    A part further ahead than the whole window begins a new one: an hour of sleep is skipped.
    """

    def __init__(self, clock: MediaClock, rendition: Rendition, *, window_s: float, slack_s: float = SLACK_S) -> None:
        self._clock = clock
        self._rendition = rendition
        self._segments = max(3, int(window_s / clock.segment_s))
        self._slack_s = slack_s
        self._pace = Pace(clock.part_s)
        self._early: dict[int, Sequence[bytes]] = {}
        self._end: int | None = None
        self._since_s: float | None = None
        self._looked_s = 0.0
        self.started = False
        self.begin = 0
        self._silent_below = 0
        self.first = 0
        self.next = 0
        self.silent_count = 0
        self.late_count = 0
        self.own = Hushed()
        """What this window has made silence of."""
        self.others = Hushed()
        """What was silence under these addresses before this window began."""

    @property
    def finished(self) -> bool:
        """The broadcast has ended and its last part is listed."""
        return self._end is not None and self.next >= self._end

    def insert(self, part: Part, now_s: float, now_us: int) -> list[Listed]:
        """Take a part as it arrives; what became listed by it.

        Raises PartRefused for a part of the wrong size or from a far future.
        """
        if not 0 <= part.index <= self._clock.part_at(now_us) + AHEAD_S / self._clock.part_s:
            raise PartRefused(f"part {part.index} is not of this time")
        if len(part.frames) != (count := self._rendition.frame_count(self._clock, part.index)):
            raise PartRefused(f"part {part.index} has {len(part.frames)} frames, not {count}")
        self._pace.arrived(part.index, now_s)
        if self._end is not None and part.index >= self._end:
            return []
        if not self.started or part.index - self.next > self._segments * self._clock.parts_per_segment:
            self._start(part.index)
        if part.index < self.next or part.index in self._early:
            self.late_count += 1
            return []
        self._early[part.index] = part.frames
        return self._advance(None)

    def fill(self, now_s: float, now_us: int) -> list[Listed]:
        """Let the deadlines that have passed pass; what became listed by it. Call it about ten times a second.

        The first call after a pause lists nothing: a process that was held up first reads what came meanwhile.
        """
        if self._since_s is None:
            self._since_s = now_s
        held_up = now_s - self._looked_s > PAUSE_S
        self._looked_s = now_s
        if held_up:
            return []
        if not self.started:
            if now_s < self._since_s + PATIENCE_S:
                return []
            due = self._clock.part_at(now_us - int(PATIENCE_S * 1_000_000)) - 1
            if due < 0 or self._end is not None:
                return []
            self._start(due)
            self._pace.arrived(due, now_s - self._slack_s)
        return self._advance(now_s)

    def end(self, end_part: int) -> None:
        """The broadcast has ended: `end_part` is the first part that will not exist.

        Parts that are listed already stay, even when the clock of whoever ended it says otherwise.
        """
        if self._end is None:
            self._end = max(end_part, self.next if self.started else 0)
            self._early = {index: frames for index, frames in self._early.items() if index < self._end}

    def _start(self, index: int) -> None:
        """Begin at the segment of `index`. What that segment lacks before it is a gap: another edge may have it.

        The first segment of a broadcast lies before its doors and is silence by nature (`MediaClock.opened_at`), so
        who begins in the second has the first at once, and players may start. There what is missing is silence.
        """
        self.started = True
        segment = self._clock.segment_of(index)
        self.first = self.next = self._clock.first_part(segment if segment > 1 else 0)
        self.begin = index if segment > 1 else 0
        self._silent_below = index
        self._early.clear()

    def _advance(self, now_s: float | None) -> list[Listed]:
        """List what is there in order, and with `now_s` silence for what is overdue.

        An arrival alone makes nothing overdue: after a pause the next part is often right behind it.
        """
        listed: list[Listed] = []
        while not self.finished:
            if self.next in self._early and self.next not in self.others:
                listed.append(Listed(self.next, self._early[self.next]))
            elif self.next < self.begin:
                listed.append(Listed(self.next, (), gap=True))
            elif (
                self.next < self._silent_below
                or self.next in self._early
                or (now_s is not None and self._overdue(now_s))
            ):
                silence = (self._rendition.silence,) * self._rendition.frame_count(self._clock, self.next)
                listed.append(Listed(self.next, silence, silent=True))
                self.silent_count += 1
                self.own.add(self.next, self.next + 1)
            else:
                break
            self._early.pop(self.next, None)
            self.next += 1
        whole = self._clock.segment_of(self.next)
        self.first = max(self.first, self._clock.first_part(max(0, whole - self._segments)))
        for hushed in (self.own, self.others):
            hushed.forget(self.first)
        return listed

    def _overdue(self, now_s: float) -> bool:
        expected_s = self._pace.expected_s(self.next)
        return expected_s is not None and now_s >= expected_s + self._slack_s
