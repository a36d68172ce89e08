"""Posts that wait for their time."""

from __future__ import annotations

from dataclasses import dataclass

from rostra.web.frame import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledView:
    """One of them. at: for the field, "2026-11-24T20:00" in UTC. files: how many pictures or films it has.

    problem: why it could not be posted at its time, or empty. error: why it was not moved just now, or empty.
    """

    id: str
    moment: Moment
    at: str
    text: str
    warning: str
    visibility: str
    language: str
    files: int
    answers_url: str | None
    form_url: str
    problem: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledPostsPage:
    """`scheduled_posts.html`: the next one first. total_max, daily_max: how many one may have."""

    posts: tuple[ScheduledView, ...]
    compose_url: str
    total_max: int
    daily_max: int
