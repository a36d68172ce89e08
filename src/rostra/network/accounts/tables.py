"""Tables of accounts with their profiles, what owners did to them, sign-in links, sessions. Secrets are SHA-256."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, String, Text, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from rostra.platform.database import Base, Ordered, RowId, UtcDateTime
from rostra.platform.leases import Leased


class AccountRow(Base):
    """avatar, header: keys of the file store, or null for the drawn ones. fields: JSON, see ProfileField.

    The counters are changed in the transaction that changes what they count, and never counted on a read.
    last_post_id: the newest post or boost, null for none. filters_version: how often the account's filters were
    changed. The key pair signs what other servers will read (PEM).
    """

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    handle: Mapped[str] = mapped_column(String(30), unique=True)
    display_name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(16), default="active", server_default="active")
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    note_html: Mapped[str] = mapped_column(Text, default="", server_default="")
    fields: Mapped[str] = mapped_column(Text, default="[]", server_default="[]")
    avatar: Mapped[str | None] = mapped_column(String(80))
    header: Mapped[str | None] = mapped_column(String(80))
    locked: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    bot: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    discoverable: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    indexable: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    post_visibility: Mapped[str] = mapped_column(String(10), default="public", server_default="public")
    post_sensitive: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    post_language: Mapped[str | None] = mapped_column(String(16))
    post_quote_policy: Mapped[str] = mapped_column(String(10), default="public", server_default="public")
    posts_count: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    followers_count: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    following_count: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    last_post_id: Mapped[int | None] = mapped_column(BigInteger)
    followed_tags: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    filters_version: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    public_key: Mapped[str] = mapped_column(Text, default="", server_default="")
    private_key: Mapped[str] = mapped_column(Text, default="", server_default="")


class AccountActRow(Base):
    """What an owner has done to an account. was: its state before. Rows are only ever added."""

    __tablename__ = "account_acts"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("accounts.id"))
    by_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("accounts.id"))
    act: Mapped[str] = mapped_column(String(12))
    was: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_account_acts_account_id", "account_id", "id"),)


class AccountNameRow(Base):
    """What an account is found by: handle and name, folded, the name from each of its words on."""

    __tablename__ = "account_names"

    name: Mapped[str] = mapped_column(Ordered(80), primary_key=True)
    account_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )


class SignInLinkRow(Base):
    __tablename__ = "sign_in_links"

    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SessionRow(Base):
    """Of an account, or of a guest: then seat, broadcast_id and guest_name are set and account_id is not.

    device, place: see Where. last_used_at: to the hour, so that reading a page writes nothing most times.
    """

    __tablename__ = "sessions"

    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    seat: Mapped[int | None] = mapped_column(BigInteger)
    broadcast_id: Mapped[int | None] = mapped_column(BigInteger)
    guest_name: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    device: Mapped[str] = mapped_column(String(80), default="", server_default="")
    place: Mapped[str] = mapped_column(String(80), default="", server_default="")
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AccountDeletionRow(Leased, Base):
    """An account that is deleted, and of which there is something left to remove."""

    __tablename__ = "account_deletions"

    account_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
