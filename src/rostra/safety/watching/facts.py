"""What a rule can ask of a post and its author: the names, their types, and what each of them means.

`docs/law/rules.md` has the same list; a test holds the two together.
"""

from __future__ import annotations

import unicodedata
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit


class Type(StrEnum):
    """Of a value in an expression, in the words of CEL."""

    BOOL = "bool"
    STRING = "string"
    INT = "int"
    DOUBLE = "double"
    STRINGS = "list of string"


LISTED_MAX: Final = 64
"""Entries of a list that rules see. Fails open: what comes after them is not looked at."""
TEXT_MAX: Final = 20_000
"""Characters of a text that rules see. Fails open, likewise; a post is rarely longer than 500."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostFacts:
    """Lists hold LISTED_MAX entries at most, texts TEXT_MAX characters."""

    text: str = ""
    folded: str = ""
    warning: str = ""
    characters: int = 0
    language: str = ""
    detected_language: str = ""
    links: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    visibility: str = "public"
    is_reply: bool = False
    is_edit: bool = False
    has_poll: bool = False
    is_sensitive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorFacts:
    handle: str = ""
    name: str = ""
    note: str = ""
    folded: str = ""
    age_days: float = 0.0
    followers: int = 0
    following: int = 0
    posts: int = 0
    posts_per_day: float = 0.0
    posts_last_day: int = 0
    is_bot: bool = False


_TYPES: Final = {
    "str": Type.STRING,
    "int": Type.INT,
    "float": Type.DOUBLE,
    "bool": Type.BOOL,
    "tuple[str, ...]": Type.STRINGS,
}
FIELDS: Final[dict[str, Type]] = {
    f"{name}.{each.name}": _TYPES[str(each.type)]
    for name, kind in (("post", PostFacts), ("author", AuthorFacts))
    for each in fields(kind)
}
"""`post.text` -> its type: everything that an expression may name."""


@dataclass(frozen=True, slots=True)
class Facts:
    post: PostFacts
    author: AuthorFacts

    def plain(self) -> dict[str, dict[str, Any]]:
        """As an expression gets them."""
        return {"post": asdict(self.post), "author": asdict(self.author)}


def folded(text: str) -> str:
    """Without the differences that only look like differences: width, ligatures, case, marks that take no room."""
    plain = unicodedata.normalize("NFKC", text[:TEXT_MAX]).casefold()
    return "".join(each for each in plain if unicodedata.category(each) != "Cf")


def hosts_of(links: tuple[str, ...]) -> tuple[str, ...]:
    """Once each, in order, lower case, without `www.`; an address that has none is left out."""
    found: dict[str, None] = {}
    for link in links:
        try:
            host = urlsplit(link).hostname
        except ValueError:
            continue
        if host:
            found[host.removeprefix("www.")] = None
    return tuple(found)


def posts_per_day(posts: int, age_days: float) -> float:
    """Over the whole life of an account; of the first day as if it were over."""
    return posts / max(1.0, age_days)
