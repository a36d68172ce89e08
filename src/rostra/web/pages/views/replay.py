"""What is left of a broadcast: its recording, its replay, its tracks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingView:
    """url: the download. size_text: "28.4 MB". duration_text: "59 min 12 s".

    missing_text: a sentence about silence in the recording, or None when it is whole.
    """

    url: str
    size_text: str
    duration_text: str
    missing_text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChapterView:
    """start_text: "1:02:03". url: of the page, playing from there."""

    start_s: int
    start_text: str
    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipView:
    """title: never empty. url: of its own page. id: for the host, who may remove it."""

    id: str
    title: str
    length_text: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayView:
    """The player of a recording. audio_url: with `#t=` when a link names a moment; stream_url: the same as HLS, None
    for recordings that have none; chapters_url: WebVTT, if any. clips: the host's.
    clips_url: POST target of `start`, `end` ("1:02", in the replay) and `title`; answers with the clip's page.

    data: for the script, `data-replay="{{ page.replay.data | tojson | forceescape }}"`, members id, url (the page's
    path), duration_s, stream_url, cuts (what is left out, [start, end) in milliseconds of the recording).
    """

    audio_url: str
    stream_url: str | None
    chapters_url: str | None
    chapters: tuple[ChapterView, ...]
    clips: tuple[ClipView, ...]
    clips_url: str
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackView:
    """What one speaker said. url: the download. size_text: "28.4 MB"."""

    name: str
    url: str
    size_text: str
