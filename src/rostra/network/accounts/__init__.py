"""Accounts: who may organise, how they sign in, and for how long."""

from rostra.network.accounts.accounts import (
    FIRST_LINK_LIFETIME,
    LINK_LIFETIME,
    Account,
    LinkSpent,
    OpenSession,
    Role,
    Viewer,
    Where,
)
from rostra.network.accounts.profiles import AccountState
from rostra.network.accounts.store import AccountStore

__all__ = [
    "FIRST_LINK_LIFETIME",
    "LINK_LIFETIME",
    "Account",
    "AccountState",
    "AccountStore",
    "LinkSpent",
    "OpenSession",
    "Role",
    "Viewer",
    "Where",
]
