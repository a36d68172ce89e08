"""Statuses and what belongs to them. Members that are JSON in the database go out as they lie there."""

from __future__ import annotations

from typing import Any

import msgspec

from rostra.web.mastodon.entities.accounts import Account
from rostra.web.mastodon.entities.polls import AskedPoll


class Application(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    website: str | None


class QuoteApproval(msgspec.Struct, frozen=True, kw_only=True):
    """Who may quote a status: whose quotes are accepted at once, and what that means for whoever reads this."""

    automatic: list[str]
    manual: list[str]
    current_user: str


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """quoted_status: None unless the quote is accepted and may be shown."""

    state: str
    quoted_status: Status | None


class ShallowQuote(msgspec.Struct, frozen=True, kw_only=True):
    """What a quoted status quotes itself."""

    state: str
    quoted_status_id: str | None


class Status(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    created_at: str
    in_reply_to_id: str | None
    in_reply_to_account_id: str | None
    sensitive: bool
    spoiler_text: str
    visibility: str
    language: str | None
    uri: str
    url: str
    replies_count: int
    reblogs_count: int
    favourites_count: int
    quotes_count: int
    quote: Quote | ShallowQuote | None
    quote_approval: QuoteApproval
    edited_at: str | None
    content: str
    reblog: Status | None
    application: Application | None
    account: Account
    media_attachments: msgspec.Raw
    mentions: msgspec.Raw
    tags: msgspec.Raw
    emojis: list[Any]
    card: msgspec.Raw | None
    poll: msgspec.Raw | None
    favourited: bool | msgspec.UnsetType = msgspec.UNSET
    reblogged: bool | msgspec.UnsetType = msgspec.UNSET
    muted: bool | msgspec.UnsetType = msgspec.UNSET
    bookmarked: bool | msgspec.UnsetType = msgspec.UNSET
    pinned: bool | msgspec.UnsetType = msgspec.UNSET
    filtered: list[Any] | msgspec.UnsetType = msgspec.UNSET
    text: str | msgspec.UnsetType = msgspec.UNSET


class Context(msgspec.Struct, frozen=True, kw_only=True):
    ancestors: list[Status]
    descendants: list[Status]


class StatusSource(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    text: str
    spoiler_text: str


class StatusEdit(msgspec.Struct, frozen=True, kw_only=True):
    content: str
    spoiler_text: str
    sensitive: bool
    created_at: str
    account: Account
    media_attachments: msgspec.Raw
    emojis: list[Any]
    poll: AskedPoll | msgspec.UnsetType = msgspec.UNSET
