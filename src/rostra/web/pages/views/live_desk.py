"""The desk's page for what is on the air."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from rostra.flows.moderate_live import RoomAct
from rostra.media.wire import Phase
from rostra.web.frame import Moment


class SpeakerView(NamedTuple):
    """A seat on the stage. id: in decimal. state: in words. act: what fits, a mute or to lift it; None for neither."""

    id: str
    name: str
    state: str
    act: RoomAct | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnAirView:
    """A broadcast that may be acted on. delay_s: 0 for none. error, reason: of a press that failed, and its words.

    is_held: a moderator has paused it. asks: whether it shall really end, which was pressed once.
    """

    title: str
    url: str
    phase: Phase
    phase_text: str
    host_name: str
    starts: Moment
    speakers: tuple[SpeakerView, ...]
    delay_s: int
    is_live: bool
    is_paused: bool
    is_held: bool
    asks: bool
    live_url: str
    act_url: str
    case_url: str
    error: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveDeskPage:
    """`live_desk.html`. last_s: how far back a case can reach. error: about a broadcast that is not in the list."""

    rows: tuple[OnAirView, ...]
    last_s: tuple[int, ...]
    desk_url: str
    error: str = ""
