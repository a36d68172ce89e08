"""Accounts: who they are, what they show of themselves, how they sign in, and for how long."""

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
from rostra.network.accounts.acts import (
    REASON_CHARACTERS,
    AccountAct,
    Act,
    ActStore,
    IllegalAct,
    acts_on,
    after,
)
from rostra.network.accounts.deletions import DeletionStore
from rostra.network.accounts.profile_store import ProfileStore, is_shown, newest, profile_columns, profile_of
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
    "REASON_CHARACTERS",
    "Account",
    "AccountAct",
    "AccountState",
    "AccountStore",
    "Act",
    "ActStore",
    "DeletionStore",
    "IllegalAct",
    "LinkSpent",
    "NoSuchAccount",
    "OpenSession",
    "OwnProfile",
    "Profile",
    "ProfileChange",
    "ProfileField",
    "ProfileStore",
    "Role",
    "Viewer",
    "Where",
    "acts_on",
    "after",
    "is_shown",
    "newest",
    "profile_columns",
    "profile_of",
]
