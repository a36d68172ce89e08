"""Table of signing keys: the truth from which the bus gets its copy."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from rostra.platform.database import Base


class KeyRow(Base):
    """current signs, both verify; base64url."""

    __tablename__ = "signing_keys"

    family: Mapped[str] = mapped_column(String(32), primary_key=True)
    current: Mapped[str] = mapped_column(String(64))
    previous: Mapped[str | None] = mapped_column(String(64))
