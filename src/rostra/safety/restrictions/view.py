"""All restrictions that stand, in the memory of one process: O(1) for a subject, no I/O, so a hot path may ask."""

from __future__ import annotations

from typing import Final

from rostra.platform.clock import Clock
from rostra.safety.restrictions.restrictions import Restriction, Span, Standing, Subject
from rostra.safety.restrictions.rule import FREE, Answer, Viewer, silences, visible

_NOTHING: Final[tuple[Restriction, ...]] = ()


class View:
    """Kept by `follow`. An empty one knows of no restriction, so a process waits for `complete` before it answers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._standing: dict[Subject, tuple[Restriction, ...]] = {}
        self.complete = False

    def __len__(self) -> int:
        return len(self._standing)

    def put(self, subject: Subject, standing: Standing | None) -> None:
        """What stands for a subject from now on; None when nothing does any more."""
        if standing is None or not standing.restrictions:
            self._standing.pop(subject, None)
        else:
            self._standing[subject] = standing.restrictions

    def of(self, *subjects: Subject) -> tuple[Restriction, ...]:
        """What stands for these subjects, in force now or not."""
        standing = self._standing
        if not standing:
            return _NOTHING
        found = [standing[subject] for subject in subjects if subject in standing]
        if not found:
            return _NOTHING
        return found[0] if len(found) == 1 else tuple(each for some in found for each in some)

    def visible(self, viewer: Viewer, *subjects: Subject) -> Answer:
        """What `viewer` gets of something. subjects: itself, and what it belongs to."""
        found = self.of(*subjects)
        return visible(found, viewer, self._clock.now_us()) if found else FREE

    def silences(self, viewer: Viewer, broadcast: Subject) -> tuple[Span, ...]:
        found = self.of(broadcast)
        return silences(found, viewer, self._clock.now_us()) if found else ()
