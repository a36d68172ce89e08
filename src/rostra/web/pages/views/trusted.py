"""The public list of trusted flaggers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FlaggerView:
    """areas: in words. since: a day in words. suspended: since when its notices are treated like all others; empty."""

    name: str
    areas: tuple[str, ...]
    named_by: str
    since: str
    suspended: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedFlaggersPage:
    """`trusted_flaggers.html`."""

    flaggers: tuple[FlaggerView, ...]
