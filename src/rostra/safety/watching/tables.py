"""Tables of what machines have pointed out: posts that wait to be looked at, hits, holds, lists of hashes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from rostra.platform.database import Base, RowId, UtcDateTime
from rostra.platform.leases import Leased


class ToWatchRow(Leased, Base):
    """A post that is to be looked at: written in the transaction of the post, gone when it was. is_edit: it was edited.

    stamp: changes whenever it is to be looked at anew, so that an edit during the look is not lost.
    """

    __tablename__ = "posts_to_watch"

    post_id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    is_edit: Mapped[bool] = mapped_column(Boolean)
    stamp: Mapped[int] = mapped_column(BigInteger)
    tries: Mapped[int] = mapped_column(Integer)


class HitRow(Base):
    """A rule, or a list of hashes, was true of a post: what it did, under which version, in which case.

    of_edit: when what the post says was written, µs since 1970; 0 for what it said first. So a post that is looked at
    twice is one hit, and one that is edited may be two. No foreign key to the post: how often a rule was right stays
    known when the post is gone.
    """

    __tablename__ = "watch_hits"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    rule: Mapped[str] = mapped_column(String(80))
    version: Mapped[str] = mapped_column(String(12))
    description: Mapped[str] = mapped_column(String(300))
    act: Mapped[str] = mapped_column(String(8))
    category: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(80))
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    of_edit: Mapped[int] = mapped_column(BigInteger)
    case_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("cases.id"), index=True)

    __table_args__ = (Index("uq_watch_hits_once", "subject", "rule", "version", "of_edit", unique=True),)


class HeldRow(Base):
    """A post that only its author sees. visibility, listed, mentions, tags: what it is to be when it is let go.

    until: when that is at the latest. reason: what its author was told.
    """

    __tablename__ = "held_posts"

    post_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    author_id: Mapped[int] = mapped_column(BigInteger, index=True)
    case_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("cases.id"))
    held_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    visibility: Mapped[str] = mapped_column(String(10))
    listed: Mapped[bool] = mapped_column(Boolean)
    mentions: Mapped[str] = mapped_column(Text)
    tags: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)


class RulesRow(Base):
    """A file of rules as it was accepted: what holds when the file is broken, and what a hit's version once said."""

    __tablename__ = "watch_rules"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64))
    accepted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(Text)


class HashListRow(Base):
    """A list of picture hashes, as it was imported. hashes: 32 bytes each, one after the other; labels: JSON, in their
    order. retired_at: when a newer version of the same name took its place.
    """

    __tablename__ = "hash_lists"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(60))
    version: Mapped[str] = mapped_column(String(12))
    category: Mapped[str] = mapped_column(String(60))
    keyword: Mapped[str] = mapped_column(String(80))
    description: Mapped[str] = mapped_column(String(300))
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    hashes: Mapped[bytes] = mapped_column(LargeBinary)
    labels: Mapped[str] = mapped_column(Text)


class PictureHashRow(Base):
    """The hash of a picture that was uploaded, or of the one that stands for a film. quality: 0 … 100."""

    __tablename__ = "picture_hashes"

    media_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("media.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    quality: Mapped[int] = mapped_column(Integer)
