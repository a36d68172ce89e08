"""What a post is found by: its words in their order, and facts about it that a search can ask for.

Both engines get the same words, folded and cut here, and only compare them: SQLite in a table of FTS5 whose tokeniser
splits at spaces, PostgreSQL in a tsvector. A fact has a colon, which no word has.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Dialect, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.types import TypeEngine

from rostra.network.text import words_of

WORDS_MAX: Final = 4_000
"""Of one post. A tsvector holds 1 MB."""
HAS_MEDIA: Final = "has:media"
POST_SEARCH: Final = (
    (
        "CREATE VIRTUAL TABLE post_search USING fts5("
        "words, content='post_words', content_rowid='post_id', columnsize=0, tokenize=\"ascii tokenchars '_:'\")"
    ),
    (
        "CREATE TRIGGER post_words_added AFTER INSERT ON post_words BEGIN "
        "INSERT INTO post_search(rowid, words) VALUES (new.post_id, new.words); END"
    ),
    (
        "CREATE TRIGGER post_words_gone AFTER DELETE ON post_words BEGIN "
        "INSERT INTO post_search(post_search, rowid, words) VALUES ('delete', old.post_id, old.words); END"
    ),
    (
        "CREATE TRIGGER post_words_changed AFTER UPDATE ON post_words BEGIN "
        "INSERT INTO post_search(post_search, rowid, words) VALUES ('delete', old.post_id, old.words); "
        "INSERT INTO post_search(rowid, words) VALUES (new.post_id, new.words); END"
    ),
)
"""SQLite's index: FTS5 over the words that the table beside it keeps (sqlite.org/fts5.html, section 4.4.3)."""


class Findable(NamedTuple):
    facts: tuple[str, ...]
    words: list[str]


class _Described(msgspec.Struct, frozen=True):
    """What is taken of a MediaAttachment."""

    description: str | None = None


_media: Final = msgspec.json.Decoder(list[_Described])


def by_author(author_id: int) -> str:
    """The fact that a post is of this account."""
    return f"from:{author_id}"


def findable(author_id: int, texts: Iterable[str], media: str) -> Findable:
    """What a post with these texts and attachments is found by. media: JSON of its MediaAttachments."""
    attached = [] if media == "[]" else _media.decode(media)
    facts = (by_author(author_id), *([HAS_MEDIA] if attached else []))
    all_texts = [*texts, *(each.description for each in attached if each.description)]
    return Findable(facts, words_of("\n".join(all_texts))[:WORDS_MAX])


class FindableBy(TypeDecorator[Findable]):
    """Findable as text on SQLite and as a tsvector on PostgreSQL. It is written, and never read back."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(TSVECTOR() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Findable | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if dialect.name != "postgresql":
            return " ".join((*value.facts, *value.words))
        words = (f"'{word}':{at}" for at, word in enumerate(value.words, 1))
        return " ".join((*(f"'{fact}'" for fact in value.facts), *words))
