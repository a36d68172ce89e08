"""No word is lost, torn or doubled where the sound is cut, and an engine that is too slow skips ahead."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rostra.captions.engine import RATE_HZ, Sound, Word
from rostra.captions.windows import CONTEXT, KEPT, LONGEST, LONGEST_BEHIND, MOST, Window, Windows

PART = 8192
WORD_S = 0.3


def speech(spans: list[tuple[float, float]], length_s: float) -> Sound:
    """Noise as loud as speech in the spans, silence elsewhere."""
    sound = np.zeros(round(length_s * RATE_HZ), np.float32)
    noise = np.random.default_rng(1)
    for start_s, end_s in spans:
        a, b = round(start_s * RATE_HZ), round(end_s * RATE_HZ)
        sound[a:b] = 0.1 * noise.standard_normal(b - a)
    return sound


def understood(window: Window, words: list[tuple[float, float]]) -> list[Word]:
    """A perfect engine: the words that are whole in the window, numbered; torn ones come out as something else."""
    first_s = (window.start - window.context) / RATE_HZ
    last_s = first_s + len(window.sound) / RATE_HZ
    found = []
    for number, (start_s, end_s) in enumerate(words):
        if start_s >= first_s - 0.02 and end_s <= last_s + 0.02:
            found.append(Word(start_s - first_s, end_s - first_s, f"w{number}"))
        elif start_s < last_s - 0.05 and end_s > first_s + 0.05:
            found.append(Word(max(0.0, start_s - first_s), min(last_s, end_s) - first_s, f"torn{number}"))
    return found


def heard(words: list[tuple[float, float]], length_s: float) -> tuple[list[str], list[Window]]:
    windows, texts, taken = Windows(), [], []
    sound = speech(words, length_s)
    for at in range(0, len(sound), PART):
        windows.hear(at, sound[at : at + PART])
        if at + PART >= len(sound):
            windows.end()
        while (window := windows.take()) is not None:
            taken.append(window)
            texts += [said.text for said in windows.done(window, understood(window, words))]
    assert windows.finished
    return texts, taken


def test_silence_is_never_listened_to() -> None:
    assert heard([], 30.0) == ([], [])


def test_a_window_ends_in_a_pause() -> None:
    words = [(1.0, 1.4), (1.5, 2.0), (2.1, 3.4), (4.0, 4.5), (4.6, 6.0)]
    texts, taken = heard(words, 8.0)
    assert texts == ["w0", "w1", "w2", "w3", "w4"]
    assert [window.torn for window in taken] == [False, False]


def test_one_word_does_not_wait_for_a_long_sentence() -> None:
    windows = Windows()
    windows.hear(0, speech([(0.5, 0.8)], 2.0))
    window = windows.take()
    assert window is not None
    assert not window.torn


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0.15, 0.9), st.floats(0.0, 0.5)), min_size=1, max_size=120))
def test_every_word_comes_once(rhythm: list[tuple[float, float]]) -> None:
    """However fast and with whatever pauses somebody speaks."""
    words, at = [], 0.3
    for length_s, pause_s in rhythm:
        words.append((at, at + length_s))
        at += length_s + 0.04 + pause_s
    texts, taken = heard(words, at + 1.5)
    assert texts == [f"w{number}" for number in range(len(words))]
    assert all(len(window.sound) <= LONGEST + CONTEXT + PART for window in taken)


def test_an_engine_that_fell_behind_gets_longer_windows() -> None:
    windows = Windows()
    windows.hear(0, speech([(0.0, 40.0)], 40.0))
    window = windows.take()
    assert window is not None
    assert len(window.sound) == LONGEST_BEHIND


def test_an_engine_that_is_far_too_slow_skips_ahead() -> None:
    """It says how much was lost, and what is left is the newest."""
    windows, sound = Windows(), speech([(0.0, 70.0)], 70.0)
    for at in range(0, len(sound), PART):
        windows.hear(at, sound[at : at + PART])
    assert windows.skipped_s == pytest.approx((MOST - KEPT) / RATE_HZ, abs=1)
    window = windows.take()
    assert window is not None
    assert window.start > 45 * RATE_HZ


def test_a_hole_in_the_sound_is_silence() -> None:
    """Parts that were lost on the way move nothing that comes later."""
    windows = Windows()
    windows.hear(0, speech([(0.2, 1.0)], 1.0))
    windows.hear(2 * RATE_HZ, speech([(0.0, 1.0)], 1.0))
    windows.end()
    first, words = windows.take(), [(0.2, 1.0), (2.0, 3.0)]
    assert first is not None
    said = windows.done(first, understood(first, words))
    second = windows.take()
    assert second is not None
    said += windows.done(second, understood(second, words))
    assert [round(each.start / RATE_HZ, 1) for each in said] == [0.2, 2.0]


def test_sound_that_comes_twice_is_heard_once() -> None:
    windows, sound = Windows(), speech([(0.0, 1.0)], 1.0)
    windows.hear(0, sound)
    windows.hear(0, sound)
    assert windows.waiting_s == 1.0


def test_a_process_that_starts_again_goes_on_where_it_was() -> None:
    windows = Windows(5 * RATE_HZ)
    windows.hear(4 * RATE_HZ, speech([(0.0, 3.0)], 3.0))
    assert windows.done_until == 5 * RATE_HZ
    assert windows.waiting_s == 2.0
