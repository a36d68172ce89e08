"""Blocking playlist reload: which request is answered now, which waits, which is refused.

RFC 8216bis 6.2.5.2. Where the draft is silent we decide: a directive that is not a plain decimal number, or
comes twice, is malformed; a part number beyond the end of its segment means part 0 of the next segment.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from rostra.media.clock import MediaClock
from rostra.platform.errors import RostraError, Unavailable

MSN_AHEAD: Final = 2
MAX_DIGITS: Final = 15


class BadDirective(RostraError):
    """400: a delivery directive that means nothing, or asks too far ahead."""

    status, code = HTTPStatus.BAD_REQUEST, "bad_directive"
    user_message = "The playlist was asked for a part that cannot be waited for. Reload it without directives."


class HeldTooLong(Unavailable):
    """503: the part did not come within three target durations (6.2.5.2)."""

    code = "held_too_long"
    user_message = "The next part of the sound is late. Players try again by themselves."
    retry_after_s = 1


@dataclass(frozen=True, slots=True)
class Directives:
    """`_HLS_msn`, `_HLS_part` and whether a delta update is wanted (`_HLS_skip`)."""

    msn: int | None = None
    part: int | None = None
    skip: bool = False


NONE: Final = Directives()


def parse_directives(query: bytes) -> Directives:
    """The delivery directives of a query string; other parameters are ignored.

    Raises BadDirective for a repeated or non-decimal value, a part without a segment, an unknown skip.
    """
    if b"_HLS_" not in query:
        return NONE
    found: dict[bytes, bytes] = {}
    for pair in query.split(b"&"):
        name, _, value = pair.partition(b"=")
        if name in (b"_HLS_msn", b"_HLS_part", b"_HLS_skip"):
            if name in found:
                raise BadDirective(f"{name.decode()} is given twice")
            found[name] = value
    msn, part = _number(found, b"_HLS_msn"), _number(found, b"_HLS_part")
    if part is not None and msn is None:
        raise BadDirective("_HLS_part without _HLS_msn")
    if (skip := found.get(b"_HLS_skip")) not in (None, b"YES", b"v2"):
        raise BadDirective("_HLS_skip is neither YES nor v2")
    return Directives(msn, part, skip is not None)


def parts_needed(directives: Directives, clock: MediaClock, next_part: int, *, finished: bool) -> int:
    """How many parts must exist (counted from part 0) before the playlist may be sent; `next_part` are there.

    A result of at most `next_part` means: now. Raises BadDirective for what is too far ahead.
    """
    if directives.msn is None or finished:
        return 0
    last_whole = clock.segment_of(next_part) - 1
    if directives.msn > last_whole + MSN_AHEAD:
        raise BadDirective(f"_HLS_msn {directives.msn} is more than {MSN_AHEAD} after {last_whole}")
    if directives.part is None:
        return clock.first_part(directives.msn + 1)
    wanted = clock.first_part(directives.msn) + min(directives.part, clock.parts_per_segment)
    advance_limit = 3 / clock.part_s if clock.part_s < 1 else 3
    if wanted - (next_part - 1) > advance_limit:
        raise BadDirective(f"part {wanted} is more than {advance_limit:.1f} parts after {next_part - 1}")
    return wanted + 1


def _number(found: dict[bytes, bytes], name: bytes) -> int | None:
    if (value := found.get(name)) is None:
        return None
    if not value.isdigit() or len(value) > MAX_DIGITS:
        raise BadDirective(f"{name.decode()} is not a decimal number")
    return int(value)
