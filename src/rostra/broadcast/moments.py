"""Moments of a broadcast in its media time, whichever clock somebody heard them by. Pure.

Media time runs from one segment before the doors (`MediaClock.opened_at`), the recording from the part that was being
filled when it first went live, and the replay is the recording without what was cut.
"""

from __future__ import annotations

from datetime import datetime

from rostra.broadcast.schedule import Broadcast
from rostra.broadcast.transcripts import recording_begins
from rostra.media.clock import SAMPLE_RATE_HZ, MediaClock
from rostra.platform.clock import to_us


def media_ms_at(broadcast: Broadcast, heard_at: datetime) -> int | None:
    """What is heard at a time (PROGRAM-DATE-TIME), in milliseconds of media time; None before the doors open."""
    clock = _clock(broadcast)
    return None if clock is None else max(0, (to_us(heard_at) - clock.anchor_us) // 1000)


def media_ms_of_recording(broadcast: Broadcast, recording_ms: int) -> int | None:
    """A place in the recording, milliseconds, as media time; None for a broadcast that was never on the air."""
    begins_ms = recording_begins_ms(broadcast)
    return None if begins_ms is None else begins_ms + max(0, recording_ms)


def recording_ms_of_media(broadcast: Broadcast, media_ms: int) -> int | None:
    """Where media time is in the recording; 0 for what was before it. None as `media_ms_of_recording`."""
    begins_ms = recording_begins_ms(broadcast)
    return None if begins_ms is None else max(0, media_ms - begins_ms)


def recording_begins_ms(broadcast: Broadcast) -> int | None:
    """The media time at which the recording begins, milliseconds; None for what was never on the air."""
    begins = recording_begins(broadcast)
    return None if begins is None else begins * 1000 // SAMPLE_RATE_HZ


def _clock(broadcast: Broadcast) -> MediaClock | None:
    if broadcast.anchor_at is None or broadcast.part_frames is None:
        return None
    return MediaClock.opened_at(to_us(broadcast.anchor_at), broadcast.part_frames, broadcast.parts_per_segment or 1)
