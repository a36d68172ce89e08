"""Cues: two lines at most, in order, cut where a sentence or a breath ends."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rostra.captions.cues import cues_of
from rostra.captions.engine import RATE_HZ
from rostra.captions.windows import Said
from rostra.media.webvtt import LINE_CHARS, Timed, document, lines


def spoken(text: str, *, start_s: float = 1.0, word_s: float = 0.3) -> list[Said]:
    return [
        Said(round((start_s + number * word_s) * RATE_HZ), round((start_s + (number + 1) * word_s) * RATE_HZ), word)
        for number, word in enumerate(text.split())
    ]


def test_a_sentence_is_a_cue() -> None:
    cues = cues_of(spoken("We talk about rivers and people. And who lives there?"))
    assert [cue.text for cue in cues] == ["We talk about rivers and people.", "And who lives there?"]
    assert (cues[0].start, cues[0].end) == (48_000, 48_000 + 6 * 14_400)


def test_short_sentences_share_a_cue() -> None:
    assert [cue.text for cue in cues_of(spoken("Yes. No. Maybe so."))] == ["Yes. No. Maybe so."]


def test_a_breath_ends_a_cue() -> None:
    cues = cues_of([*spoken("one two", start_s=1), *spoken("three", start_s=3.5)])
    assert [cue.text for cue in cues] == ["one two", "three"]


@given(st.lists(st.tuples(st.text("abc.é", min_size=1, max_size=30), st.integers(0, 40_000), st.integers(0, 20_000))))
def test_cues_are_in_order_and_fit_two_lines(words: list[tuple[str, int, int]]) -> None:
    """Whatever an engine says about times, even words without any length."""
    said, at = [], 0
    for text, gap, length in words:
        said.append(Said(at + gap, at + gap + length, text))
        at += gap + length
    cues = cues_of(said)
    assert " ".join(cue.text for cue in cues) == " ".join(text for text, _, _ in words)
    assert all(len(lines(cue.text)) <= 2 and max(map(len, lines(cue.text))) <= LINE_CHARS for cue in cues)
    assert all(cue.end > cue.start for cue in cues)
    assert all(one.end <= two.start for one, two in pairwise(cues))


def test_lines_are_alike_long() -> None:
    assert lines("What happens to the sound between us and the people who listen?") == [
        "What happens to the sound between",
        "us and the people who listen?",
    ]


def test_what_looks_like_markup_or_a_time_is_text() -> None:
    text = document([Timed(0, 61_000, "<b>1 --> 2</b>\n\n& so")], header="X: y\n")
    assert text == "WEBVTT\nX: y\n\n00:00:00.000 --> 00:01:01.000\n&lt;b&gt;1 --&gt; 2&lt;/b&gt;\n&amp; so\n"
