"""Accounts: who they are, what they show of themselves, how they sign in, and for how long."""

from rostra.network.accounts.accounts import (
    FIRST_LINK_LIFETIME,
    LINK_LIFETIME,
    Account,
    LinkSpent,
    Role,
    Viewer,
)
from rostra.network.accounts.profile_store import ProfileStore, is_shown, profile_columns, profile_of
from rostra.network.accounts.profiles import (
    AccountState,
    NoSuchAccount,
    OwnProfile,
    Profile,
    ProfileChange,
    ProfileField,
)
from rostra.network.accounts.store import AccountStore

__all__ = [
    "FIRST_LINK_LIFETIME",
    "LINK_LIFETIME",
    "Account",
    "AccountState",
    "AccountStore",
    "LinkSpent",
    "NoSuchAccount",
    "OwnProfile",
    "Profile",
    "ProfileChange",
    "ProfileField",
    "ProfileStore",
    "Role",
    "Viewer",
    "is_shown",
    "profile_columns",
    "profile_of",
]
