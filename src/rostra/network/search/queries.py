"""What somebody types into a search for posts, taken apart. Pure, and bounded whatever comes.

Words must all be there. "words in quotes" follow one another, -word must not be there; from:handle (from:me),
has:media, before:2026-11-24 and after:2026-11-24 (days in UTC) narrow it. What is none of this is read as words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple

from rostra.network.posts.findable import HAS_MEDIA, by_author
from rostra.network.text import phrase_of
from rostra.platform.ids import first_id

QUERY_CHARS: Final = 500
"""So much of a query is read."""
TERMS_MAX: Final = 16
PHRASE_WORDS_MAX: Final = 16
ME: Final = "me"
HANDLE: Final = re.compile(r"[a-z0-9_.-]{1,60}")
_PIECE: Final = re.compile(
    r'(?P<minus>-)?(?:(?P<name>from|has|before|after):(?P<value>[^\s"]+)|"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+))',
    re.IGNORECASE,
)
_LAST_DAY: Final = date(2100, 1, 1)
"""Ids of later days do not fit their column."""


class Phrase(NamedTuple):
    """Words that follow one another; or a fact, which stands alone. is_start: the last word may go on."""

    words: tuple[str, ...]
    is_start: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """authors, not_authors: handles in lower case. since_id, until_id: posts from the one on, below the other."""

    wanted: tuple[Phrase, ...] = ()
    unwanted: tuple[Phrase, ...] = ()
    authors: tuple[str, ...] = ()
    not_authors: tuple[str, ...] = ()
    since_id: int | None = None
    until_id: int | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing is asked for, or only what must not be there: that would be nearly everything."""
        return not self.wanted and not self.authors

    def terms(self, ids: Mapping[str, int], author: int | None = None) -> Terms | None:
        """What an index is asked for; None for nothing. ids: of the accounts that are named, as far as they exist.

        author: whose posts alone are wanted, besides.
        """
        if self.is_empty or any(handle not in ids for handle in self.authors):
            return None
        whose = [ids[handle] for handle in self.authors] + ([] if author is None else [author])
        wanted = (*self.wanted, *map(_by, dict.fromkeys(whose)))
        unwanted = (*self.unwanted, *(_by(ids[handle]) for handle in self.not_authors if handle in ids))
        return Terms(wanted, unwanted)


class Terms(NamedTuple):
    wanted: tuple[Phrase, ...]
    unwanted: tuple[Phrase, ...]

    def in_fts5(self) -> str:
        """For MATCH (sqlite.org/fts5.html, section 3). Nothing in it is what somebody typed but folded words."""
        found = " AND ".join(map(_fts5, self.wanted))
        return f"({found}) NOT ({' OR '.join(map(_fts5, self.unwanted))})" if self.unwanted else found

    def in_tsquery(self) -> str:
        """For a cast to tsquery (PostgreSQL, chapter 8.11.2)."""
        return " & ".join([*map(_tsquery, self.wanted), *(f"!({_tsquery(each)})" for each in self.unwanted)])


def any_of(texts: Iterable[str]) -> tuple[str, str]:
    """Posts in which one of these texts stands, word for word: for MATCH, and for a cast to tsquery. Empty for none."""
    phrases = [phrase for text in texts if (phrase := _phrase(text)) is not None]
    return " OR ".join(map(_fts5, phrases)), " | ".join(map(_tsquery, phrases))


def parse(text: str) -> Query:
    """The query in the first QUERY_CHARS characters of `text`; terms beyond TERMS_MAX are left out."""
    wanted: dict[Phrase, None] = {}
    unwanted: dict[Phrase, None] = {}
    authors: dict[str, None] = {}
    not_authors: dict[str, None] = {}
    since: list[date] = []
    until: list[date] = []
    for piece in list(_PIECE.finditer(text[:QUERY_CHARS]))[:TERMS_MAX]:
        is_unwanted = piece["minus"] is not None
        name, value = (piece["name"] or "").lower(), piece["value"] or ""
        day = _day(value) if name in ("before", "after") and not is_unwanted else None
        if name == "from" and (handle := _handle(value)):
            (not_authors if is_unwanted else authors)[handle] = None
        elif name == "has" and value.lower() == "media":
            (unwanted if is_unwanted else wanted)[Phrase((HAS_MEDIA,))] = None
        elif day is not None:
            (until if name == "before" else since).append(day if name == "before" else day + timedelta(days=1))
        elif phrase := _phrase(piece["quoted"] or piece["plain"] or f"{name} {value}"):
            (unwanted if is_unwanted else wanted)[phrase] = None
    return Query(
        wanted=tuple(wanted),
        unwanted=tuple(unwanted),
        authors=tuple(authors),
        not_authors=tuple(not_authors),
        since_id=max(_ids(since), default=None),
        until_id=min(_ids(until), default=None),
    )


def _phrase(text: str) -> Phrase | None:
    words, is_start = phrase_of(text)
    if not words:
        return None
    return Phrase(tuple(words[:PHRASE_WORDS_MAX]), is_start and len(words) <= PHRASE_WORDS_MAX)


def _handle(value: str) -> str | None:
    """The handle in "@ada" and "ada@example.org"; None for what can be none."""
    handle = value.removeprefix("@").partition("@")[0].lower()
    return handle if HANDLE.fullmatch(handle) else None


def _day(value: str) -> date | None:
    try:
        return min(max(date.fromisoformat(value), date(1970, 1, 2)), _LAST_DAY)
    except ValueError:
        return None


def _ids(days: Iterable[date]) -> list[int]:
    return [first_id(datetime.combine(day, time(), UTC)) for day in days]


def _by(account_id: int) -> Phrase:
    return Phrase((by_author(account_id),))


def _fts5(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.words)}"' + (" *" if phrase.is_start else "")


def _tsquery(phrase: Phrase) -> str:
    *before, last = (f"'{word}'" for word in phrase.words)
    return "(" + " <-> ".join([*before, f"{last}:*" if phrase.is_start else last]) + ")"
