"""Cues: what was said, and in which language a broadcast has captions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "cues",
        sa.Column("broadcast_id", sa.BigInteger(), nullable=False),
        sa.Column("start_sample", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("end_sample", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcasts.id"], name=op.f("fk_cues_broadcast_id_broadcasts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("broadcast_id", "start_sample", name=op.f("pk_cues")),
    )
    op.add_column("broadcasts", sa.Column("captions", sa.String(length=16), nullable=False, server_default=""))
