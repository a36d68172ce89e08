"""Broadcasts in lists, and the list of an organiser's own."""

from __future__ import annotations

from dataclasses import dataclass

from rostra.media.wire import Phase
from rostra.web.frame import Moment, When


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastCard:
    """A broadcast in a list."""

    title: str
    url: str
    phase: Phase
    when: When
    phase_text: str
    starts: Moment
    host_name: str
    summary: str
    picture_url: str | None
    unlisted: bool
    control_url: str
    edit_url: str | None
    """None when nothing can be edited any more."""
    labels: tuple[str, ...] = ()
    """What moderators have put on it, in their words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganiserPage:
    """`organiser.html` at /broadcasts: one's own broadcasts, next first, then the past.

    setup_url: where a new owner chooses a handle and how to sign in; None once that is done.
    """

    current: tuple[BroadcastCard, ...]
    past: tuple[BroadcastCard, ...]
    setup_url: str | None = None
