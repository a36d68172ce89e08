"""How often a rule was right, and what it missed: counted from cases that people have decided (DSA, Article 15(1)(e)).

Both are figures about cases, not about all posts: what nobody ever looked at is in neither. So they are published with
their counts, and without a count there is no figure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A case about a post or an account that a person has decided. is_violation: what stands does something.

    hit_by: rules that had met its post; category: in which it was decided, or opened.
    """

    category: str
    is_violation: bool
    hit_by: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """rule: its name. hits: posts or accounts (kind) that it met in this time, decided or not. right: of those decided,
    violations.

    missed: violations of its category that people have found and it has not.
    """

    rule: str
    category: str
    hits: int
    decided: int
    right: int
    missed: int
    kind: str = "post"

    @property
    def precision(self) -> float | None:
        """Violations among the hits that were decided, 0 … 1; None when none was."""
        return self.right / self.decided if self.decided else None

    @property
    def recall(self) -> float | None:
        """Hits among the violations of its category that are known, 0 … 1; None when there is none."""
        known = self.right + self.missed
        return self.right / known if known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageFigures:
    """How well a machine recognises a language. recognised: cases that it held to be in it, and somebody has decided;
    right: of those, in it indeed; known: all that are in it, whatever the machine held.
    """

    language: str
    recognised: int
    right: int
    known: int

    @property
    def precision(self) -> float | None:
        return self.right / self.recognised if self.recognised else None

    @property
    def recall(self) -> float | None:
        return self.right / self.known if self.known else None


def language_figures(pairs: Iterable[tuple[str, str]]) -> list[LanguageFigures]:
    """pairs: what a machine held a post to be in, empty for nothing, and what somebody who has decided about it read.

    By language, in order.
    """
    seen = [(held, read) for held, read in pairs if read]
    return [
        LanguageFigures(
            language=language,
            recognised=sum(held == language for held, _ in seen),
            right=sum(held == read == language for held, read in seen),
            known=sum(read == language for _, read in seen),
        )
        for language in sorted({each for pair in seen for each in pair if each})
    ]


def figures(rules: Iterable[tuple[str, str, int]], decided: Iterable[Decided], *, kind: str = "post") -> list[Figures]:
    """For each (name, category, hits), in this order. kind: of what all of it is about."""
    cases = list(decided)
    found = []
    for name, category, hits in rules:
        met = [case for case in cases if name in case.hit_by]
        missed = [case for case in cases if name not in case.hit_by and case.is_violation and case.category == category]
        found.append(
            Figures(
                rule=name,
                category=category,
                hits=hits,
                decided=len(met),
                right=sum(case.is_violation for case in met),
                missed=len(missed),
                kind=kind,
            )
        )
    return found
