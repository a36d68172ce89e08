"""All restrictions that stand, in the memory of one process: O(1) for a subject, no I/O, so a hot path may ask."""

from __future__ import annotations

from collections import Counter
from typing import Final

from rostra.safety.restrictions.restrictions import Kind, Restriction, Standing, Subject
from rostra.safety.restrictions.rule import FREE, Answer, Viewer, visible

_NOTHING: Final[tuple[Restriction, ...]] = ()


class View:
    """Kept by `follow`. An empty one knows of no restriction, so a process waits for `complete` before it answers."""

    def __init__(self) -> None:
        self._standing: dict[Subject, tuple[Restriction, ...]] = {}
        self._kinds: Counter[Kind] = Counter()
        self.complete = False

    def __len__(self) -> int:
        """How many subjects are restricted."""
        return len(self._standing)

    def has(self, kind: Kind) -> bool:
        """Whether any subject of this kind is restricted: where none is, nobody has to look further."""
        return self._kinds[kind] > 0

    def put(self, subject: Subject, standing: Standing | None) -> None:
        """What stands for a subject from now on; None when nothing does any more."""
        if self._standing.pop(subject, None) is not None:
            self._kinds[subject.kind] -= 1
        if standing is not None and standing.restrictions:
            self._standing[subject] = standing.restrictions
            self._kinds[subject.kind] += 1

    def of(self, *subjects: Subject) -> tuple[Restriction, ...]:
        """What stands for these subjects, in force now or not."""
        standing = self._standing
        if not standing:
            return _NOTHING
        found = [standing[subject] for subject in subjects if subject in standing]
        if not found:
            return _NOTHING
        return found[0] if len(found) == 1 else tuple(each for some in found for each in some)

    def visible(self, viewer: Viewer, now_us: int, *subjects: Subject) -> Answer:
        """What `viewer` gets of something. subjects: itself, and what it belongs to."""
        found = self.of(*subjects)
        return visible(found, viewer, now_us) if found else FREE
