"""Mentions, hashtags and links in plain text, found from left to right so that none lies inside another."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rostra.network.text.links import Link, link_of

URL_COUNTS: Final = 23
"""Characters that a link counts, however long it is (Mastodon: characters_reserved_per_url)."""
TAG_CHARS: Final = 100
_MIDDLE: Final = frozenset("\u00b7\u30fb\u200c\u200d")
"""May stand inside a hashtag, not at its ends: middle dots (Catalan, Japanese) and joiners (Persian, Indic)."""
_JOINERS: Final = str.maketrans("", "", "\u200c\u200d")
_NAME: Final = r"[A-Za-z0-9_]+(?:[.-]+[A-Za-z0-9_]+)*"
_NOT_IN_URLS: Final = (
    r"\s<>\"\\^`{|}「」『』（）【】《》〈〉“”«»。、，！？；：…\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
)
_START: Final = re.compile(
    rf"(?<![A-Za-z0-9@＠$#＃])(?P<url>[Hh][Tt]{{2}}[Pp][Ss]?://[^{_NOT_IN_URLS}]+)"
    rf"|(?<![\w@/=])@(?P<mention>{_NAME}(?:@{_NAME})?)"
    r"|(?<![\w/)=&])(?P<tag>[#＃])"
)
_TRAILING: Final = ".,;:!?'*_~"
_BRACKETS: Final = {")": "(", "]": "["}


@dataclass(frozen=True, slots=True)
class LinkAt:
    start: int
    end: int
    link: Link


@dataclass(frozen=True, slots=True)
class MentionAt:
    """acct: as written, without the first "@"; with a domain when it has one."""

    start: int
    end: int
    acct: str


@dataclass(frozen=True, slots=True)
class TagAt:
    """name: as written, without "#"; key: what it is found by."""

    start: int
    end: int
    name: str
    key: str


Found = LinkAt | MentionAt | TagAt


def found_in(text: str) -> Iterator[Found]:
    """What is in `text`, in its order."""
    at = 0
    while (match := _START.search(text, at)) is not None:
        start = match.start()
        found: Found | None = None
        if match["url"]:
            written = _without_trailing(match["url"])
            at = start + len(written)
            if (link := link_of(written)) is not None:
                found = LinkAt(start, at, link)
        elif match["mention"]:
            at = match.end()
            found = MentionAt(start, at, match["mention"])
        else:
            at = _tag_end(text, match.end())
            name = text[match.end() : at]
            if (key := tag_key(name)) is not None:
                found = TagAt(start, at, name, key)
        if found is not None:
            yield found


def mentions_in(text: str) -> tuple[str, ...]:
    """Who is mentioned, each once: casefolded handles, those of other servers with "@" and their domain."""
    return tuple(dict.fromkeys(each.acct.casefold() for each in found_in(text) if isinstance(each, MentionAt)))


def tags_in(text: str) -> tuple[str, ...]:
    """The keys of the hashtags in `text`, each once."""
    return tuple(dict.fromkeys(each.key for each in found_in(text) if isinstance(each, TagAt)))


def urls_in(text: str) -> tuple[str, ...]:
    """The links in `text` in ASCII, each once."""
    return tuple(dict.fromkeys(each.link.url for each in found_in(text) if isinstance(each, LinkAt)))


def tag_key(name: str) -> str | None:
    """What the hashtag `name` (without "#") is found by: NFKC, casefolded, without joiners. None when it is no hashtag.

    Letters with their marks, digits and underscores of any script, not only digits, at most 100 characters
    (after Mastodon, app/models/tag.rb).
    """
    if not name or len(name) > TAG_CHARS or _tag_end(name, 0) != len(name):
        return None
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name.casefold()).casefold())
    key = "".join(char for char in folded.translate(_JOINERS) if _is_word(char) or char in _MIDDLE)
    return key if len(key) <= TAG_CHARS and any(char.isalpha() for char in key) else None


def length(text: str) -> int:
    """How many characters `text` counts: code points of its NFC form, 23 for a link, "@handle" for a whole mention."""
    text = unicodedata.normalize("NFC", text)
    count = len(text)
    for each in found_in(text):
        if isinstance(each, LinkAt):
            count += URL_COUNTS - (each.end - each.start)
        elif isinstance(each, MentionAt):
            count -= len(each.acct) - len(each.acct.partition("@")[0])
    return count


def _without_trailing(url: str) -> str:
    """Without the punctuation of the sentence around it: a closing bracket belongs to the link when it opens in it."""
    end = len(url)
    surplus = {close: url.count(close) - url.count(opening) for close, opening in _BRACKETS.items()}
    while end:
        last = url[end - 1]
        if last in surplus:
            if surplus[last] <= 0:
                break
            surplus[last] -= 1
        elif last not in _TRAILING:
            break
        end -= 1
    return url[:end]


def _tag_end(text: str, start: int) -> int:
    """Where the hashtag whose name starts at `start` ends; `start` when there is none."""
    end = start
    for at in range(start, len(text)):
        char = text[at]
        if _is_word(char):
            end = at + 1
        elif char not in _MIDDLE or at == start:
            break
    return end


def _is_word(char: str) -> bool:
    """Letter, mark, digit or connector: \\w of Unicode's regular expressions (UTS 18), which Python's is not."""
    return char.isalnum() or char == "_" or unicodedata.category(char) in ("Mn", "Mc", "Pc")
