"""Tables of local recordings, their pieces, and the originals made of them.

speaker_id is the id of an invitation, without a foreign key: the sound outlives the seat.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Double, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from rostra.platform.database import Base, UtcDateTime


class LocalRecordingRow(Base):
    __tablename__ = "local_recordings"

    broadcast_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True
    )
    speaker_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    recording_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    pieces: Mapped[int]
    whole: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LocalPieceRow(Base):
    __tablename__ = "local_pieces"

    broadcast_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True
    )
    speaker_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    recording_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    piece: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    file: Mapped[str] = mapped_column(String(80))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    first_sample: Mapped[int] = mapped_column(BigInteger)
    samples: Mapped[int]
    rate_hz: Mapped[int]
    at_us: Mapped[int] = mapped_column(BigInteger)


class OriginalRow(Base):
    __tablename__ = "originals"

    broadcast_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True
    )
    speaker_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    file: Mapped[str | None] = mapped_column(String(80))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    duration_ms: Mapped[int] = mapped_column(BigInteger)
    offset_ms: Mapped[float] = mapped_column(Double)
    drift_ppm: Mapped[float] = mapped_column(Double)
    coverage: Mapped[float] = mapped_column(Double)
    pieces: Mapped[int]
    trouble: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
