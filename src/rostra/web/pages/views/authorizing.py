"""Pages of letting an app in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeView:
    """kind: read, write or push. details: what of it; empty for all of it."""

    kind: Literal["read", "write", "push"]
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizePage:
    """`authorize.html`. goes_to: the host that gets the answer; empty for an app on the person's own device.

    hidden: names and values that the form sends back.
    """

    app_name: str
    app_website: str | None
    account_name: str
    scopes: tuple[ScopeView, ...]
    goes_to: str
    action: str
    hidden: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePage:
    """`code.html`: the code, for a person to carry into the app."""

    app_name: str
    code: str
