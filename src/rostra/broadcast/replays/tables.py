"""Tables of what becomes of a recording: edits, clips, and the picture of its sound."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from rostra.platform.database import Base, UtcDateTime


class EditRow(Base):
    """cuts: JSON, [[start, end], …] in milliseconds of recording time."""

    __tablename__ = "edits"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    broadcast_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("broadcasts.id", ondelete="CASCADE"), index=True)
    source: Mapped[str] = mapped_column(String(16))
    cuts: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(8))
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    file: Mapped[str | None] = mapped_column(String(80))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    duration_ms: Mapped[int] = mapped_column(BigInteger)
    stream: Mapped[str | None] = mapped_column(String(80))
    stream_index: Mapped[str | None] = mapped_column(String(80))


class ClipRow(Base):
    """start_ms, end_ms: recording time. by_host: made by whoever runs the broadcast."""

    __tablename__ = "clips"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    broadcast_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("broadcasts.id", ondelete="CASCADE"), index=True)
    start_ms: Mapped[int] = mapped_column(BigInteger)
    end_ms: Mapped[int] = mapped_column(BigInteger)
    title: Mapped[str] = mapped_column(String(120))
    by_host: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PeaksRow(Base):
    __tablename__ = "peaks"

    broadcast_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True
    )
    source: Mapped[str] = mapped_column(String(80))
    file: Mapped[str] = mapped_column(String(80))
    every_ms: Mapped[int]
