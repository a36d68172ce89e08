"""Text that people send, made safe to show: no controls, no invisible tricks, nothing that turns a page round.

Kept is what languages need: joiners of Persian and Indic scripts, ZWJ in emoji, flags made of tag characters, the
invisible space of Thai, Lao, Khmer and Burmese, direction marks and isolates (closed at the end of their line).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from rostra.platform.errors import Invalid

LINE_ENDS_IN_A_ROW: Final = 3
MARKS_IN_A_ROW: Final = 8
"""No script stacks more marks on a letter; more of them grow over the lines around."""
_PLAIN: Final = re.compile(r"[\n\x20-\x7e]*")
_LINE_ENDS: Final = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_DROPPED: Final = frozenset(
    [*map(chr, (*range(0x20), *range(0x7F, 0xA0))), "\ufeff", "\u180e"]
    + [*map(chr, (*range(0x202A, 0x202F), *range(0x2060, 0x2066), *range(0x206A, 0x2070)))]
    + [*map(chr, (*range(0xFFF9, 0xFFFC), *range(0xFDD0, 0xFDF0), *range(0xE0000, 0xE0080)))]
    + [chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF)]
) - {"\n"}
"""Controls, byte order marks, embeddings and overrides (UAX 9 advises isolates), invisible operators, annotations,
tag characters outside of flags (they carry hidden text), code points that are no characters."""
_INVISIBLE_IN_NAMES: Final = frozenset(
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u200b\u200e\u200f\u2066\u2067\u2068\u2069\u2800\u3164\uffa0"
) | frozenset(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE0F), *range(0xE0100, 0xE01F0))))
_FLAG: Final = re.compile("\U0001f3f4[\U000e0061-\U000e007a\U000e0030-\U000e0039]{1,6}\U000e007f")
_OPENING: Final = "\u2066\u2067\u2068"
_CLOSING: Final = "\u2069"
_JOINERS: Final = "\u200c\u200d"
_ZERO_WIDTH_SPACE: Final = "\u200b"
_MORE_LINE_ENDS: Final = re.compile(rf"(?:\n[^\S\n]*){{{LINE_ENDS_IN_A_ROW},}}\n")


class UnreadableText(Invalid):
    """Half a surrogate pair: it cannot be stored or sent as UTF-8."""

    code = "unreadable_text"
    user_message = "The text has broken characters in it. Remove what looks like � and send it again."


def clean(text: str) -> str:
    """Text of several lines in NFC, trimmed, with at most 3 line ends in a row. Cleaning twice changes nothing.

    Raises UnreadableText.
    """
    if _PLAIN.fullmatch(text) is None:
        text = _stable(_LINE_ENDS.sub("\n", _readable(text)))
    text = _MORE_LINE_ENDS.sub("\n" * LINE_ENDS_IN_A_ROW, text)
    return text.strip()


def clean_name(text: str) -> str:
    """A display name: one line without anything invisible but joiners that a script or an emoji needs; may be "".

    Raises UnreadableText.
    """
    text = _readable(text)
    while True:
        line = " ".join("".join(" " if char in "\t\n\r" else char for char in text).split())
        line = _stable("".join(char for char in line if char not in _INVISIBLE_IN_NAMES))
        if line == text:
            return line
        text = line


def _readable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UnreadableText(str(error.reason)) from error
    return text


def _stable(text: str) -> str:
    """Cleaned and normalised until neither finds anything: what one removes may bring together what the other joins."""
    while True:
        cleaned = unicodedata.normalize("NFC", "\n".join(_cleaned_line(line) for line in text.split("\n")))
        if cleaned == text:
            return text
        text = cleaned


def _cleaned_line(line: str) -> str:
    kept: list[str] = []
    flags = {match.start(): match.end() for match in _FLAG.finditer(line)}
    marks = depth = flag_end = 0
    for at, char in enumerate(line):
        flag_end = flags.get(at, flag_end)
        if char == "\t":
            char = " "
        if char in _DROPPED and at >= flag_end:
            continue
        if char in _JOINERS or char == _ZERO_WIDTH_SPACE:
            if not _is_needed(char, kept[-1] if kept else "", line[at + 1 : at + 2]):
                continue
        elif char in _OPENING:
            depth += 1
        elif char == _CLOSING:
            if not depth:
                continue
            depth -= 1
        if char not in _JOINERS:
            marks = marks + 1 if not char.isascii() and unicodedata.category(char) in ("Mn", "Me") else 0
        if marks <= MARKS_IN_A_ROW:
            kept.append(char)
    return "".join(kept) + _CLOSING * depth


def _is_needed(char: str, before: str, after: str) -> bool:
    """Whether an invisible character does something between these two."""
    if not before:
        return False
    if char == _ZERO_WIDTH_SPACE:
        return _breaks_unseen(before) and bool(after) and _breaks_unseen(after)
    if _is_pictured(before):
        return char == "\u200d" and bool(after) and _is_pictured(after)
    return _joins(before)


def _joins(char: str) -> bool:
    """Whether its script is written with joiners: Arabic, Syriac, N'Ko, Mongolian, those of India and beyond."""
    point = ord(char)
    in_script = (
        0x0600 <= point < 0x10A0
        or 0x1780 <= point < 0x18B0
        or 0x1A20 <= point < 0x1C50
        or 0xA800 <= point < 0xAC00
        or 0x10A00 <= point < 0x12000
    )
    return in_script and unicodedata.category(char)[0] in "LM"


def _breaks_unseen(char: str) -> bool:
    """Whether it is of a script that has no spaces between words: Thai, Lao, Tibetan, Burmese, Khmer, Tai."""
    point = ord(char)
    return 0x0E00 <= point < 0x10A0 or 0x1780 <= point < 0x1800 or 0x1950 <= point < 0x1AB0 or 0xA9E0 <= point < 0xAAE0


def _is_pictured(char: str) -> bool:
    """Whether it is an emoji or part of one (Unicode 17: all that take part in ZWJ sequences lie here)."""
    point = ord(char)
    return 0x2190 <= point < 0x2C00 or 0x1F000 <= point < 0x1FB00 or point in (0xFE0F, 0x20E3, 0xE007F)
