"""Readiness: what would make the start late is said before the minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec

from rostra.broadcast.readiness import Check, Surroundings, late_text, readiness
from rostra.media.wire import Phase, ProcessBeat, Quality, RoomLease, SpeakerState, StageState, Trouble
from rostra.platform.clock import to_us
from tests.unit.broadcast.test_schedule import NOW, a_broadcast

AT_US = to_us(NOW)
OPEN = replace(a_broadcast(Phase.DOORS_OPEN), anchor_at=NOW - timedelta(minutes=5))


def a_beat(kind: str, *, age_s: float = 1, warnings: list[str] | None = None) -> ProcessBeat:
    seen_us = AT_US - round(age_s * 1e6)
    return ProcessBeat(kind=kind, instance="a", url="", started_us=0, seen_us=seen_us, warnings=warnings or [])


SPEAKER = SpeakerState(
    speaker_id="3", name="Ada", host=True, connected=True, muted=False, muted_by_host=False, level_dbfs=-20,
    quality=Quality.GOOD, lost_pct=0, buffer_ms=60, since_us=0,
)  # fmt: skip
STATE = StageState(
    broadcast_id="1", phase=Phase.DOORS_OPEN, at_us=AT_US, part=3, programme_dbfs=-100, speakers=[SPEAKER],
    late_ticks=0, recording_bytes=0,
)  # fmt: skip
ALL_WELL = Surroundings(
    bus_connected=True,
    beats=[a_beat("stage"), a_beat("edge")],
    lease=RoomLease(stage_id="s", whip_url="", until_us=AT_US + 5_000_000),
    state=STATE,
    free_disk_bytes=50_000_000_000,
)


def wrong(around: Surroundings, broadcast: object = OPEN) -> dict[str, Check]:
    checks = readiness(broadcast, around, now=NOW)  # type: ignore[arg-type]
    return {check.code: check for check in checks if not check.ok}


def test_when_all_is_well_nothing_is_wrong() -> None:
    assert wrong(ALL_WELL) == {}


def test_a_silent_process_is_missed_after_four_beats() -> None:
    """A process that has not beaten for ten seconds does not run, whatever the bucket still holds."""
    found = wrong(replace(ALL_WELL, beats=[a_beat("stage", age_s=10), a_beat("edge")]))
    assert list(found) == ["stage_process"]
    assert found["stage_process"].blocking


def test_without_the_bus_nothing_else_is_claimed() -> None:
    """Old beats prove nothing; saying that the stage is gone would send people the wrong way."""
    assert list(wrong(replace(ALL_WELL, bus_connected=False, beats=[]))) == ["bus"]


def test_an_unclaimed_room_is_named() -> None:
    assert list(wrong(replace(ALL_WELL, lease=None))) == ["room"]


def test_an_empty_stage_blocks_the_start() -> None:
    empty = msgspec.structs.replace(STATE, speakers=[])
    assert wrong(replace(ALL_WELL, state=empty))["nobody"].blocking


def test_a_state_of_ten_seconds_ago_says_nothing_about_now() -> None:
    old = msgspec.structs.replace(STATE, at_us=AT_US - 10_000_000)
    assert "nobody" in wrong(replace(ALL_WELL, state=old))


def test_all_muted_is_worth_a_word() -> None:
    muted = msgspec.structs.replace(STATE, speakers=[msgspec.structs.replace(SPEAKER, muted_by_host=True)])
    assert list(wrong(replace(ALL_WELL, state=muted))) == ["muted"]


def test_a_poor_connection_is_named_with_the_speaker() -> None:
    poor = msgspec.structs.replace(SPEAKER, quality=Quality.POOR, lost_pct=12, trouble=Trouble.LOSS)
    found = wrong(replace(ALL_WELL, state=msgspec.structs.replace(STATE, speakers=[poor])))
    assert found["quality_3"].text == "The connection of Ada is poor: 12 % of the sound is lost."


def test_a_line_that_is_uneven_is_not_said_to_lose_anything() -> None:
    uneven = msgspec.structs.replace(SPEAKER, quality=Quality.POOR, trouble=Trouble.JITTER)
    found = wrong(replace(ALL_WELL, state=msgspec.structs.replace(STATE, speakers=[uneven])))
    assert found["quality_3"].text == "The connection of Ada is poor: the sound arrives unevenly."


def test_little_disk_and_the_words_of_processes_are_passed_on() -> None:
    around = replace(ALL_WELL, free_disk_bytes=1000, beats=[a_beat("stage", warnings=["It burns."]), a_beat("edge")])
    assert list(wrong(around)) == ["disk", "warning_1"]


def test_everything_wrong_says_what_to_do() -> None:
    """A check that fails has a sentence for the next step; only the words of other processes stand alone."""
    nothing = Surroundings(bus_connected=True, beats=[], lease=None, state=None, free_disk_bytes=0)
    assert all(check.fix for check in wrong(nothing).values())


def test_nothing_is_checked_when_it_is_over() -> None:
    assert readiness(a_broadcast(Phase.ENDED), ALL_WELL, now=NOW) == []


def test_a_late_start_says_so_with_its_reason() -> None:
    due = replace(OPEN, starts_at=NOW - timedelta(minutes=3))
    empty = replace(ALL_WELL, state=msgspec.structs.replace(STATE, speakers=[]))
    text = late_text(due, readiness(due, empty, now=NOW), now=NOW)
    assert text is not None
    assert text.startswith("The start is 3 min late. Nobody is on stage.")


def test_a_start_that_would_be_late_says_so_before_the_minute() -> None:
    checks = readiness(OPEN, replace(ALL_WELL, lease=None), now=NOW)
    assert (late_text(OPEN, checks, now=NOW) or "").startswith("The start would be late.")
    assert late_text(OPEN, readiness(OPEN, ALL_WELL, now=NOW), now=NOW) is None
