"""Tables of posts and of what people do with them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DDL, BigInteger, Boolean, ForeignKey, Index, SmallInteger, String, Text, event
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column

from rostra.network.posts.findable import POST_SEARCH, Findable, FindableBy
from rostra.platform.database import Base, Ordered, RowId, UtcDateTime


def _account() -> MappedColumn[int]:
    return mapped_column(BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"))


def _post() -> MappedColumn[int]:
    return mapped_column(BigInteger, ForeignKey("posts.id", ondelete="CASCADE"))


class PostRow(Base):
    """An original, or a boost: then boost_of_id and boost_of_author_id are set and there is no text.

    The time of a post is in its id. thread_id: the post that began the conversation (itself, for a first post).
    listed: belongs to the public timeline. mentions, tags, media: JSON, ready for a reader, so that a
    timeline needs no joins for them; see posts.py. The counters are changed with what they count. link: the first
    address, whose card is shown. broadcast_id: what the post announces. restricted: what of its restrictions concerns
    everybody alike, as `Restricted` in posts.py; derived, so that a page needs no join for it.
    """

    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    author_id: Mapped[int] = _account()
    boost_of_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("posts.id", ondelete="CASCADE"))
    boost_of_author_id: Mapped[int | None] = mapped_column(BigInteger)
    in_reply_to_id: Mapped[int | None] = mapped_column(BigInteger)
    in_reply_to_account_id: Mapped[int | None] = mapped_column(BigInteger)
    thread_id: Mapped[int] = mapped_column(BigInteger)
    visibility: Mapped[str] = mapped_column(String(10))
    listed: Mapped[bool] = mapped_column(Boolean)
    sensitive: Mapped[bool] = mapped_column(Boolean)
    spoiler_text: Mapped[str] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    mentions: Mapped[str] = mapped_column(Text)
    tags: Mapped[str] = mapped_column(Text)
    media: Mapped[str] = mapped_column(Text)
    link: Mapped[str | None] = mapped_column(Text)
    poll_id: Mapped[int | None] = mapped_column(BigInteger)
    broadcast_id: Mapped[int | None] = mapped_column(BigInteger)
    app_name: Mapped[str | None] = mapped_column(String(60))
    app_website: Mapped[str | None] = mapped_column(String(200))
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    replies_count: Mapped[int] = mapped_column(BigInteger)
    boosts_count: Mapped[int] = mapped_column(BigInteger)
    favourites_count: Mapped[int] = mapped_column(BigInteger)
    restricted: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=sql("0"))

    __table_args__ = (
        Index("ix_posts_author_id", "author_id", "id"),
        Index("ix_posts_thread_id", "thread_id", "id"),
        Index("ix_posts_listed", "id", sqlite_where=sql("listed = 1"), postgresql_where=sql("listed")),
        Index(
            "uq_posts_boost",
            "boost_of_id",
            "author_id",
            unique=True,
            sqlite_where=sql("boost_of_id IS NOT NULL"),
            postgresql_where=sql("boost_of_id IS NOT NULL"),
        ),
        Index(
            "ix_posts_in_reply_to_id",
            "in_reply_to_id",
            "id",
            sqlite_where=sql("in_reply_to_id IS NOT NULL"),
            postgresql_where=sql("in_reply_to_id IS NOT NULL"),
        ),
        Index(
            "ix_posts_broadcast_id",
            "broadcast_id",
            "id",
            sqlite_where=sql("broadcast_id IS NOT NULL"),
            postgresql_where=sql("broadcast_id IS NOT NULL"),
        ),
    )


class PostMentionRow(Base):
    """Who is mentioned: who may read a direct post."""

    __tablename__ = "post_mentions"

    post_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    account_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )

    __table_args__ = (Index("ix_post_mentions_account_id", "account_id", "post_id"),)


class PostTagRow(Base):
    """tag: folded to lower case, without the sign."""

    __tablename__ = "post_tags"

    tag: Mapped[str] = mapped_column(Ordered(100), primary_key=True)
    post_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )


class PostWordsRow(Base):
    """What an original is found by. On SQLite the full-text index `post_search` follows each change of it."""

    __tablename__ = "post_words"

    post_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    words: Mapped[Findable] = mapped_column(FindableBy)

    __table_args__ = (
        Index(
            "ix_post_words_words",
            "words",
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 256},  # kB; what waits there is read by every search
        ).ddl_if(dialect="postgresql"),
    )


for _statement in POST_SEARCH:
    _made_with_the_table = DDL(_statement).execute_if(dialect="sqlite")  # type: ignore[no-untyped-call]
    event.listen(PostWordsRow.__table__, "after_create", _made_with_the_table)


class FavouriteRow(Base):
    __tablename__ = "favourites"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = _account()
    post_id: Mapped[int] = _post()

    __table_args__ = (
        Index("uq_favourites_edge", "account_id", "post_id", unique=True),
        Index("ix_favourites_post_id", "post_id", "id"),
        Index("ix_favourites_account_id", "account_id", "id"),
    )


class BookmarkRow(Base):
    __tablename__ = "bookmarks"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = _account()
    post_id: Mapped[int] = _post()

    __table_args__ = (
        Index("uq_bookmarks_edge", "account_id", "post_id", unique=True),
        Index("ix_bookmarks_post_id", "post_id"),
        Index("ix_bookmarks_account_id", "account_id", "id"),
    )


class PinRow(Base):
    """A post on top of its author's profile."""

    __tablename__ = "pins"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = _account()
    post_id: Mapped[int] = _post()

    __table_args__ = (
        Index("uq_pins_edge", "account_id", "post_id", unique=True),
        Index("ix_pins_post_id", "post_id"),
    )


class ThreadMuteRow(Base):
    """account wants no notifications of this conversation."""

    __tablename__ = "thread_mutes"

    account_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    thread_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class PostVersionRow(Base):
    """What a post said before an edit, from made_at on. poll: JSON of its options' titles."""

    __tablename__ = "post_versions"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    post_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    html: Mapped[str] = mapped_column(Text)
    spoiler_text: Mapped[str] = mapped_column(Text)
    sensitive: Mapped[bool] = mapped_column(Boolean)
    media: Mapped[str] = mapped_column(Text)
    poll: Mapped[str | None] = mapped_column(Text)


class IdempotencyRow(Base):
    """A post that a client may ask for again with the same key."""

    __tablename__ = "post_idempotency"

    account_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    post_id: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class ScheduledPostRow(Base):
    """A draft that waits until due_at. draft: JSON of a Draft. app_id: of the app that sent it.

    problem: why it could not be posted at its time, in words; empty while it waits.
    """

    __tablename__ = "scheduled_posts"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = _account()
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    draft: Mapped[str] = mapped_column(Text)
    app_id: Mapped[int | None] = mapped_column(BigInteger)
    problem: Mapped[str] = mapped_column(String(300))

    __table_args__ = (
        Index("ix_scheduled_posts_account_id", "account_id", "id"),
        Index("ix_scheduled_posts_due_at", "due_at", "id"),
    )
