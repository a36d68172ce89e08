"""Moments of a broadcast, from whichever clock somebody heard them by, in media time and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from rostra.broadcast import Broadcast, Visibility
from rostra.broadcast.moments import media_ms_at, media_ms_of_recording, recording_ms_of_media
from rostra.media.wire import Phase
from rostra.platform.ids import AccountId, BroadcastId

DOORS = datetime(2026, 11, 27, 19, tzinfo=UTC)
SEGMENT = timedelta(milliseconds=4096)
LIVE = Broadcast(
    id=BroadcastId(1),
    owner_id=AccountId(2),
    slug="an-evening",
    title="An evening",
    description="",
    picture=None,
    starts_at=DOORS,
    zone="UTC",
    visibility=Visibility.PUBLIC,
    auto_start=False,
    doors_open_before_min=15,
    phase=Phase.LIVE,
    host_speaker_id=None,
    host_name="Ada",
    anchor_at=DOORS,
    live_at=DOORS + timedelta(minutes=10),
    part_frames=24,
    parts_per_segment=8,
)


def test_media_time_runs_from_a_segment_before_the_doors() -> None:
    assert media_ms_at(LIVE, DOORS) == 4096
    assert media_ms_at(LIVE, DOORS + timedelta(seconds=10)) == 14_096
    assert media_ms_at(LIVE, DOORS - timedelta(hours=1)) == 0
    assert media_ms_at(replace(LIVE, anchor_at=None), DOORS) is None


def test_a_place_in_the_recording_is_the_same_place() -> None:
    begins = media_ms_of_recording(LIVE, 0)
    assert begins is not None
    heard = media_ms_at(LIVE, DOORS + timedelta(minutes=10))
    assert heard is not None
    assert 0 <= heard - begins < 512, "it begins with the part that was being filled"
    assert recording_ms_of_media(LIVE, begins + 61_000) == 61_000
    assert recording_ms_of_media(LIVE, 0) == 0
    assert media_ms_of_recording(replace(LIVE, live_at=None), 0) is None


def test_with_a_delay_the_recording_begins_when_it_is_heard() -> None:
    at_once, later = media_ms_of_recording(LIVE, 0), media_ms_of_recording(replace(LIVE, delay_s=10), 0)
    assert at_once is not None
    assert later is not None
    assert later - at_once == 10_240
