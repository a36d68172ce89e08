"""Lists of accounts."""

from __future__ import annotations

import msgspec


class UserList(msgspec.Struct, frozen=True, kw_only=True):
    """Mastodon's List."""

    id: str
    title: str
    replies_policy: str
    exclusive: bool
