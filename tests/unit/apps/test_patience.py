"""How long a start waits: as long as what it starts gets on."""

from __future__ import annotations

import os

from rostra.apps.patience import GETS_ON_S, MOST_S, SAYS_EVERY_S, STILL_S, Patience, processor_s

STARTING = {"site": "does not answer yet: ConnectError", "stage": "does not answer yet: ConnectError"}


def test_who_gets_on_slowly_is_waited_for() -> None:
    """A loaded machine: no answer for five minutes, and yet something is done in each."""
    patience = Patience(0)
    for number in range(1, 11):
        now_s = number * STILL_S / 2
        patience.look(now_s, answers=STARTING, used_s={"site": number * GETS_ON_S})
        assert not patience.over(now_s)


def test_who_hangs_is_given_up() -> None:
    patience = Patience(0)
    patience.look(1, answers=STARTING, used_s={"site": 3.0})
    for now_s in (10, STILL_S):
        patience.look(now_s, answers=STARTING, used_s={"site": 3.0 + GETS_ON_S / 2})
    assert not patience.over(STILL_S)
    assert patience.over(STILL_S + 1.5)


def test_another_answer_is_progress() -> None:
    patience = Patience(0)
    patience.look(1, answers=STARTING, used_s={})
    patience.look(STILL_S, answers={"stage": "The message bus does not answer."}, used_s={})
    assert not patience.over(2 * STILL_S)
    assert patience.listed() == "stage (The message bus does not answer.)"


def test_patience_ends() -> None:
    patience = Patience(0)
    patience.look(MOST_S, answers=STARTING, used_s={"site": 500.0})
    assert not patience.over(MOST_S)
    assert patience.over(MOST_S + 1)


def test_it_says_now_and_then_what_it_waits_for() -> None:
    patience = Patience(0)
    patience.look(1, answers={"site": "starts"}, used_s={})
    assert patience.says(SAYS_EVERY_S - 1) is None
    assert patience.says(SAYS_EVERY_S) == "Waiting for site (starts). 15 s so far."
    assert patience.says(SAYS_EVERY_S + 1) is None


def test_processor_time_is_told_of_what_runs() -> None:
    assert (processor_s(os.getpid()) or 0) > 0
    assert processor_s(None) is None
