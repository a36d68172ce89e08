"""The permanent word of a broadcast in its address."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from rostra.platform.randomness import random_bits

LONGEST: Final = 60
_LETTERS: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "ø": "o", "å": "a", "œ": "oe", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"}
)


def slug_of(title: str) -> str:
    """The title as lower-case words of a to z and 0 to 9, joined by hyphens; "broadcast" when nothing is left.

    Letters of other scripts stay, lower case: an address may be written in Greek. At most LONGEST characters,
    cut between words where that is possible.
    """
    lowered = title.lower().translate(_LETTERS)
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(letter))
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", bare))
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word[:LONGEST]
        if len(longer) > LONGEST:
            break
        slug = longer
    return slug or "broadcast"


def candidate(title: str, attempt: int, *, unlisted: bool) -> str:
    """The slug to try: plain first, then with -2, -3 …; an unlisted one gets 96 random bits, which nobody guesses."""
    slug = slug_of(title)
    if unlisted:
        return f"{slug}-{random_bits(96):024x}"
    return slug if attempt == 0 else f"{slug}-{attempt + 1}"
