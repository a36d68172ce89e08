"""The permanent page of a broadcast: before, during and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from rostra.media.wire import Phase
from rostra.web.frame import Moment, When
from rostra.web.pages.views.replay import RecordingView, ReplayView
from rostra.web.pages.views.transcript import TranscriptLinks


class LabelView(NamedTuple):
    """What moderators have put on it, in their words. url: of the decision; None where there is none."""

    text: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastPage:
    """`broadcast.html`: the permanent page, before, during and after. The same for everybody.

    description: paragraphs. speakers: names in the order of invitation, the host first. playlist_url: for `<link
    rel="alternate" type="application/vnd.apple.mpegurl" href=…>`, present in every phase. radio_url: progressive AAC.
    enter_url: of the edge, for a place in the line when all are taken. status_url: JSON of the site to poll before the
    doors open (`status` below is its first answer). state_url: JSON of the edge while there is a stage. player: data
    for the script, put into `data-player="{{ page.player | tojson | forceescape }}"`; members: id, slug, phase,
    starts_at, doors_open_at, live_at, ended_at, edge_urls, playlist_url, radio_url, state_url, status_url. Times are
    ISO strings in UTC or null. early_text: for the hour before: a sentence such as "The doors open at 19:45."; None
    otherwise.
    """

    id: str
    slug: str
    title: str
    description: tuple[str, ...]
    phase: Phase
    when: When
    phase_text: str
    starts: Moment
    live: Moment | None
    ended: Moment | None
    duration_text: str | None
    host_name: str
    speakers: tuple[str, ...]
    picture_url: str | None
    page_url: str
    calendar_url: str
    playlist_url: str
    radio_url: str
    enter_url: str
    state_url: str
    status_url: str
    unlisted: bool
    recording: RecordingView | None
    recording_pending: bool
    """Ended, and the recording is still being finished."""
    replay_held: bool
    """Recorded, and the host has not published it."""
    player: Mapping[str, object]
    early_text: str | None = None
    replay: ReplayView | None = None
    captions: bool = False
    """There can be live captions; whether there are says the edge."""
    transcript: TranscriptLinks | None = None
    podcast_url: str | None = None
    """Feed of the host's series; None for what is not listed."""
    labels: tuple[LabelView, ...] = ()
    gated: bool = False
    """Behind an age gate, which whoever sees this has pressed away: no preview elsewhere shows its picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusView:
    """`/b/{slug}/status.json`: what a page asks every few seconds before the doors open. Cacheable for 2 s."""

    id: str
    phase: Phase
    title: str
    starts_at: str
    doors_open_at: str
    anchor_at: str | None
    live_at: str | None
    ended_at: str | None
