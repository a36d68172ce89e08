"""An account as an owner sees it, what can be done to it, and what was done."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ActView:
    """An entry of the log. act: suspend, limit or reinstate. was: the state before it."""

    act: str
    was: str
    by: str
    when: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedPage:
    """`judged.html`. acts: (act, where it is asked). profile_url: empty while nobody sees it."""

    name: str
    acct: str
    role: str
    state: str
    joined: str
    profile_url: str
    acts: tuple[tuple[str, str], ...]
    log: tuple[ActView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActPage:
    """`act.html`: what will happen, asked before it does. own: it is the asker's own account.

    at_reason: the error is about the reason.
    """

    act: str
    acct: str
    own: bool
    form_url: str
    back: str
    reason: str
    reason_max: int
    error: str
    at_reason: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendedPage:
    """`suspended.html`: for the one whose account it is. since, reason: empty where no entry of the log says so."""

    acct: str
    since: str
    reason: str
