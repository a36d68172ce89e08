"""An account as an owner sees it, what can be done to it, and what was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rostra.web.pages.views.redress import StatementView


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
    """`judged.html`. acts: (act, where it is asked). profile_url: empty while nobody sees it. own: of who looks."""

    name: str
    acct: str
    role: str
    state: str
    joined: str
    profile_url: str
    own: bool
    acts: tuple[tuple[str, str], ...]
    log: tuple[ActView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActPage:
    """`act.html`: what will happen, asked before it does. own: it is the asker's own account, so somebody else acts.

    rule: that the account breaks; not asked for bringing back. letter: what the person will read, once it can be made.
    error: about the whole; errors: field → text. case_url: where it is to be decided instead; empty for here.
    """

    act: str
    acct: str
    own: bool
    form_url: str
    back: str
    rule: str
    rule_max: int
    reason: str
    reason_max: int
    error: str
    errors: Mapping[str, str]
    letter: StatementView | None
    case_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendedPage:
    """`suspended.html`: for the one whose account it is. since, reason: empty where nothing says so. statement_url: of
    the reasons, where one complains; empty where no decision was made.
    """

    acct: str
    since: str
    reason: str
    statement_url: str
