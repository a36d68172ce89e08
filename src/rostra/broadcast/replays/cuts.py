"""What is left out of a replay, and where everything else comes to lie.

Two scales of time: *recording time*, milliseconds since the recording began, in which marks, clips, captions and cuts
are kept; and *published time*, milliseconds into the replay as it is heard. `Cuts.published_ms` is the one way from
the first to the second; `Cuts.recording_ms` is the way back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rostra.platform.errors import Invalid

Span = tuple[int, int]
"""[start, end) in milliseconds."""
MOST_CUTS: Final = 200
SHORTEST_LEFT_MS: Final = 1000
"""What remains of a replay is at least so long."""


@dataclass(frozen=True, slots=True)
class Cuts:
    """Spans of recording time, ascending, apart from each other and none of them empty; made by `cuts_of`."""

    spans: tuple[Span, ...] = ()

    def published_ms(self, at_ms: int) -> int:
        """Where a moment of the recording is in the replay. Never falls; a moment that is cut is where the join is."""
        return at_ms - sum(min(end, at_ms) - start for start, end in self.spans if start < at_ms)

    def recording_ms(self, at_ms: int) -> int:
        """Where a moment of the replay is in the recording; at a join, behind the cut."""
        for start, end in self.spans:
            if start > at_ms:
                break
            at_ms += end - start
        return at_ms

    def length_ms(self, duration_ms: int) -> int:
        """How long the replay of a recording of `duration_ms` is."""
        return self.published_ms(duration_ms)

    def hides(self, start_ms: int, end_ms: int) -> bool:
        """Whether nothing of the span is left."""
        return self.published_ms(start_ms) == self.published_ms(end_ms)


def cuts_of(wanted: Iterable[Span], duration_ms: int) -> Cuts:
    """The cuts as somebody marked them: what overlaps or touches is one, what lies beyond the end is dropped.

    Raises Invalid for a span that ends before it begins, for too many, and when less than a second would be left.
    """
    merged: list[Span] = []
    for start, end in sorted((max(0, start), min(end, duration_ms)) for start, end in map(_checked, wanted)):
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    if len(merged) > MOST_CUTS:
        text = f"A replay can have {MOST_CUTS} cuts; these are {len(merged)}. Join some of them."
        raise Invalid("too many cuts", user_message=text, field="cuts")
    made = Cuts(tuple(merged))
    if merged and made.length_ms(duration_ms) < SHORTEST_LEFT_MS:
        text = "Nothing would be left of the replay. Keep at least one second, or do not publish it."
        raise Invalid("everything is cut", user_message=text, field="cuts")
    return made


def _checked(span: Span) -> Span:
    start, end = span
    if end <= start:
        raise Invalid(f"cut {span}", user_message="A cut ends before it begins. Check its times.", field="cuts")
    return span
