"""What a moderator does to a broadcast, and that it leaves nothing behind when it is undone."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.broadcast import Act, AiringShape, Broadcast, Visibility
from rostra.broadcast.lifecycle import EndedByModerator, IllegalMove, NotEnded, NotPaused, PausedByModerator
from rostra.broadcast.moving import end_taken_back, moved, moved_by_moderator
from rostra.media.wire import Phase
from rostra.platform.ids import AccountId, BroadcastId

NOW = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
SHAPE = AiringShape()
ACTS = st.lists(st.tuples(st.booleans(), st.sampled_from((Act.PAUSE, Act.RESUME))), max_size=6)


def on_air(*, delay_s: int = 0) -> Broadcast:
    made = Broadcast(
        id=BroadcastId(1),
        owner_id=AccountId(1),
        slug="talk",
        title="Talk",
        description="",
        picture=None,
        starts_at=NOW,
        zone="UTC",
        visibility=Visibility.PUBLIC,
        auto_start=False,
        doors_open_before_min=15,
        phase=Phase.SCHEDULED,
        host_speaker_id=None,
        host_name="Ada",
        delay_s=delay_s,
    )
    for act in (Act.OPEN_DOORS, Act.GO_LIVE):
        made = moved(made, act, now=NOW, shape=SHAPE)
    return made


def tried(broadcast: Broadcast, by_moderator: bool, act: Act, now: datetime) -> Broadcast:
    """After somebody has pressed; as it was where that is not possible."""
    with suppress(IllegalMove, PausedByModerator, NotPaused, EndedByModerator):
        if by_moderator:
            return moved_by_moderator(broadcast, act, now=now)
        return moved(broadcast, act, now=now, shape=SHAPE)
    return broadcast


@given(ACTS, ACTS)
def test_an_end_that_is_taken_back_leaves_nothing_behind(
    before: list[tuple[bool, Act]], meanwhile: list[tuple[bool, Act]]
) -> None:
    """Whoever has paused it before, and whatever host and moderators press while it is ended."""
    broadcast, now = on_air(), NOW
    for by_moderator, act in before:
        now += timedelta(seconds=1)
        broadcast = tried(broadcast, by_moderator, act, now)
    ended = moved_by_moderator(broadcast, Act.END, now=now)
    assert ended.phase is Phase.PAUSED
    for by_moderator, act in meanwhile:
        assert tried(ended, by_moderator, act, now) == ended
    assert end_taken_back(ended) == broadcast


@pytest.mark.parametrize(("after_s", "ended_after_s"), [(2, 0), (12, 2), (600, 590)])
def test_the_room_of_an_end_closes_when_the_delay_is_out(after_s: int, ended_after_s: int) -> None:
    """Listeners hear what was said before the press, and wait for nothing after that."""
    broadcast = moved_by_moderator(on_air(delay_s=10), Act.END, now=NOW)
    over = moved(broadcast, Act.END, now=NOW + timedelta(seconds=after_s), shape=SHAPE)
    assert over.ended_at is not None
    assert over.ended_at - NOW == pytest.approx(timedelta(seconds=ended_after_s), abs=timedelta(seconds=0.6))
    assert over.over_at == NOW
    assert over.final_at is None


def test_what_nobody_has_ended_or_is_final_cannot_be_taken_back() -> None:
    final = moved(moved_by_moderator(on_air(), Act.END, now=NOW), Act.END, now=NOW, shape=SHAPE)
    for broadcast in (on_air(), final):
        with pytest.raises(NotEnded):
            end_taken_back(broadcast)
