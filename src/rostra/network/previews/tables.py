"""The table of link cards, which is also the queue of those that are wanted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from rostra.platform.database import Base, UtcDateTime


class LinkPreviewRow(Base):
    """key: SHA-256 of the url in hex. title is NULL while there is no card.

    due_at: from when on it may be fetched; NULL when nothing is to do. leased_until: somebody fetches it until then.
    expires_at: the next post with this link has it fetched again from then on.
    """

    __tablename__ = "link_previews"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    host: Mapped[str] = mapped_column(String(260))
    title: Mapped[str | None] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(String(500))
    provider_name: Mapped[str] = mapped_column(String(260))
    attempts: Mapped[int] = mapped_column(SmallInteger)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
