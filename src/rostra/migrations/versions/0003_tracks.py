"""Tracks: what each speaker said, for whoever runs the broadcast."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from rostra.platform.database import UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "tracks",
        sa.Column("broadcast_id", sa.BigInteger(), nullable=False),
        sa.Column("speaker_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("file", sa.String(length=80), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcasts.id"], name=op.f("fk_tracks_broadcast_id_broadcasts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("broadcast_id", "speaker_id", name=op.f("pk_tracks")),
    )
