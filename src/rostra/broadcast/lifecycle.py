"""The lifecycle of a broadcast: moves as data."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from rostra.media.wire import Phase
from rostra.platform.errors import Conflict, RostraError


class Act(StrEnum):
    """What a host, or the schedule in the host's name, can do to a whole broadcast."""

    OPEN_DOORS = "open_doors"
    GO_LIVE = "go_live"
    PAUSE = "pause"
    RESUME = "resume"
    END = "end"
    CANCEL = "cancel"


MOVES: Final = {  # (phase, act) -> next phase; what is absent is illegal
    (Phase.SCHEDULED, Act.OPEN_DOORS): Phase.DOORS_OPEN,
    (Phase.SCHEDULED, Act.CANCEL): Phase.CANCELLED,
    (Phase.DOORS_OPEN, Act.GO_LIVE): Phase.LIVE,
    (Phase.DOORS_OPEN, Act.CANCEL): Phase.CANCELLED,
    (Phase.LIVE, Act.PAUSE): Phase.PAUSED,
    (Phase.LIVE, Act.END): Phase.ENDED,
    (Phase.PAUSED, Act.RESUME): Phase.LIVE,
    (Phase.PAUSED, Act.END): Phase.ENDED,
}

FINAL: Final = frozenset({Phase.ENDED, Phase.CANCELLED, Phase.WITHHELD})
"""Phases that nothing leads out of."""

TAKE_BACK: Final = timedelta(minutes=10)
"""So long a moderator's end can be taken back by one. Then it is final, and the room is closed."""

_REFUSALS: Final = {  # the sentence of a refused act, by the phase it met; "" is any other phase
    Act.OPEN_DOORS: {"": "The doors are open already."},
    Act.GO_LIVE: {
        Phase.SCHEDULED: "The doors are still closed. Open them first, then go on the air.",
        Phase.PAUSED: "The broadcast is paused. Press Return to go on.",
        "": "The broadcast is on the air already.",
    },
    Act.PAUSE: {Phase.PAUSED: "The broadcast is paused already.", "": "Only a broadcast on the air can be paused."},
    Act.RESUME: {Phase.LIVE: "The broadcast is on the air already.", "": "Only a paused broadcast can be resumed."},
    Act.END: {"": "This broadcast has not been on the air. Cancel it instead."},
    Act.CANCEL: {"": "A broadcast that was on the air cannot be cancelled. End it instead."},
}
_OVER: Final = {
    Phase.ENDED: "The broadcast has ended. Schedule a new one to go on the air again.",
    Phase.CANCELLED: "The broadcast was cancelled. Schedule a new one instead.",
    Phase.WITHHELD: "The broadcast is withheld by a decision. The decision says how to complain.",
}


class IllegalMove(RostraError):
    """409: the phase does not allow the act."""

    status, code = HTTPStatus.CONFLICT, "illegal_move"

    def __init__(self, phase: Phase, act: Act) -> None:
        super().__init__(f"{act} from {phase}", user_message=refusal(phase, act))
        self.phase = phase
        self.act = act


class PausedByModerator(Conflict):
    """409: a moderator has paused the broadcast, and somebody else wants it to go on. Nothing has happened."""

    code = "paused_by_moderator"
    user_message = (
        "A moderator has paused this broadcast, so only a moderator can let it go on. You can end it. The reasons are "
        "in the letter to whoever owns the broadcast, with the way to complain."
    )


class NotPaused(Conflict):
    """409: no moderator's pause is there to be lifted."""

    code = "not_paused"
    user_message = "No moderator has paused this broadcast. If the host has paused it, the host lets it go on."


class EndedByModerator(Conflict):
    """409: a moderator has ended the broadcast, and it can still be taken back. Nothing has happened."""

    code = "ended_by_moderator"
    user_message = (
        "A moderator has ended this broadcast. Listeners hear silence, and in a few minutes the end is final; until "
        "then only a moderator can take it back. The reasons are in the letter to whoever owns the broadcast, with "
        "the way to complain."
    )


class NotEnded(Conflict):
    """409: no moderator's end is there to be taken back."""

    code = "not_ended"
    user_message = "No moderator has ended this broadcast, or its end is final. Then a complaint can still change it."


def after(phase: Phase, act: Act) -> Phase:
    """The phase that `act` leads to. Raises IllegalMove."""
    if (next_phase := MOVES.get((phase, act))) is None:
        raise IllegalMove(phase, act)
    return next_phase


def allowed(phase: Phase, act: Act) -> bool:
    return (phase, act) in MOVES


def refusal(phase: Phase, act: Act) -> str:
    """Why `act` is not possible in `phase`, for people."""
    if phase in _OVER:
        return _OVER[phase]
    sentences: dict[str, str] = _REFUSALS[act]
    return sentences.get(phase, sentences[""])
