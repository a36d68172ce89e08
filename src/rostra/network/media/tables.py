"""Tables of media: the attachments, which file is whose, what an account has used, and files that nobody holds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from rostra.platform.database import Base, UtcDateTime

KEY_LENGTH = 80


class MediaRow(Base):
    """post_id has no foreign key: whoever deletes a post asks `MediaStore.forget_post`, so that its files go, too.

    scheduled_id: of the scheduled post that keeps it; no foreign key either, `MediaStore.release` lets it go.
    """

    __tablename__ = "media"
    __table_args__ = (
        Index("ix_media_post_id", "post_id", "position"),
        Index("ix_media_account_id", "account_id", "purpose"),
        Index("ix_media_state", "state", "changed_at"),
        Index(
            "ix_media_scheduled_id",
            "scheduled_id",
            "position",
            sqlite_where=sql("scheduled_id IS NOT NULL"),
            postgresql_where=sql("scheduled_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("accounts.id"))
    post_id: Mapped[int | None] = mapped_column(BigInteger)
    scheduled_id: Mapped[int | None] = mapped_column(BigInteger)
    position: Mapped[int] = mapped_column(Integer)
    purpose: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(8))
    source: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    file: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    small: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    meta: Mapped[str] = mapped_column(Text)
    blurhash: Mapped[str | None] = mapped_column(String(64))
    description: Mapped[str | None] = mapped_column(Text)
    focus_x: Mapped[float] = mapped_column(Float)
    focus_y: Mapped[float] = mapped_column(Float)
    progress: Mapped[int] = mapped_column(Integer)
    tries: Mapped[int] = mapped_column(Integer)
    failure: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MediaFileRow(Base):
    """That a medium holds a file: what has the same content has the same key, so several may hold one."""

    __tablename__ = "media_files"

    key: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    media_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, index=True)


class MediaUsageRow(Base):
    """The bytes an account's media take, changed in the transaction that changes the media."""

    __tablename__ = "media_usage"

    account_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("accounts.id"), primary_key=True, autoincrement=False
    )
    used_bytes: Mapped[int] = mapped_column(BigInteger)


class MediaGoneRow(Base):
    """A file that somebody let go of; it is unlinked later unless another medium holds it."""

    __tablename__ = "media_gone"

    key: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    gone_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
