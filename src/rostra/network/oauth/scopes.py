"""Scopes: what an app may do. `read` holds every `read:…`; pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_READ: Final = "accounts blocks bookmarks favourites filters follows lists mutes notifications search statuses"
_WRITE: Final = (
    "accounts blocks bookmarks conversations favourites filters follows lists media mutes notifications reports "
    "statuses"
)
GRANULAR: Final = frozenset({f"read:{name}" for name in _READ.split()} | {f"write:{name}" for name in _WRITE.split()})
BROAD: Final = ("read", "write", "follow", "push", "profile")
KNOWN: Final = frozenset(BROAD) | GRANULAR
DEFAULT: Final = frozenset({"read"})
_FOLLOW: Final = frozenset(f"{act}:{what}" for act in ("read", "write") for what in ("blocks", "follows", "mutes"))
"""What the old scope `follow` stands for."""

Scopes = frozenset[str]


def parse(text: str | None) -> Scopes:
    """Scopes that are separated by spaces; `read` when there are none. Unknown ones are kept, for `are_known`."""
    return frozenset((text or "").replace("+", " ").split()) or DEFAULT


def are_known(scopes: Iterable[str]) -> bool:
    return KNOWN.issuperset(scopes)


def written(scopes: Scopes) -> str:
    """For the wire, always in the same order."""
    return " ".join(sorted(scopes, key=lambda each: (BROAD.index(each) if each in BROAD else len(BROAD), each)))


def allows(held: Scopes, wanted: str) -> bool:
    """Whether who holds `held` may do `wanted`, e.g. "write:statuses"."""
    if wanted in held or wanted.partition(":")[0] in held:
        return True
    if wanted == "profile":
        return "read" in held or "read:accounts" in held
    return "follow" in held and wanted in _FOLLOW


def is_within(wanted: Scopes, held: Scopes) -> bool:
    """Whether every scope of `wanted` is allowed by `held`."""
    return all(allows(held, each) for each in wanted)
