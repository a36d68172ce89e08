"""Text as the words that it is found by, alike for what is stored and what is asked. Pure.

A word is a run of letters, digits and underscores, folded: Ärger, ärger and arger are one word. Scripts without spaces
between words (Chinese, Japanese, Thai …), and Korean, whose words carry their grammar with them, become overlapping
pairs of characters, so that any part of two characters or more is found as a phrase of pairs.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from typing import Final

WORD_CHARS: Final = 60
"""A longer word is known by its beginning: nobody types more of it, and an index has no use for it."""
_ASCII: Final = re.compile(r"[\x00-\x7f]*")
_ASCII_WORD: Final = re.compile(r"[0-9a-z_]+")
_SCHEME: Final = re.compile(r"https?://", re.IGNORECASE)
_DROPPED: Final = re.compile("[\u0300-\u036f\u0591-\u05c7\u0640\u064b-\u065f\u0670\u200c\u200d\ufe00-\ufe0f]")
"""Accents, points of Hebrew, vowel signs and the stretch of Arabic, joiners: writers leave them out at will."""
_PAIRED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff\U00020000-\U000323af"
)
_PAIRED_RUN: Final = re.compile(f"[{_PAIRED}]+")


def words_of(text: str) -> list[str]:
    """The words of `text` in its order: what an index keeps."""
    return [word for run in _runs(text) for word in _indexed(run)]


def phrase_of(text: str) -> tuple[list[str], bool]:
    """The words that follow one another where `text` is found, and whether the last one is only a beginning.

    One character of a script that is kept in pairs is the beginning of a pair, or the last of its run.
    """
    *before, last = _runs(text) or [""]
    found = [word for run in before for word in _indexed(run)]
    if _PAIRED_RUN.match(last) is None:
        return [*found, *([last[:WORD_CHARS]] if last else [])], False
    if len(last) == 1:
        return [*found, last], True
    return [*found, *_pairs(last)[:-1]], False


def fold(text: str) -> str:
    """NFKC in lower case, without what people leave out. Raises nothing, whatever `text` is."""
    if _ASCII.fullmatch(text):
        return text.lower()
    bare = _DROPPED.sub("", unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()))
    return unicodedata.normalize("NFC", bare)


def _runs(text: str) -> list[str]:
    """Runs of word characters, those of paired scripts apart from others."""
    folded = fold(_SCHEME.sub(" ", text))
    if folded.isascii():
        return _ASCII_WORD.findall(folded)
    spaced = "".join(char if _is_word(char) else " " for char in folded)
    return _PAIRED_RUN.sub(lambda run: f" {run[0]} ", spaced).split()


def _indexed(run: str) -> list[str]:
    return [run[:WORD_CHARS]] if _PAIRED_RUN.match(run) is None else _pairs(run)


def _pairs(run: str) -> list[str]:
    """The pairs of a run, and its last character, so that this one is found by itself, too."""
    return [*map("".join, itertools.pairwise(run)), run[-1]]


def _is_word(char: str) -> bool:
    return char == "_" or unicodedata.category(char)[0] in "LNM"
