"""How the live desk shows a speaker."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from rostra.broadcast import Invitation
from rostra.flows.room_acts import RoomAct
from rostra.media.wire import StageState
from rostra.platform.ids import BroadcastId, SpeakerId
from rostra.web.pages.live_desk import speaker_view
from tests.kit.stage_states import a_seat, a_state

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SEAT = Invitation(id=SpeakerId(7), broadcast_id=BroadcastId(1), name="Ada", created_at=NOW, expires_at=NOW)


@pytest.mark.parametrize(
    ("how", "words", "act"),
    [
        ({}, "can be heard", RoomAct.MUTE),
        ({"muted": True}, "has muted themselves", RoomAct.MUTE),
        ({"muted_by_host": True}, "muted by the host", RoomAct.MUTE),
        ({"muted_by_host": True, "connected": False}, "muted by the host", RoomAct.MUTE),
        ({"connected": False}, "away, coming back", RoomAct.MUTE),
    ],
)
def test_one_act_fits_what_somebody_is(how: dict[str, Any], words: str, act: RoomAct) -> None:
    shown = speaker_view(SEAT, a_state("1", 0, a_seat("7", **how)))
    assert (shown.state, shown.act) == (words, act)


def test_nobody_is_muted_who_is_not_there() -> None:
    shown = speaker_view(SEAT, a_state("1", 0, a_seat("8", muted_by_host=True)))
    assert (shown.state, shown.act) == ("not on stage", None)


@pytest.mark.parametrize("stage", [None, a_state("1", 0), a_state("1", 0, a_seat("7", muted_by_host=True))])
def test_a_moderators_mute_stands_whatever_the_stage_says(stage: StageState | None) -> None:
    shown = speaker_view(SEAT, stage, is_muted=True)
    assert (shown.state, shown.act) == ("muted by a moderator", RoomAct.UNMUTE)


def test_a_silent_stage_is_no_reason_to_hold_back() -> None:
    shown = speaker_view(SEAT, None)
    assert (shown.state, shown.act) == ("the stage does not say", RoomAct.MUTE)


def test_somebody_who_comes_back_in_another_seat_is_pointed_out() -> None:
    """A host can invite whom a moderator has muted anew. Nobody knows that it is the same person, but the name."""
    shown = speaker_view(SEAT, None, has_muted_namesake=True)
    assert shown.state == "the stage does not say; a voice of this name was muted in another seat"
    assert shown.act is RoomAct.MUTE
    assert speaker_view(SEAT, None, is_muted=True, has_muted_namesake=True).state == "muted by a moderator"
