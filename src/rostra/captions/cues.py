"""Words become cues: two lines at most, cut where a sentence or a breath ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rostra.captions.engine import RATE_HZ
from rostra.captions.windows import Said
from rostra.media.clock import SAMPLE_RATE_HZ
from rostra.media.webvtt import lines
from rostra.media.wire import Cue

MOST_LINES: Final = 2
LONGEST_S: Final = 7.0
BREATH_S: Final = 1.0
SENTENCE_CHARS: Final = 24
"""A sentence that is shorter than this shares its cue with the next."""
SHORTEST_S: Final = 1.0
_STEP: Final = SAMPLE_RATE_HZ // RATE_HZ
_SENTENCE_ENDS: Final = (".", "?", "!", "…", "。", "？", "！")  # those of Chinese and Japanese, too


def cues_of(said: Sequence[Said]) -> list[Cue]:
    """The cues of words that follow each other. Each begins after the one before it and ends before the next."""
    groups: list[list[Said]] = []
    for word in said:
        if not word.text:
            continue
        if not groups or _begins_anew(groups[-1], word):
            groups.append([])
        groups[-1].append(word)
    made: list[Cue] = []
    for number, group in enumerate(groups):
        start = max(group[0].start * _STEP, made[-1].end if made else 0)
        end = max(group[-1].end * _STEP, start + round(SHORTEST_S * SAMPLE_RATE_HZ))
        if number + 1 < len(groups):
            end = max(start + 1, min(end, groups[number + 1][0].start * _STEP))
        made.append(Cue(start, end, _text(group)))
    return made


def _begins_anew(group: Sequence[Said], word: Said) -> bool:
    text = _text(group)
    return (
        word.start - group[-1].end > BREATH_S * RATE_HZ
        or word.end - group[0].start > LONGEST_S * RATE_HZ
        or (text.endswith(_SENTENCE_ENDS) and len(text) >= SENTENCE_CHARS)
        or len(lines(f"{text} {word.text}")) > MOST_LINES
    )


def _text(group: Sequence[Said]) -> str:
    return " ".join(word.text for word in group)
