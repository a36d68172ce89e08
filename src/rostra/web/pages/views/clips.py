"""The page of one clip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipPage:
    """`clip.html` at /b/{slug}/c/{id}. title: the clip's, or the broadcast's when it has none.

    audio_url: the replay with `#t=start,end`; None while there is nothing to play, and `why_not` says why then.
    file_url: the clip alone as a file, absolute; None where there is none.
    data: for the script, `data-clip`, members start_s, end_s (of the replay), stream_url.
    """

    title: str
    broadcast_title: str
    host_name: str
    broadcast_url: str
    whole_url: str
    page_url: str
    picture_url: str | None
    length_text: str
    unlisted: bool
    audio_url: str | None
    file_url: str | None
    why_not: str | None
    data: Mapping[str, object]
