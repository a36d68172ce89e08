"""What listeners may know of the stage is as old as what they hear of it."""

from __future__ import annotations

import msgspec

from rostra.delivery.hearing import SILENCE_DBFS, Hearing
from rostra.media.wire import Airing, Phase, Quality, SpeakerState, StageState

DELAY_S = 10.24
LIVE_US = 1_000_000_000_000
AIRING = Airing(
    broadcast_id="1", slug="x", title="X", phase=Phase.DOORS_OPEN, starts_us=0, anchor_us=LIVE_US - 60_000_000
)
DELAYED = msgspec.structs.replace(AIRING, delay_s=10)


def a_state(level_dbfs: float) -> StageState:
    speaker = SpeakerState(
        speaker_id="9",
        name="Ada",
        host=True,
        connected=True,
        muted=False,
        muted_by_host=False,
        level_dbfs=level_dbfs,
        quality=Quality.GOOD,
        lost_pct=0,
        buffer_ms=60,
        since_us=0,
    )
    return StageState(
        broadcast_id="1",
        phase=Phase.LIVE,
        at_us=0,
        part=1,
        programme_dbfs=level_dbfs,
        speakers=[speaker],
        late_ticks=0,
        recording_bytes=0,
    )


def level(hearing: Hearing) -> float | None:
    return None if hearing.stage is None else hearing.stage.speakers[0].level_dbfs


def test_who_speaks_is_seen_when_it_is_heard() -> None:
    """An edge that has just come shows who is there, and no level before its moment."""
    hearing = Hearing(DELAYED)
    for quarter in range(60):
        hearing.says(a_state(-quarter), quarter / 4)
        shown = quarter / 4 - DELAY_S
        assert level(hearing) == (SILENCE_DBFS if shown < 0 else -int(shown * 4))
    assert hearing.stage_since_s > 14
    hearing.pass_to(1000)
    assert level(hearing) == -59


def test_without_a_delay_everything_is_of_now() -> None:
    hearing = Hearing(AIRING)
    hearing.says(a_state(-7), 0)
    assert level(hearing) == -7
    for phase in (Phase.LIVE, Phase.PAUSED, Phase.ENDED):
        hearing.airs(msgspec.structs.replace(AIRING, phase=phase, live_us=LIVE_US, ended_us=LIVE_US), 0)
        assert hearing.phase(0) is phase


def test_every_move_of_the_host_is_heard_a_delay_later() -> None:
    """On the air at 0, paused at 4, back at 8, ended at 12: seconds of the host, heard 10.24 s later."""
    hearing = Hearing(DELAYED)
    moves = {0: Phase.LIVE, 4: Phase.PAUSED, 8: Phase.LIVE, 12: Phase.ENDED}
    airing, heard = DELAYED, []
    for second in range(24):
        if (phase := moves.get(second)) is not None:
            heard_us = LIVE_US + round((second + DELAY_S) * 1e6)
            ended_us = heard_us if phase is Phase.ENDED else None
            airing = msgspec.structs.replace(airing, phase=phase, live_us=airing.live_us or heard_us, ended_us=ended_us)
            hearing.airs(airing, second)
        hearing.pass_to(second)
        heard.append(hearing.phase(LIVE_US + second * 1_000_000))
    expected = [Phase.DOORS_OPEN] * 11 + [Phase.LIVE] * 4 + [Phase.PAUSED] * 4 + [Phase.LIVE] * 4 + [Phase.ENDED]
    assert heard == expected
    fresh = Hearing(airing)
    assert fresh.phase(LIVE_US + 13_000_000) is Phase.LIVE, "an edge that has just come, before the end is heard"


def test_a_decision_that_takes_it_off_the_air_holds_at_once() -> None:
    hearing = Hearing(msgspec.structs.replace(DELAYED, phase=Phase.LIVE, live_us=LIVE_US))
    hearing.airs(msgspec.structs.replace(DELAYED, phase=Phase.WITHHELD, live_us=LIVE_US), 5)
    assert hearing.phase(LIVE_US + 5_000_000) is Phase.WITHHELD
