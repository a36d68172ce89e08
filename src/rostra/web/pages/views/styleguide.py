"""The page that shows every part in every state."""

from __future__ import annotations

from dataclasses import dataclass

from rostra.web.pages.views.notifications import NotificationView
from rostra.web.pages.views.posts import PostView


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleguidePage:
    """`styleguide.html` at /styleguide, only with `demo` on. posts: by the names of their states."""

    posts: tuple[tuple[str, PostView], ...]
    notifications: tuple[NotificationView, ...]
