"""Filters, in the form of today and in that of the first API, and what they say of a status."""

from __future__ import annotations

import msgspec


class FilterKeyword(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    keyword: str
    whole_word: bool


class FilterStatus(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    status_id: str


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """keywords, statuses: left out where it only says which filter a status meets."""

    id: str
    title: str
    context: list[str]
    expires_at: str | None
    filter_action: str
    keywords: list[FilterKeyword] | msgspec.UnsetType = msgspec.UNSET
    statuses: list[FilterStatus] | msgspec.UnsetType = msgspec.UNSET


class FilterResult(msgspec.Struct, frozen=True, kw_only=True):
    filter: Filter
    keyword_matches: list[str] | None
    status_matches: list[str] | None


class OldFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Mastodon's V1::Filter: one phrase. id: of the keyword. irreversible: hides."""

    id: str
    phrase: str
    context: list[str]
    whole_word: bool
    expires_at: str | None
    irreversible: bool
