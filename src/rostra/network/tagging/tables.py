"""Tables of hashtags that people follow and feature. tag: folded, without the sign. Edge ids order lists."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column

from rostra.platform.database import Base, Ordered, RowId


def _account() -> MappedColumn[int]:
    return mapped_column(BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"))


class TagFollowRow(Base):
    """account sees public posts with tag at home. How many there are is `accounts.followed_tags`."""

    __tablename__ = "tag_follows"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = _account()
    tag: Mapped[str] = mapped_column(Ordered(100))

    __table_args__ = (
        Index("uq_tag_follows_edge", "account_id", "tag", unique=True),
        Index("ix_tag_follows_account_id", "account_id", "id"),
    )


class FeaturedTagRow(Base):
    """account shows tag on its profile."""

    __tablename__ = "featured_tags"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = _account()
    tag: Mapped[str] = mapped_column(Ordered(100))

    __table_args__ = (Index("uq_featured_tags_edge", "account_id", "tag", unique=True),)
