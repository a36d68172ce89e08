"""What the schedule does, decided by a pure function."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rostra.broadcast.lifecycle import Act
from rostra.flows.run_schedule import GIVEN_UP_AFTER, due
from rostra.media.wire import Phase
from tests.unit.broadcast.test_schedule import a_broadcast

SCHEDULED = a_broadcast()
START = SCHEDULED.starts_at
DOORS = START - timedelta(minutes=15)
OPEN = replace(a_broadcast(Phase.DOORS_OPEN), anchor_at=DOORS, auto_start=True)
SECOND = timedelta(seconds=1)


def test_doors_open_at_their_minute_and_not_before() -> None:
    assert due(SCHEDULED, someone_on_stage=False, now=DOORS - SECOND) is None
    assert due(SCHEDULED, someone_on_stage=False, now=DOORS) is Act.OPEN_DOORS


def test_the_air_opens_at_the_minute_when_somebody_is_there() -> None:
    assert due(OPEN, someone_on_stage=True, now=START - SECOND) is None
    assert due(OPEN, someone_on_stage=False, now=START) is None
    assert due(OPEN, someone_on_stage=True, now=START) is Act.GO_LIVE


def test_without_being_asked_nothing_goes_on_the_air() -> None:
    by_hand = replace(OPEN, auto_start=False)
    assert due(by_hand, someone_on_stage=True, now=START + timedelta(hours=1)) is None


@pytest.mark.parametrize("broadcast", [SCHEDULED, OPEN])
def test_what_never_began_is_given_up_after_a_day(broadcast: object) -> None:
    assert due(broadcast, someone_on_stage=False, now=START + GIVEN_UP_AFTER) is Act.CANCEL  # type: ignore[arg-type]


@pytest.mark.parametrize("phase", [Phase.LIVE, Phase.PAUSED, Phase.ENDED, Phase.CANCELLED])
def test_what_has_begun_is_left_to_the_host(phase: Phase) -> None:
    """However long an evening gets, the schedule never ends it."""
    began = replace(OPEN, phase=phase)
    assert due(began, someone_on_stage=False, now=START + timedelta(days=30)) is None
