"""Words for searching: what is stored and what is asked meet, in every script, and hostile text is only words."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.network.accounts.names import beginning, names_of
from rostra.network.posts.findable import POST_SEARCH, FindableBy, findable
from rostra.network.search import parse, stands_in
from rostra.network.search.queries import Phrase
from rostra.network.text import fold, phrase_of, words_of
from rostra.platform.ids import made_at


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Good evening, Ada!", ["good", "evening", "ada"]),
        ("Ärger naïve ŁÓDŹ Straße", ["arger", "naive", "łodz", "strasse"]),
        ("don't snake_case #tag @ada", ["don", "t", "snake_case", "tag", "ada"]),
        ("https://example.org/a?b=1", ["example", "org", "a", "b", "1"]),
        ("東京都", ["東京", "京都", "都"]),
        ("ラジオ on air", ["ラジ", "ジオ", "オ", "on", "air"]),
        ("서울에서", ["서울", "울에", "에서", "서"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("شُكْرًا", ["شكرا"]),
        ("é", ["e"]),
        ("x" * 100, ["x" * 60]),
        ("🎙 — ·", []),
        ("\x00 \ud800 a", ["a"]),
    ],
)
def test_words_are_folded(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("asked", "phrase", "is_start"),
    [
        ("evening", ["evening"], False),
        ("good-evening", ["good", "evening"], False),
        ("東", ["東"], True),
        ("東京", ["東京"], False),
        ("東京都", ["東京", "京都"], False),
        ("東京 tokyo", ["東京", "京", "tokyo"], False),
        ("!?", [], False),
    ],
)
def test_what_is_asked_for_is_a_phrase(asked: str, phrase: list[str], is_start: bool) -> None:
    assert phrase_of(asked) == (phrase, is_start)


@given(st.text(), st.text(), st.text())
def test_every_part_between_spaces_is_found(before: str, part: str, after: str) -> None:
    """However a text goes on around it."""
    phrase, is_start = phrase_of(part)
    words = words_of(f"{before} {part} {after}")
    *whole, last = phrase or [""]
    assert (
        any(
            words[at : at + len(whole)] == whole
            and (words[at + len(whole)].startswith(last) if is_start else words[at + len(whole)] == last)
            for at in range(len(words) - len(whole))
        )
        or not phrase
    )


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert words_of(" ".join(words_of(text))) == words_of(text) or not fold(text).isascii()
    assert all(":" not in word and "'" not in word and '"' not in word and " " not in word for word in words_of(text))


def test_operators() -> None:
    query = parse(
        'from:@Ada@site.test "good evening" garden -rain has:media after:2026-11-01 before:2026-11-24 from:ME'
    )
    assert query.authors == ("ada", "me")
    assert query.wanted == (Phrase(("good", "evening")), Phrase(("garden",)), Phrase(("has:media",)))
    assert query.unwanted == (Phrase(("rain",)),)
    assert query.since_id is not None
    assert query.until_id is not None
    assert made_at(query.since_id).isoformat() == "2026-11-02T00:00:00+00:00"
    assert made_at(query.until_id).isoformat() == "2026-11-24T00:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("before:yesterday", (Phrase(("before", "yesterday")),)),
        ("has:cheese", (Phrase(("has", "cheese")),)),
        ("note:well", (Phrase(("note", "well")),)),
        ('"never closed', (Phrase(("never", "closed")),)),
        ('""', ()),
        ("-", ()),
        ("-only -not", ()),
        ("before:9999-12-31", ()),
        ("* AND OR NOT NEAR(a b)", tuple(map(Phrase, (("and",), ("or",), ("not",), ("near", "a"), ("b",))))),
    ],
)
def test_what_is_no_operator_is_words(text: str, wanted: tuple[Phrase, ...]) -> None:
    assert parse(text).wanted == wanted


def test_a_query_is_bounded() -> None:
    query = parse("word " * 10_000)
    assert query.wanted == (Phrase(("word",)),)
    long = parse("".join(f"w{number} " for number in range(500)) + "東" * 500)
    assert len(long.wanted) == 16
    assert len(parse("東" * 500).wanted[0].words) == 16


def test_only_what_must_not_be_there_asks_for_nothing() -> None:
    assert parse("-rain").is_empty
    assert parse("-from:ada before:2026-01-01").is_empty
    assert not parse("has:media").is_empty
    assert parse("from:ada").terms({}) is None


@given(st.text(max_size=60), st.text(max_size=60))
def test_fts5_takes_every_query(stored: str, asked: str) -> None:
    """Nobody's text is syntax: SQLite finds what Python finds, and never fails."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE post_words (post_id INTEGER PRIMARY KEY, words TEXT)")
    for statement in POST_SEARCH:
        connection.execute(statement)
    words = FindableBy().process_bind_param(findable(7, [stored, asked], "[]"), _Sqlite())
    connection.execute("INSERT INTO post_words VALUES (1, ?)", (words,))
    terms = parse(asked).terms({"me": 7})
    if terms is None:
        return
    found = connection.execute("SELECT rowid FROM post_search WHERE post_search MATCH ?", (terms.in_fts5(),)).fetchall()
    names_facts = any(len(each.words) == 1 and ":" in each.words[0] for each in terms.wanted)
    assert found == [(1,)] or terms.unwanted or names_facts


class _Sqlite:
    name = "sqlite"


def test_names_begin_with_each_word() -> None:
    assert names_of("Ada_L", "Ada Lovelace-King") == {"ada_l", "ada lovelace king", "lovelace king", "king"}
    assert beginning("  LOVELACE k") == "lovelace k"
    assert beginning("?!") == ""


@pytest.mark.parametrize(
    ("term", "stands"),
    [
        ("dam burst", True),
        ("DAM Bürst", True),
        ("burst dam", False),
        ("da", False),
        ("#flood", True),
        ("#floods", False),
        ("flood", True),
        ("水", True),
        ("水火", False),
        ("?!", False),
        ("#", False),
    ],
)
def test_a_term_stands_in_a_text_as_a_search_would_find_it(term: str, stands: bool) -> None:
    """For texts that no index holds, such as titles of broadcasts."""
    assert stands_in([term], "The dam burst? What we know. #Flood 水") is stands
