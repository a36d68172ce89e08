"""The desk's page for what is on the air."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from rostra.flows.room_acts import RoomAct
from rostra.media.wire import Phase
from rostra.web.frame import Moment


class SpeakerView(NamedTuple):
    """A seat on the stage. id: in decimal. state: in words. act: what fits, a mute or to lift it; None for neither."""

    id: str
    name: str
    state: str
    act: RoomAct | None


class SilenceView(NamedTuple):
    """A span that is silent. id: of the restriction, in decimal. text: where it is, in the replay's time."""

    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OnAirView:
    """A broadcast that may be acted on. delay_s: 0 for none. error: of a press that failed; reason, rule: its words.

    is_held: a moderator has paused it. final: until when an end can be taken back, None where there is none;
    take_back_min: how long one can be.
    """

    title: str
    url: str
    phase: Phase
    phase_text: str
    host_name: str
    starts: Moment
    speakers: tuple[SpeakerView, ...]
    silences: tuple[SilenceView, ...]
    delay_s: int
    is_live: bool
    is_paused: bool
    is_held: bool
    final: Moment | None
    take_back_min: int
    act_url: str
    case_url: str
    error: str = ""
    reason: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveDeskPage:
    """`live_desk.html`. last_s: how far back a case can reach. rules: that templates name, to choose from.

    error: about a broadcast that is not in the list.
    """

    rows: tuple[OnAirView, ...]
    last_s: tuple[int, ...]
    rules: tuple[str, ...]
    desk_url: str
    error: str = ""
