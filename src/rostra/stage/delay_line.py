"""The delay line of one broadcast: parts go in when they are finished and come out when they are due.

Sans-I/O. Times are samples of the broadcast's media time, which counts what listeners hear: what is said now lies
a whole delay ahead of what is heard now.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rostra.media.clock import MediaClock
from rostra.media.held import Dump, Span, new_samples, silenced
from rostra.media.part import Part
from rostra.media.renditions import Rendition
from rostra.media.wire import HELD_KEPT_S
from rostra.stage.encoder import Encoded


class DelayLine:
    """Each part that is put in comes out once: at its moment, or at once when it comes later.

    A dump is no change of parts but a span that is silent, so it also takes from parts that are not finished yet, and
    from copies that come later from another process.
    """

    def __init__(self, clock: MediaClock, renditions: Sequence[Rendition], *, delay_parts: int) -> None:
        self._clock = clock
        self._renditions = {each.name: each for each in renditions}
        self._nothing_before = clock.parts_per_segment + delay_parts
        """Between the doors and the first word that can come through lies silence by nature."""
        self._kept_parts: Final = clock.parts_of(HELD_KEPT_S)
        self._held: dict[int, dict[str, Part]] = {}
        self._gone: dict[int, set[str]] = {}
        self._dumps: list[Dump] = []
        self._due: int | None = None

    @property
    def released(self) -> int:
        """Sample up to which listeners have heard it, or may have; nothing before it can be dumped."""
        return 0 if self._due is None else self._clock.decode_time(self._due)

    @property
    def held_parts(self) -> int:
        return len(self._held)

    @property
    def dumps(self) -> list[Dump]:
        """What was dumped lately, oldest first."""
        return list(self._dumps)

    def hold(self, rendition: str, part: Part) -> bool:
        """Put a part in; whether it is new. Of two with the same number the first counts."""
        gone = rendition in self._gone.get(part.index, ())
        if gone or rendition not in self._renditions or part.index < self._oldest:
            return False
        return self._held.setdefault(part.index, {}).setdefault(rendition, part) is part

    def dump(self, dump: Dump) -> bool:
        """Silence a span; whether that is news."""
        if dump in self._dumps:
            return False
        self._dumps.append(dump)
        return True

    def removable(self, first: int, end: int) -> int:
        """How many samples of [first, end) a dump would still remove."""
        spans = [Span(each.first, each.end) for each in self._dumps]
        first = max(first, self.released)
        return new_samples(Span(first, end), spans) if first < end else 0

    def pass_to(self, now: int) -> None:
        """Sample `now` of media time is over: parts that end before it are due. Time that steps back is ignored."""
        due = max(0, now // self._clock.part_samples)
        if self._due is None:
            self._due = due
        for index in range(self._due, min(due, self._nothing_before)):
            for name, rendition in self._renditions.items():
                count = rendition.frame_count(self._clock, index)
                self.hold(name, Part(index, [rendition.silence] * count))
        self._due = max(self._due, due)

    def release(self) -> list[Encoded]:
        """The parts that are due and have not come out yet, in order."""
        ready = [
            Encoded(rendition, self._clean(rendition, self._held[index][name]))
            for index in sorted(each for each in self._held if self._due is not None and each < self._due)
            for name, rendition in self._renditions.items()
            if name in self._held[index]
        ]
        for rendition, part in ready:
            del self._held[part.index][rendition.name]
            if not self._held[part.index]:
                del self._held[part.index]
            self._gone.setdefault(part.index, set()).add(rendition.name)
        self._forget()
        return ready

    def _clean(self, rendition: Rendition, part: Part) -> Part:
        return silenced(part, rendition, self._clock, [Span(each.first, each.end) for each in self._dumps])

    @property
    def _oldest(self) -> int:
        """What is older than the bus keeps it nobody waits for."""
        return 0 if self._due is None else self._due - self._kept_parts

    def _forget(self) -> None:
        for index in [each for each in self._gone if each < self._oldest]:
            del self._gone[index]
        oldest = self._clock.decode_time(max(0, self._oldest))
        self._dumps = [each for each in self._dumps if each.end >= oldest]
