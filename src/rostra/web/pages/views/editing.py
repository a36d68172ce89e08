"""The page on which the host edits a replay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rostra.web.pages.views.replay import ClipView


@dataclass(frozen=True, slots=True, kw_only=True)
class EditStatusView:
    """Where publishing stands, and the JSON of `/b/{slug}/edit-replay/status.json`.

    state: none (nothing was published yet), making, failed or ready. share: 0 … 1 of what is being made.
    text: the same in a sentence.
    """

    state: Literal["none", "making", "failed", "ready"]
    share: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditView:
    """One edit in the list of them. text: when and what. current: it is what everybody hears."""

    text: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedMarkView:
    """A chapter whose title can be changed. at_text: into the recording."""

    id: str
    at_text: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditReplayPage:
    """`edit_replay.html`. Forms POST to `form_url` with `csrf` and `act`: `publish` (`source`, `cuts`: a line for each,
    "1:02.5 - 1:10"), `undo`, `rename` (`mark_id`, `title`), `clip` (`start`, `end` in the
    replay, `title`), `remove_clip` (`clip_id`).

    recorded: there is something to edit. cuts_text: those of the current edit, or as typed. error: about what was
    posted, with `field` ("cuts" or ""). data: for the script, `data-edit`, members duration_ms, cuts, peaks_url (None
    until it is drawn), peaks_ms, status_url.
    """

    title: str
    page_url: str
    control_url: str
    form_url: str
    recorded: bool
    held: bool
    source_url: str
    source: str
    has_tracks: bool
    duration_text: str
    cuts_text: str
    status: EditStatusView
    edits: tuple[EditView, ...]
    may_undo: bool
    marks: tuple[NamedMarkView, ...]
    clips: tuple[ClipView, ...]
    error: str | None
    data: Mapping[str, object]
