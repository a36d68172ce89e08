"""The table of what was said."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from rostra.platform.database import Base


class CueRow(Base):
    """start_sample, end_sample: media time of the broadcast, samples at 48 kHz."""

    __tablename__ = "cues"

    broadcast_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True
    )
    start_sample: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    end_sample: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(Text)
