"""Tables of Web Push."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from rostra.platform.database import Base, UtcDateTime
from rostra.platform.leases import Leased


class PushKeyRow(Base):
    """The one key pair of the house. public: uncompressed point, base64url. sealed: the private key."""

    __tablename__ = "push_keys"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    public: Mapped[str] = mapped_column(String(100))
    sealed: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PushSubscriptionRow(Leased, Base):
    """Where an app wants to be told. token: fingerprint of the app's access token, which has one subscription.

    p256dh, auth: the app's keys, in hexadecimal.

    token_sealed: that token, which goes into each message so that the app knows whose it is. alerts: kinds, separated
    by blanks. sent_id: the last notification that was sent or passed over. failures: in a row.
    """

    __tablename__ = "push_subscriptions"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    token: Mapped[str] = mapped_column(String(64), ForeignKey("oauth_tokens.fingerprint", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"))
    token_sealed: Mapped[str] = mapped_column(Text)
    endpoint: Mapped[str] = mapped_column(Text)
    p256dh: Mapped[str] = mapped_column(String(130))
    auth: Mapped[str] = mapped_column(String(40))
    alerts: Mapped[str] = mapped_column(String(300))
    policy: Mapped[str] = mapped_column(String(10))
    sent_id: Mapped[int] = mapped_column(BigInteger)
    failures: Mapped[int] = mapped_column(Integer)
    retry_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("ix_push_subscriptions_token", "token", unique=True),
        Index("ix_push_subscriptions_account_id", "account_id", "id"),
    )
