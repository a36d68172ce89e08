"""The delay on the host's page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DumpButton:
    """Posts `act=dump` and `seconds`. keys: the shortcut as in `aria-keyshortcuts`, empty for none."""

    seconds: int
    label: str
    keys: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DumpView:
    """at_text: when it was removed, in the broadcast's zone; text: "5 s removed"."""

    at_text: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayView:
    """text: how much later listeners hear it. open: something can be removed now. dumps: latest first."""

    seconds: int
    text: str
    open: bool
    buttons: tuple[DumpButton, ...]
    dumps: tuple[DumpView, ...]
