"""What an account is for others."""

from __future__ import annotations

from enum import StrEnum


class AccountState(StrEnum):
    """pending: waits to be confirmed or approved. limited: only followers see it. deleted: a name that is gone."""

    ACTIVE = "active"
    PENDING = "pending"
    LIMITED = "limited"
    SUSPENDED = "suspended"
    DELETED = "deleted"
