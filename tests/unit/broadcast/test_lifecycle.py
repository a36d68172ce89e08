"""The lifecycle: what is allowed, and what is said when it is not."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.broadcast.lifecycle import FINAL, MOVES, Act, IllegalMove, after, refusal
from rostra.media.wire import Phase


def test_an_evening_goes_from_the_schedule_to_the_end() -> None:
    """Doors, air, a pause, air again, end."""
    phase = Phase.SCHEDULED
    for act in (Act.OPEN_DOORS, Act.GO_LIVE, Act.PAUSE, Act.RESUME, Act.END):
        phase = after(phase, act)
    assert phase is Phase.ENDED


@given(st.lists(st.sampled_from(Act)))
def test_what_is_over_stays_over(acts: list[Act]) -> None:
    """Whatever anybody tries, in any order, nothing brings an ended or cancelled broadcast back."""
    phase = Phase.SCHEDULED
    for act in acts:
        was = phase
        with suppress(IllegalMove):
            phase = after(phase, act)
        assert phase is was if was in FINAL else phase is not Phase.SCHEDULED or was is Phase.SCHEDULED


@given(st.lists(st.sampled_from(Act)))
def test_nothing_is_on_the_air_before_the_doors_were_open(acts: list[Act]) -> None:
    """The encoder starts with the doors, so there is always a stage before there is a programme."""
    phase, doors_were_open = Phase.SCHEDULED, False
    for act in acts:
        with suppress(IllegalMove):
            phase = after(phase, act)
        doors_were_open |= phase is Phase.DOORS_OPEN
        assert doors_were_open or phase not in (Phase.LIVE, Phase.PAUSED, Phase.ENDED)


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize("act", list(Act))
def test_every_refusal_is_a_sentence(phase: Phase, act: Act) -> None:
    """Each combination that is illegal says why, in words that end in a full stop."""
    if (phase, act) in MOVES:
        return
    assert refusal(phase, act).endswith(".")
    with pytest.raises(IllegalMove) as caught:
        after(phase, act)
    assert caught.value.user_message == refusal(phase, act)
    assert caught.value.status == 409
