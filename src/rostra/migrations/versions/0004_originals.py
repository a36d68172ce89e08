"""Local recordings of speakers' browsers, and the originals made of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from rostra.platform.database import UtcDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "local_recordings",
        sa.Column("broadcast_id", sa.BigInteger(), nullable=False),
        sa.Column("speaker_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recording_id", sa.String(length=16), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        *_keys("local_recordings", "broadcast_id", "speaker_id", "recording_id"),
    )
    op.create_table(
        "local_pieces",
        sa.Column("broadcast_id", sa.BigInteger(), nullable=False),
        sa.Column("speaker_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recording_id", sa.String(length=16), nullable=False),
        sa.Column("piece", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("file", sa.String(length=80), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("first_sample", sa.BigInteger(), nullable=False),
        sa.Column("samples", sa.Integer(), nullable=False),
        sa.Column("rate_hz", sa.Integer(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        *_keys("local_pieces", "broadcast_id", "speaker_id", "recording_id", "piece"),
    )
    op.create_table(
        "originals",
        sa.Column("broadcast_id", sa.BigInteger(), nullable=False),
        sa.Column("speaker_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("file", sa.String(length=80), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.Column("offset_ms", sa.Double(), nullable=False),
        sa.Column("drift_ppm", sa.Double(), nullable=False),
        sa.Column("coverage", sa.Double(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(length=300), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        *_keys("originals", "broadcast_id", "speaker_id"),
    )


def _keys(table: str, *primary: str) -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(
            ["broadcast_id"],
            ["broadcasts.id"],
            name=op.f(f"fk_{table}_broadcast_id_broadcasts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(*primary, name=op.f(f"pk_{table}")),
    ]
