"""A language that marks each of its words: what it did not say is in nobody's catalogue."""

from __future__ import annotations

import re
from gettext import NullTranslations
from typing import Final

from rostra.web.pages.languages import LANGUAGES

NAMES: Final = frozenset({"Rostra", "ada", "Ada", "ben", "Ben", "kB", "MB", "Atom", "RSS", "UTC", "nobody", "Brussels"})
OF_LANGUAGES: Final = frozenset(re.findall(r"\w+", " ".join(LANGUAGES.values())))
"""What languages call themselves."""


class Marked(NullTranslations):
    """Says everything between brackets."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"


def unsaid(text: str) -> list[str]:
    """Words outside of brackets, with their neighbours."""
    before = None
    while before != text:
        before, text = text, re.sub(r"⟦[^⟦⟧]*⟧", "\n", text)
    text = re.sub(r"[@#/][\w./-]+|https?:\S+|[\w.]+\.test\S*|[A-Z][A-Za-z_]+/[A-Za-z_/]+", " ", text)
    known = NAMES | OF_LANGUAGES
    lines = ([word for word in re.findall(r"[^\W\d_]{2,}", line) if word not in known] for line in text.split("\n"))
    return [" ".join(words) for words in lines if words]
