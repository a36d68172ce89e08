"""Which filters a post meets. Pure.

Keywords are searched for one by one as plain text, which takes a fraction of a microsecond each and, unlike a pattern
made of them, cannot be made slow by whoever chooses the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Final, NamedTuple

import msgspec

from rostra.network.filters.filters import Action, Context, Filter
from rostra.network.posts import Post
from rostra.platform.ids import PostId

_LINE_ENDS: Final = re.compile(r"<br>|</p>")
_TAGS: Final = re.compile(r"<[^>]*>")


class Match(NamedTuple):
    """A filter that a post meets. keywords: those that were found. post_id: where the filter names the post itself."""

    filter: Filter
    keywords: tuple[str, ...]
    post_id: PostId | None


class _Described(msgspec.Struct, frozen=True):
    description: str | None = None


_media: Final = msgspec.json.Decoder(list[_Described])


class _Word(NamedTuple):
    """A keyword made ready. begins, ends: whether no letter or digit may stand before or after it."""

    text: str
    folded: str
    begins: bool
    ends: bool

    def is_in(self, folded: str) -> bool:
        at = folded.find(self.folded)
        while at >= 0:
            end = at + len(self.folded)
            inside = (self.begins and at > 0 and _is_word(folded[at - 1])) or (
                self.ends and end < len(folded) and _is_word(folded[end])
            )
            if not inside:
                return True
            at = folded.find(self.folded, at + 1)
        return False


@dataclass(frozen=True, slots=True)
class _Ready:
    filter: Filter
    words: tuple[_Word, ...]
    posts: frozenset[int]


class Filters:
    """An account's filters, made ready once."""

    __slots__ = ("_ready",)

    def __init__(self, filters: Iterable[Filter]) -> None:
        self._ready = tuple(_ready(each) for each in filters)

    def __bool__(self) -> bool:
        return bool(self._ready)

    def matches(
        self, post: Post, context: Context | None, *, now: datetime, options: Sequence[str] = ()
    ) -> list[Match]:
        """The filters that count in `context` (None: in any) and that the post meets.

        post: an original. options: of its poll.
        """
        found = []
        folded: str | None = None
        for each in self._ready:
            expires_at = each.filter.expires_at
            if (expires_at is not None and expires_at <= now) or (
                context is not None and context not in each.filter.contexts
            ):
                continue
            if folded is None and each.words:
                folded = text_of(post, options).casefold()
            keywords = tuple(word.text for word in each.words if word.is_in(folded or ""))
            named = post.id if post.id in each.posts else None
            if keywords or named is not None:
                found.append(Match(each.filter, keywords, named))
        return found


def text_of(post: Post, options: Sequence[str] = ()) -> str:
    """What of a post is searched: its warning, its words with whole links, its poll, what describes its media."""
    parts = [post.spoiler_text, unescape(_TAGS.sub("", _LINE_ENDS.sub("\n", post.html))), *options]
    if post.media != "[]":
        parts += [each.description or "" for each in _media.decode(post.media)]
    return "\n".join(parts)


def _ready(filter_: Filter) -> _Ready:
    words = tuple(_word(keyword.text, whole=keyword.whole_word) for keyword in filter_.keywords)
    return _Ready(filter_, words, frozenset(each.post_id for each in filter_.posts))


def _word(text: str, *, whole: bool) -> _Word:
    """A keyword that begins or ends with a sign has no border to a word there."""
    folded = text.casefold()
    return _Word(text, folded, whole and _is_word(folded[:1]), whole and _is_word(folded[-1:]))


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def hides(matches: Sequence[Match]) -> bool:
    """Whether one of them hides the post."""
    return any(match.filter.action is Action.HIDE for match in matches)
