"""WebVTT (W3C), as live segments, replays and chapters write it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Final, NamedTuple

LINE_CHARS: Final = 42
"""As broadcasters' guidelines have it: what one can take in at a glance on a phone."""


class Timed(NamedTuple):
    """Milliseconds on the track's own timeline; text: plain, its lines as they are to be shown."""

    start_ms: int
    end_ms: int
    text: str


def lines(text: str) -> list[str]:
    """The text in lines of LINE_CHARS at most, alike long when there are two. A longer word has a line of its own."""
    if len(text) <= LINE_CHARS:
        return [text]
    spaces = [at for at, letter in enumerate(text) if letter == " "]
    fitting = [at for at in spaces if max(at, len(text) - at - 1) <= LINE_CHARS]
    if fitting:
        at = min(fitting, key=lambda at: abs(2 * at - len(text)))
        return [text[:at], text[at + 1 :]]
    return textwrap.wrap(text, LINE_CHARS, break_on_hyphens=False)


def document(cues: Iterable[Timed], *, header: str = "") -> str:
    """A WebVTT file. header: further lines of metadata behind the signature, each with its line end."""
    blocks = [
        f"{vtt_time(cue.start_ms)} --> {vtt_time(cue.end_ms)}\n{escape(_solid(cue.text))}\n" for cue in cues if cue.text
    ]
    return "\n".join([f"WEBVTT\n{header}", *blocks])


def vtt_time(at_ms: int) -> str:
    seconds, ms = divmod(at_ms, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{ms:03d}"


def escape(text: str) -> str:
    """Text as a cue may hold it: nothing of it is markup, and none of it can pass for the line of a time."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _solid(text: str) -> str:
    """An empty line would end the cue."""
    return "\n".join(line for line in text.splitlines() if line.strip())
