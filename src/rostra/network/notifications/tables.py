"""Tables of notifications, of bells, and of how far somebody has read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column

from rostra.platform.database import Base, UtcDateTime


def _owner() -> MappedColumn[int]:
    return mapped_column(
        BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )


class NotificationRow(Base):
    """One act of from_id for account_id. key: of its group. slot: its place in the ring of GROUP_KEPT that the group
    keeps, so that a new one takes the place of the oldest.
    """

    __tablename__ = "notifications"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(40))
    slot: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(24))
    from_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    post_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("posts.id", ondelete="CASCADE"), index=True)

    __table_args__ = (
        Index("uq_notifications_place", "account_id", "key", "slot", unique=True),
        Index("ix_notifications_account_id", "account_id", "id"),
    )


class NotificationGroupRow(Base):
    """count: acts, less those taken back. turns: acts ever, which leads the ring."""

    __tablename__ = "notification_groups"

    account_id: Mapped[int] = _owner()
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    post_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    newest_id: Mapped[int] = mapped_column(BigInteger)
    count: Mapped[int] = mapped_column(BigInteger)
    turns: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_notification_groups_account_id", "account_id", "newest_id"),)


class BellRow(Base):
    """account wants to know of what author posts. since_id: posts above it are not yet among the notifications."""

    __tablename__ = "bells"

    account_id: Mapped[int] = _owner()
    author_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )
    since_id: Mapped[int] = mapped_column(BigInteger)


class MarkerRow(Base):
    """How far somebody has read a timeline. version: how often they said so."""

    __tablename__ = "markers"

    account_id: Mapped[int] = _owner()
    timeline: Mapped[str] = mapped_column(String(16), primary_key=True)
    last_read_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DigestRow(Base):
    """Somebody wants letters about what they missed. every: daily or weekly.

    since_id: the last notification that they were told of.
    """

    __tablename__ = "digests"

    account_id: Mapped[int] = _owner()
    every: Mapped[str] = mapped_column(String(6))
    since_id: Mapped[int] = mapped_column(BigInteger)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class NotificationPolicyRow(Base):
    """What becomes of acts of others, by who they are: accept, filter or drop. No row: everything is accepted."""

    __tablename__ = "notification_policies"

    account_id: Mapped[int] = _owner()
    for_not_following: Mapped[str] = mapped_column(String(6))
    for_not_followers: Mapped[str] = mapped_column(String(6))
    for_new_accounts: Mapped[str] = mapped_column(String(6))
    for_private_mentions: Mapped[str] = mapped_column(String(6))
    for_limited_accounts: Mapped[str] = mapped_column(String(6))


class NotificationPermissionRow(Base):
    """Acts of from_id come through to account, whatever its policy."""

    __tablename__ = "notification_permissions"

    account_id: Mapped[int] = _owner()
    from_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )
