"""Hashtags as apps read them (docs.joinmastodon.org/entities/Tag, FeaturedTag)."""

from __future__ import annotations

import msgspec


class TagHistory(msgspec.Struct, frozen=True, kw_only=True):
    """day: unix seconds of its beginning. All three are numbers in text."""

    day: str
    uses: str
    accounts: str


class Tag(msgspec.Struct, frozen=True, kw_only=True):
    """following, featuring: left out without a viewer."""

    id: str
    name: str
    url: str
    history: list[TagHistory]
    following: bool | msgspec.UnsetType = msgspec.UNSET
    featuring: bool | msgspec.UnsetType = msgspec.UNSET


class FeaturedTag(msgspec.Struct, frozen=True, kw_only=True):
    """statuses_count: a number in text, as Mastodon writes it."""

    id: str
    name: str
    url: str
    statuses_count: str
    last_status_at: str | None
