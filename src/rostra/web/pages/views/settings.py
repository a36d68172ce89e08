"""What somebody says of themselves, and how their posts begin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureView:
    """The avatar or the header. own: it was uploaded, and can be removed. text: what it shows, in words."""

    url: str
    own: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileForm:
    """As it is, or as it was typed. fields: always as many pairs of name and value as a profile has lines."""

    display_name: str
    note: str
    fields: tuple[tuple[str, str], ...]
    locked: bool
    bot: bool
    discoverable: bool
    indexable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsPage:
    """`settings.html`. errors: field -> sentence: display_name, note, fields, avatar, header.

    picture_mb: what a picture may have at most. limited: an owner keeps the account out of public lists, and why.
    """

    profile_url: str
    acct: str
    form: ProfileForm
    avatar: PictureView
    header: PictureView
    limited: bool
    limited_reason: str
    limited_url: str
    errors: Mapping[str, str]
    name_max: int
    note_max: int
    field_max: int
    text_max: int
    picture_mb: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingPage:
    """`posting.html`: how a new post begins. languages: code -> name."""

    visibility: str
    language: str
    sensitive: bool
    quote_policy: str
    languages: Mapping[str, str]
