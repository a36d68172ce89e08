"""Clips: a span of a conversation with a title and a link of its own.

Whoever may hear a broadcast may make a clip of it, up to five minutes; the link says what they chose, and holds no
sound of its own: it plays that span of the replay, and what the host cuts out is gone from it, too. The host may make
longer ones and remove any. The broadcast's page lists the host's clips alone; a listener's is known by its link.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final

from rostra.broadcast.schedule import one_line
from rostra.platform.errors import Invalid, NotFound, RostraError
from rostra.platform.ids import BroadcastId

TITLE_CHARS: Final = 120
SHORTEST_MS: Final = 1000
LISTENERS_MOST_MS: Final = 5 * 60_000
HOSTS_MOST_MS: Final = 60 * 60_000
MOST_CLIPS: Final = 1000
"""Of one broadcast. Fails closed: nobody makes more until some are removed."""


class ClipUnknown(NotFound):
    code = "clip_unknown"
    user_message = "This clip does not exist any more."


class NothingToClip(RostraError):
    status, code = HTTPStatus.CONFLICT, "nothing_to_clip"
    user_message = "There is nothing to make a clip of yet. Clips can be made on the air and of the replay."


class TooManyClips(RostraError):
    status, code = HTTPStatus.CONFLICT, "too_many_clips"
    user_message = "This broadcast has as many clips as it can have. The host can remove some."


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """start_ms, end_ms: recording time. title: may be empty."""

    id: int
    broadcast_id: BroadcastId
    start_ms: int
    end_ms: int
    title: str
    by_host: bool
    created_at: datetime


def check_clip(start_ms: int, end_ms: int, title: str, *, available_ms: int, by_host: bool) -> tuple[int, int, str]:
    """The clip as asked for, its end no later than what there is to hear. Raises Invalid with the field at fault."""
    title = one_line(title)
    if len(title) > TITLE_CHARS:
        raise Invalid("long title", user_message=f"The title can have {TITLE_CHARS} characters.", field="title")
    end_ms = min(end_ms, available_ms)
    if not 0 <= start_ms < available_ms:
        raise Invalid("start", user_message="The clip begins outside of what can be heard.", field="start")
    if end_ms - start_ms < SHORTEST_MS:
        raise Invalid("short", user_message="A clip is at least one second long.", field="end")
    most_ms = HOSTS_MOST_MS if by_host else LISTENERS_MOST_MS
    if end_ms - start_ms > most_ms:
        text = f"A clip can be {most_ms // 60_000} minutes long. Choose a shorter span."
        raise Invalid("long", user_message=text, field="end")
    return start_ms, end_ms, title
