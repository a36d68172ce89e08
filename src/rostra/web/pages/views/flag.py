"""Flagging: what, why, send; and what its sender reads afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ItemKind = Literal["post", "media", "account", "broadcast", "span"]
Why = Literal["dislike", "rules", "illegal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """Something that is flagged. value: as the form carries it, "post:123". title: whose or which it is.

    said: the first words of it. url: where it is. remove_url: the same page without it, empty for the only one.
    gone: it is not shown to whoever looks. moment_url: where a moment of it can be typed in, empty for nowhere.
    parts: what of it can be flagged by itself, (words, url).
    """

    value: str
    kind: ItemKind
    title: str
    said: str = ""
    when: str = ""
    url: str = ""
    remove_url: str = ""
    gone: bool = False
    moment_url: str = ""
    parts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagWhatPage:
    """`flag_what.html`, step 1: what it is, and what is wrong with it. items: none yet for who came without a link.

    may_dislike: there is somebody to mute or leave. address, at: what was typed. errors: field → text.
    """

    items: tuple[ItemView, ...]
    why: str
    may_dislike: bool
    address: str
    at: str
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DislikeView:
    """What somebody can do about an author whose words they do not like. form_url: empty for a visitor."""

    acct: str
    form_url: str
    muting: bool
    blocking: bool
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagDislikePage:
    """`flag_dislike.html`: not a case for moderators. flag_url: where it is one after all."""

    items: tuple[ItemView, ...]
    people: tuple[DislikeView, ...]
    back_url: str
    flag_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagWhyPage:
    """`flag_why.html`, step 2: which law, or which rule, in plain words. choices: (value, title, hint)."""

    items: tuple[ItemView, ...]
    why: Why
    choices: tuple[tuple[str, str, str], ...]
    about: str
    back_url: str
    rules_url: str
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedFlag:
    """What stands in the fields of step 3."""

    kind: str = ""
    explanation: str = ""
    law: str = ""
    country: str = ""
    name: str = ""
    email: str = ""
    bona_fide: bool = False
    more: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagSendPage:
    """`flag_send.html`, step 3: in one's own words, who one is, and send.

    kinds: what kinds the area has, value → words; none where it has none. countries: whose law may be named. contact:
    whether name and address are needed; "some": not for those kinds that may be told without a name. member: the handle
    of who is signed in. emergency: somebody may be in danger.
    """

    items: tuple[ItemView, ...]
    why: Why
    about: str
    about_text: str
    kinds: Mapping[str, str]
    countries: Mapping[str, str]
    contact: Literal["required", "some", "optional"]
    member: str
    typed: TypedFlag
    explanation_max: int
    items_max: int
    file_fields: tuple[str, ...]
    file_mb: int
    has_mail: bool
    emergency: bool
    back_url: str
    form_url: str
    errors: Mapping[str, str]
