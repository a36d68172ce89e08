"""What may be scheduled, and what an airing says of it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.broadcast.lifecycle import Act
from rostra.broadcast.moving import moved
from rostra.broadcast.schedule import (
    AiringShape,
    Broadcast,
    TooLateToEdit,
    Visibility,
    Wish,
    airing,
    captioned,
    check_wish,
    edited,
    local_start,
    zones,
)
from rostra.media.wire import Phase
from rostra.platform.clock import to_us
from rostra.platform.errors import Invalid
from rostra.platform.ids import AccountId, BroadcastId, SpeakerId

NOW = datetime(2026, 5, 4, 18, 0, tzinfo=UTC)
WISH = Wish(title="A talk", host_name="Ada", starts_at=NOW + timedelta(hours=2))


def a_broadcast(phase: Phase = Phase.SCHEDULED) -> Broadcast:
    return Broadcast(
        id=BroadcastId(1),
        owner_id=AccountId(2),
        slug="a-talk",
        title="A talk",
        description="",
        picture=None,
        starts_at=WISH.starts_at,
        zone="UTC",
        visibility=Visibility.PUBLIC,
        auto_start=False,
        doors_open_before_min=15,
        phase=phase,
        host_speaker_id=SpeakerId(3),
        host_name="Ada",
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": "  \n "}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"description": "x" * 5001}, "description"),
        ({"host_name": ""}, "host_name"),
        ({"zone": "Europe/Atlantis"}, "zone"),
        ({"starts_at": NOW - timedelta(hours=1)}, "starts_at"),
        ({"starts_at": NOW + timedelta(days=800)}, "starts_at"),
        ({"starts_at": datetime(2026, 5, 5)}, "starts_at"),
        ({"doors_open_before_min": 241}, "doors_open_before_min"),
        ({"delay_s": 4}, "delay_s"),
        ({"delay_s": 31}, "delay_s"),
        ({"delay_s": -5}, "delay_s"),
    ],
)
def test_a_wish_that_cannot_be_met_names_the_field(change: dict[str, object], field: str) -> None:
    """The form can put the sentence beside the field at fault."""
    with pytest.raises(Invalid) as caught:
        check_wish(replace(WISH, **change), now=NOW)  # type: ignore[arg-type]
    assert caught.value.field == field


def test_a_title_loses_what_cannot_be_seen() -> None:
    """Control characters and marks that turn the direction of other text would deceive a reader."""
    assert check_wish(replace(WISH, title=" A\u202e\x00 talk\n today "), now=NOW).title == "A talk today"


@given(st.text(max_size=300))
def test_any_text_is_a_good_title_or_a_clear_refusal(title: str) -> None:
    with suppress(Invalid):
        checked = check_wish(replace(WISH, title=title), now=NOW)
        assert 1 <= len(checked.title) <= 120
        assert "\n" not in checked.title


def test_a_local_time_means_the_moment_in_its_zone() -> None:
    assert local_start("2026-12-24", "20:00", "Europe/Berlin") == datetime(2026, 12, 24, 19, 0, tzinfo=UTC)
    assert local_start("2026-07-24", "20:00", "Europe/Berlin") == datetime(2026, 7, 24, 18, 0, tzinfo=UTC)


def test_an_hour_that_the_zone_skips_is_refused() -> None:
    """On 29 March 2026 the clocks in Berlin go from 02:00 to 03:00."""
    with pytest.raises(Invalid, match="skipped"):
        local_start("2026-03-29", "02:30", "Europe/Berlin")


def test_an_hour_that_comes_twice_means_its_first() -> None:
    assert local_start("2026-10-25", "02:30", "Europe/Berlin") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("bad", [("soon", "20:00"), ("2026-13-01", "20:00"), ("2026-12-24", "25:00"), ("", "")])
def test_a_time_that_is_none_is_refused(bad: tuple[str, str]) -> None:
    with pytest.raises(Invalid):
        local_start(*bad, "UTC")


def test_the_zones_hold_places_and_utc_and_no_paths() -> None:
    assert {"UTC", "Europe/Berlin", "America/New_York"} <= zones()
    assert not any(zone.startswith(("posix", "/", "Etc")) for zone in zones())


def test_opening_the_doors_fixes_the_anchor_for_ever() -> None:
    """Every number of every part hangs on the anchor: no later move may touch it."""
    shape = AiringShape()
    opened = moved(a_broadcast(), Act.OPEN_DOORS, now=NOW, shape=shape)
    later = opened
    for minutes, act in enumerate((Act.GO_LIVE, Act.PAUSE, Act.RESUME, Act.END), start=1):
        later = moved(later, act, now=NOW + timedelta(minutes=minutes), shape=AiringShape(part_frames=48))
        assert (later.anchor_at, later.part_frames) == (NOW, 24)
    assert later.live_at == NOW + timedelta(minutes=1)
    assert later.ended_at == NOW + timedelta(minutes=4)


def test_an_airing_carries_the_clock_in_microseconds() -> None:
    at = NOW + timedelta(microseconds=123_457)
    opened = moved(a_broadcast(), Act.OPEN_DOORS, now=at, shape=AiringShape())
    told = airing(opened, AiringShape(places=5))
    assert told.anchor_us == to_us(at) - 4_096_000, "one segment of silence lies before the doors"
    assert (told.phase, told.places, told.host_speaker_id) == (Phase.DOORS_OPEN, 5, "3")
    assert told.clock() is not None


def test_an_open_broadcast_keeps_its_time_but_not_its_title() -> None:
    opened = replace(a_broadcast(Phase.DOORS_OPEN), anchor_at=NOW)
    assert edited(opened, replace(WISH, title="Another"), now=NOW).title == "Another"
    with pytest.raises(TooLateToEdit):
        edited(opened, replace(WISH, starts_at=NOW + timedelta(hours=3)), now=NOW)


def test_a_running_broadcast_can_be_edited_after_its_start() -> None:
    """The start lies in the past then, and that is no fault of the title."""
    live = replace(a_broadcast(Phase.LIVE), anchor_at=NOW)
    assert edited(live, replace(WISH, title="Another"), now=NOW + timedelta(hours=5)).starts_at == WISH.starts_at


def test_a_public_broadcast_cannot_hide() -> None:
    with pytest.raises(Invalid):
        edited(a_broadcast(), replace(WISH, visibility=Visibility.UNLISTED), now=NOW)


def test_what_is_over_cannot_be_edited() -> None:
    with pytest.raises(TooLateToEdit):
        edited(a_broadcast(Phase.ENDED), WISH, now=NOW)


def test_listeners_are_behind_by_whole_parts() -> None:
    """Stage, edge and recorder read the same numbers: beginning and end in the airing are when they are heard."""
    delayed = replace(a_broadcast(), delay_s=10)
    opened = moved(delayed, Act.OPEN_DOORS, now=NOW, shape=AiringShape())
    live = moved(opened, Act.GO_LIVE, now=NOW + timedelta(minutes=1), shape=AiringShape())
    ended = moved(live, Act.END, now=NOW + timedelta(minutes=2), shape=AiringShape())
    told = airing(ended, AiringShape())
    assert (told.delay_s, told.delay_parts) == (10, 20)
    assert ended.delay == timedelta(seconds=20 * 0.512)
    assert told.live_us == to_us(NOW + timedelta(minutes=1)) + 10_240_000
    assert told.ended_us == to_us(NOW + timedelta(minutes=2)) + 10_240_000


def test_the_delay_stays_once_the_doors_are_open() -> None:
    """Listeners already hear by it: shortening it would skip, lengthening it would stop them."""
    wish = replace(WISH, delay_s=7)
    assert edited(a_broadcast(), wish, now=NOW).delay_s == 7
    with pytest.raises(TooLateToEdit) as caught:
        edited(a_broadcast(Phase.DOORS_OPEN), wish, now=NOW)
    assert "delay" in caught.value.user_message


def test_listeners_know_of_beginning_and_end_when_they_hear_them() -> None:
    """The page does not say "over" to somebody who still hears ten seconds of it."""
    second = timedelta(seconds=1)
    live = replace(a_broadcast(Phase.LIVE), delay_s=10, anchor_at=NOW - 60 * second, live_at=NOW, part_frames=24)
    assert live.as_heard(NOW + 10 * second).phase is Phase.DOORS_OPEN
    assert live.as_heard(NOW + 10 * second).live_at is None
    assert live.as_heard(NOW + 11 * second).phase is Phase.LIVE
    ended = replace(live, phase=Phase.ENDED, ended_at=NOW + 60 * second)
    assert ended.as_heard(NOW + 70 * second).phase is Phase.LIVE
    assert ended.as_heard(NOW + 70 * second).ended_at is None
    over = ended.as_heard(NOW + 71 * second)
    assert (over.phase, over.ended_at) == (Phase.ENDED, NOW + timedelta(seconds=70.24))
    assert ended.still_heard(NOW + 70 * second)
    assert replace(ended, delay_s=0).as_heard(NOW).phase is Phase.ENDED


def test_captions_are_on_until_the_host_turns_them_off() -> None:
    shape = AiringShape(captions="de")
    opened = moved(a_broadcast(), Act.OPEN_DOORS, now=NOW, shape=shape)
    assert (airing(opened, shape).captions, airing(opened, shape).captions_us) == ("de", None)
    off = captioned(opened, on=False, now=NOW)
    assert (airing(off, shape).captions, off.captions) == ("", "de"), "the transcript keeps its language"
    quiet = moved(captioned(a_broadcast(), on=False, now=NOW), Act.OPEN_DOORS, now=NOW, shape=shape)
    assert airing(quiet, shape).captions == ""


def test_captions_turned_on_again_begin_with_what_is_said_from_then_on() -> None:
    """What was said while they were off is never written down, and a delay is counted in."""
    shape, later = AiringShape(captions="en"), NOW + timedelta(minutes=5)
    opened = moved(replace(a_broadcast(), delay_s=10), Act.OPEN_DOORS, now=NOW, shape=shape)
    off = captioned(opened, on=False, now=NOW + timedelta(minutes=1))
    on = captioned(off, on=True, now=later)
    assert airing(on, shape).captions_us == to_us(later + on.delay)
    assert captioned(on, on=True, now=later + timedelta(minutes=1)) == on, "twice is once"
    with pytest.raises(TooLateToEdit):
        captioned(replace(on, phase=Phase.ENDED), on=False, now=later)


def test_captions_are_switched_by_editing_as_well() -> None:
    off = edited(a_broadcast(Phase.LIVE), replace(WISH, with_captions=False), now=NOW)
    assert not off.with_captions
