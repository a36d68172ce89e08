"""Tables of filters, of their keywords and of the single posts that they name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from rostra.platform.database import Base, RowId, UtcDateTime


class FilterRow(Base):
    """contexts: "home,public". `accounts.filters_version` is counted up with every change of an account's filters."""

    __tablename__ = "filters"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(256))
    contexts: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(8))
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_filters_account_id", "account_id", "id"),)


class FilterKeywordRow(Base):
    __tablename__ = "filter_keywords"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    filter_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("filters.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(String(512))
    whole_word: Mapped[bool] = mapped_column(Boolean)

    __table_args__ = (Index("ix_filter_keywords_filter_id", "filter_id", "id"),)


class FilterPostRow(Base):
    __tablename__ = "filter_posts"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    filter_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("filters.id", ondelete="CASCADE"))
    post_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("posts.id", ondelete="CASCADE"), index=True)

    __table_args__ = (Index("uq_filter_posts_entry", "filter_id", "post_id", unique=True),)
