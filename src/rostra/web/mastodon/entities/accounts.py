"""Accounts and what the viewer is to them."""

from __future__ import annotations

from typing import Any

import msgspec


class Field(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    value: str
    verified_at: str | None


class Account(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    username: str
    acct: str
    display_name: str
    locked: bool
    bot: bool
    discoverable: bool
    indexable: bool
    group: bool
    created_at: str
    note: str
    url: str
    uri: str
    avatar: str
    avatar_static: str
    header: str
    header_static: str
    followers_count: int
    following_count: int
    statuses_count: int
    last_status_at: str | None
    hide_collections: bool
    noindex: bool
    emojis: list[Any]
    roles: list[Any]
    fields: list[Field]
    limited: bool | msgspec.UnsetType = msgspec.UNSET
    suspended: bool | msgspec.UnsetType = msgspec.UNSET
    source: Source | msgspec.UnsetType = msgspec.UNSET
    role: AccountRole | msgspec.UnsetType = msgspec.UNSET
    mute_expires_at: str | msgspec.UnsetType | None = msgspec.UNSET


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """The plain texts behind one's own profile, and the defaults of new posts."""

    privacy: str
    sensitive: bool
    language: str | None
    note: str
    fields: list[Field]
    follow_requests_count: int
    hide_collections: bool | None
    discoverable: bool
    indexable: bool
    attribution_domains: list[str]
    quote_policy: str


class AccountRole(msgspec.Struct, frozen=True, kw_only=True):
    """permissions: a bit field in decimal; none of Mastodon's are given."""

    id: str
    name: str
    permissions: str = "0"
    color: str = ""
    highlighted: bool = False


class Relationship(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    following: bool
    showing_reblogs: bool
    notifying: bool
    languages: tuple[str, ...] | None
    followed_by: bool
    blocking: bool
    blocked_by: bool
    muting: bool
    muting_notifications: bool
    requested: bool
    requested_by: bool
    domain_blocking: bool
    endorsed: bool
    note: str


class FamiliarFollowers(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    accounts: list[Account]
