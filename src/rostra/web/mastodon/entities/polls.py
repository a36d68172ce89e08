"""Polls and how they stand."""

from __future__ import annotations

from typing import Any

import msgspec


class PollOption(msgspec.Struct, frozen=True, kw_only=True):
    """votes_count: None while nobody is to see it."""

    title: str
    votes_count: int | None


class Poll(msgspec.Struct, frozen=True, kw_only=True):
    """voters_count: None unless several options may be chosen. voted, own_votes: for somebody who is signed in."""

    id: str
    expires_at: str
    expired: bool
    multiple: bool
    votes_count: int
    voters_count: int | None
    options: list[PollOption]
    emojis: list[Any]
    voted: bool | msgspec.UnsetType = msgspec.UNSET
    own_votes: list[int] | msgspec.UnsetType = msgspec.UNSET


class AskedOption(msgspec.Struct, frozen=True, kw_only=True):
    title: str


class AskedPoll(msgspec.Struct, frozen=True, kw_only=True):
    """What a version of a status asked."""

    options: list[AskedOption]
