"""Which language a text is in, where its author has not said so: so that a case reaches somebody who reads it.

The model is part of the library and works without a network. It takes a second and 75 MB to load, so it is loaded when
the first text needs it, and some 50 µs for a text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

LETTERS_MIN: Final = 12
SURE_ENOUGH: Final = 0.8
"""Below either of them nothing is said: a wrong language is worse than none."""
_NO_WORDS: Final = re.compile(r"https?://\S+|[@#]\w+|[\W\d_]+")


@dataclass(frozen=True, slots=True)
class Tongue:
    """In which language a text is: as its author says, and as a machine does. ISO 639-1; empty for unknown."""

    declared: str = ""
    recognised: str = ""

    @property
    def language(self) -> str:
        """The author's word counts."""
        return self.declared or self.recognised

    @property
    def is_by_machine(self) -> bool:
        return not self.declared and bool(self.recognised)


UNKNOWN: Final = Tongue()


def detect(text: str) -> str:
    """ISO 639-1 code, or empty when the text is too short to tell."""
    words = _NO_WORDS.sub(" ", text).strip()
    if sum(map(str.isalpha, words)) < LETTERS_MIN:
        return ""
    code, probability = _identifier().classify(words)
    return str(code) if probability >= SURE_ENOUGH else ""


def detect_if_ready(text: str) -> str:
    """The same for whoever cannot wait for the model; empty while it is not loaded. Fails open: a case without a
    language is everybody's.
    """
    return detect(text) if is_ready() else ""


def is_ready() -> bool:
    return bool(_identifier.cache_info().currsize)


def load_model() -> None:
    """A second of work: away from the event loop."""
    _identifier()


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)  # type: ignore[no-untyped-call]
