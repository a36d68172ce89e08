"""Conversations. Source: docs.joinmastodon.org/entities/Conversation."""

from __future__ import annotations

import msgspec

from rostra.web.mastodon.entities.accounts import Account
from rostra.web.mastodon.entities.statuses import Status


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    unread: bool
    accounts: list[Account]
    last_status: Status
