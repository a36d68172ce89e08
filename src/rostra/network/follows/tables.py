"""Tables of the edges between two accounts. Edge ids order lists and are their cursors."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column

from rostra.platform.database import Base, RowId, UtcDateTime


def _account() -> MappedColumn[int]:
    return mapped_column(BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"))


class FollowRow(Base):
    """follower sees what followee posts. boosts: their boosts too. languages: "en,de", or null for all."""

    __tablename__ = "follows"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    follower_id: Mapped[int] = _account()
    followee_id: Mapped[int] = _account()
    boosts: Mapped[bool] = mapped_column(Boolean)
    notify: Mapped[bool] = mapped_column(Boolean)
    languages: Mapped[str | None] = mapped_column(String(100))

    __table_args__ = (
        Index("uq_follows_edge", "follower_id", "followee_id", unique=True),
        Index("ix_follows_followee_id", "followee_id", "id"),
        Index("ix_follows_follower_id", "follower_id", "id"),
    )


class FollowRequestRow(Base):
    """A follow of a locked account, before its answer."""

    __tablename__ = "follow_requests"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    follower_id: Mapped[int] = _account()
    followee_id: Mapped[int] = _account()
    boosts: Mapped[bool] = mapped_column(Boolean)
    notify: Mapped[bool] = mapped_column(Boolean)
    languages: Mapped[str | None] = mapped_column(String(100))

    __table_args__ = (
        Index("uq_follow_requests_edge", "follower_id", "followee_id", unique=True),
        Index("ix_follow_requests_followee_id", "followee_id", "id"),
    )


class BlockRow(Base):
    """account and target see nothing of each other."""

    __tablename__ = "blocks"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = _account()
    target_id: Mapped[int] = _account()

    __table_args__ = (
        Index("uq_blocks_edge", "account_id", "target_id", unique=True),
        Index("ix_blocks_account_id", "account_id", "id"),
        Index("ix_blocks_target_id", "target_id", "account_id"),
    )


class MuteRow(Base):
    """account does not see target in timelines. expires_at: null for until further notice."""

    __tablename__ = "mutes"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = _account()
    target_id: Mapped[int] = _account()
    notifications: Mapped[bool] = mapped_column(Boolean)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("uq_mutes_edge", "account_id", "target_id", unique=True),
        Index("ix_mutes_account_id", "account_id", "id"),
        Index("ix_mutes_target_id", "target_id"),
    )


class DismissalRow(Base):
    """account does not want target to be suggested again."""

    __tablename__ = "suggestion_dismissals"

    account_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    target_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )


class AccountNoteRow(Base):
    """What account has written about target, for its own eyes."""

    __tablename__ = "account_notes"

    account_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    target_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )
    comment: Mapped[str] = mapped_column(String(2000))


class EndorsementRow(Base):
    """account recommends target, whom it follows, on its profile."""

    __tablename__ = "endorsements"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = _account()
    target_id: Mapped[int] = _account()

    __table_args__ = (
        Index("uq_endorsements_edge", "account_id", "target_id", unique=True),
        Index("ix_endorsements_account_id", "account_id", "id"),
        Index("ix_endorsements_target_id", "target_id"),
    )


class DomainBlockRow(Base):
    """account wants nothing from domain (ASCII, lower case)."""

    __tablename__ = "domain_blocks"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = _account()
    domain: Mapped[str] = mapped_column(String(253))

    __table_args__ = (
        Index("uq_domain_blocks_edge", "account_id", "domain", unique=True),
        Index("ix_domain_blocks_account_id", "account_id", "id"),
    )
