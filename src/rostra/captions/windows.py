"""Cuts what is heard into windows for the engine, and joins what it understood.

A window ends in a pause, where no word can be torn. Somebody who does not pause is cut after six seconds; then the
last words of the window may be torn, so they are left, and the next window begins before them. With a short window the
engine hears again what was before it, since it understands a lone word badly; words of that are not taken again.

An engine that falls behind gets longer windows, which cost it little more than short ones. One that falls behind all
the same loses the oldest sound: captions that come a minute late help nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rostra.captions.engine import RATE_HZ, Sound, Word

Frames = NDArray[np.bool_]
FRAME: Final = RATE_HZ // 50
"""Loudness is looked at in frames of 20 ms."""
SHORTEST: Final = 2 * RATE_HZ
LONGEST: Final = 6 * RATE_HZ
LONGEST_BEHIND: Final = 25 * RATE_HZ
"""Whisper looks at 30 s at once."""
PAUSE_FRAMES: Final = 14
REST_FRAMES: Final = 35
"""So long a silence ends even a window that is shorter than SHORTEST."""
PADDING: Final = RATE_HZ // 5
TORN_S: Final = 0.8
"""Words that end this near to a cut without a pause may be torn."""
MOST: Final = 60 * RATE_HZ
KEPT: Final = 10 * RATE_HZ
"""Of more than MOST that waits, only so much stays."""
SILENCE_DB: Final = -52.0
BELOW_SPEECH_DB: Final = 24.0
CONTEXT: Final = 5 * RATE_HZ // 2
SHORT: Final = 3 * RATE_HZ
"""Windows shorter than this are heard with what was before them."""


@dataclass(frozen=True, slots=True)
class Window:
    """start: where it begins, in samples at RATE_HZ since media time 0; torn: it does not end in a pause.

    sound: `context` samples that were before it, then the window itself.
    """

    start: int
    sound: Sound
    context: int
    torn: bool

    def alone(self) -> Window:
        """The window without what was before it."""
        return replace(self, sound=self.sound[self.context :], context=0)

    def new(self, words: Sequence[Word]) -> list[Word]:
        """The words that are in the window itself."""
        return [word for word in words if (word.start_s + word.end_s) / 2 >= self.context / RATE_HZ]


@dataclass(frozen=True, slots=True)
class Said:
    """A word at its place. start, end: samples at RATE_HZ since media time 0."""

    start: int
    end: int
    text: str


class Windows:
    """Sans-I/O. `hear` sound as it comes, take a window when there is one, say with `done` what was understood.

    done_until: everything before this was listened to; skipped_s: how much was lost because the engine was too slow.
    """

    def __init__(self, start: int = 0) -> None:
        self._sound: Sound = np.zeros(0, np.float32)
        self._start = start
        self._ended = False
        self._before: Sound = self._sound
        self._last: Said | None = None
        self.skipped_s = 0.0

    @property
    def done_until(self) -> int:
        return self._start

    @property
    def waiting_s(self) -> float:
        return len(self._sound) / RATE_HZ

    @property
    def finished(self) -> bool:
        return self._ended and not len(self._sound)

    def hear(self, at: int, sound: Sound) -> None:
        """Sound that begins at `at`. What was heard already is left out; a hole is silence, a long one a new start."""
        end = self._start + len(self._sound)
        if at - end > LONGEST:
            self._ended_hole(at)
            end = at
        elif at - end > FRAME:
            self._sound = np.append(self._sound, np.zeros(at - end, np.float32))
        elif end - at > FRAME:
            sound = sound[end - at :]
        self._sound = np.append(self._sound, sound)
        if len(self._sound) > MOST:
            self._skip(len(self._sound) - KEPT)

    def end(self) -> None:
        """Nothing more will come: what waits is the last window, however short."""
        self._ended = True

    def take(self) -> Window | None:
        """The next window, if it can be cut already. It stays until `done`."""
        voiced = _voiced(self._sound)
        if not voiced.any():
            self._drop(len(self._sound) if self._ended else max(0, len(self._sound) - PADDING))
            return None
        lead = max(0, int(voiced.argmax()) - PADDING // FRAME)
        self._drop(lead * FRAME)
        return self._cut(voiced[lead:])

    def done(self, window: Window, words: Sequence[Word]) -> list[Said]:
        """What is certain of the words that the engine found in `window`; the rest is heard again."""
        before_s, length_s = window.context / RATE_HZ, len(window.sound) / RATE_HZ
        words = window.new(words)
        kept = words
        upto_s = length_s
        if window.torn:
            certain = [word for word in words if word.end_s <= length_s - TORN_S]
            if certain and certain[-1].end_s >= before_s + TORN_S:
                kept = certain
                left_s = words[len(kept)].start_s if len(kept) < len(words) else length_s - TORN_S
                upto_s = max(kept[-1].end_s, (kept[-1].end_s + left_s) / 2)
        said = [_said(window.start - window.context, word) for word in kept]
        if said and self._last is not None and _echoes(self._last, said[0]):
            said = said[1:]
        self._last = said[-1] if said else self._last
        self._drop(window.start + round((upto_s - before_s) * RATE_HZ) - self._start)
        return said

    def _cut(self, voiced: Frames) -> Window | None:
        frames = len(voiced)
        limit = min(frames, LONGEST_BEHIND // FRAME)
        at = _last_pause(voiced[:limit], SHORTEST // FRAME, PAUSE_FRAMES)
        if at is None:
            at = _last_pause(voiced[:limit], 1, REST_FRAMES)
        if at is not None:
            return self._window(at * FRAME, torn=False)
        if self._ended and frames <= limit:
            return self._window(len(self._sound), torn=False)
        if frames * FRAME >= LONGEST:
            return self._window(limit * FRAME, torn=True)
        return None

    def _window(self, count: int, *, torn: bool) -> Window:
        before = self._before if count < SHORT else self._before[:0]
        return Window(self._start, np.append(before, self._sound[:count]), len(before), torn)

    def _ended_hole(self, at: int) -> None:
        """Nobody can have said a word across a long hole."""
        self._sound = self._before = np.zeros(0, np.float32)
        self._start = at

    def _skip(self, count: int) -> None:
        self._drop(count)
        self._before = self._before[:0]
        self.skipped_s += count / RATE_HZ

    def _drop(self, count: int) -> None:
        self._before = np.append(self._before, self._sound[:count])[-CONTEXT:]
        self._sound = self._sound[count:]
        self._start += count


def _voiced(sound: Sound) -> Frames:
    """For each whole frame whether it is loud enough to be speech beside the loudest."""
    whole = len(sound) // FRAME
    power = np.square(sound[: whole * FRAME].reshape(whole, FRAME)).mean(axis=1, dtype=np.float64)
    levels = 10 * np.log10(power + 1e-12)
    loud = float(np.percentile(levels, 90)) if whole else SILENCE_DB
    voiced: Frames = levels > max(SILENCE_DB, loud - BELOW_SPEECH_DB)
    return voiced


def _last_pause(voiced: Frames, after: int, length: int) -> int | None:
    """The middle of the last run of `length` quiet frames that begins at frame `after` or later."""
    quiet_from: int | None = None
    found = None
    for frame, loud in enumerate([*voiced.tolist(), True]):
        if not loud:
            quiet_from = frame if quiet_from is None else quiet_from
            continue
        if quiet_from is not None and quiet_from >= after and frame - quiet_from >= length:
            found = (quiet_from + frame) // 2 if frame < len(voiced) else quiet_from + max(length // 2, 1)
        quiet_from = None
    return found


def _echoes(last: Said, first: Said) -> bool:
    """The same word at the same place, heard a second time with what was before the window."""
    return first.start < last.end and _bare(first.text) == _bare(last.text)


def _bare(text: str) -> str:
    return text.strip(".,;:!?…\"'").casefold()


def _said(start: int, word: Word) -> Said:
    return Said(start + round(word.start_s * RATE_HZ), start + round(word.end_s * RATE_HZ), word.text)
