"""Tables of the ledger. Entries are only ever added, and never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Index, LargeBinary, String, Text
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from rostra.platform.database import Base, RowId, UtcDateTime

IS_PERSON: Final = sql("name IN ('by', 'on')")
"""Details that are the id of an account. Queries say it in just these words, so that both engines know the index."""


class LedgerEntryRow(Base):
    """number: from 0 on, without a gap. content: JSON, as bytes, for these are what is hashed. hash: its leaf."""

    __tablename__ = "ledger_entries"

    number: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class LedgerDetailRow(Base):
    """What an entry commits to and can be erased. No foreign key: erasing locks nothing of the ledger."""

    __tablename__ = "ledger_details"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary(32))
    value: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_ledger_details_person", "value", sqlite_where=IS_PERSON, postgresql_where=IS_PERSON),)


class LedgerHeadRow(Base):
    """One row: how many entries there are, the hash of the last one, and the frontier of the tree."""

    __tablename__ = "ledger_head"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[bytes] = mapped_column(LargeBinary(32))
    frontier: Mapped[bytes] = mapped_column(LargeBinary)


class LedgerCheckpointRow(Base):
    """A signed root. key: the public key, raw."""

    __tablename__ = "ledger_checkpoints"

    size: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    key: Mapped[bytes] = mapped_column(LargeBinary(32))
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))


class LedgerStampRow(Base):
    """A time stamp of a checkpoint by an authority outside; see `Stamp`."""

    __tablename__ = "ledger_stamps"

    size: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    note: Mapped[str] = mapped_column(Text)
    answer: Mapped[bytes] = mapped_column(LargeBinary)
    said_at: Mapped[datetime] = mapped_column(UtcDateTime)
