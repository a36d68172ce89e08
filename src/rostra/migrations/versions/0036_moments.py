"""Moments whose sound is still to be kept, and what a snapshot is of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    op.add_column("evidence", sa.Column("kind", sa.String(10), nullable=False, server_default=sa.text("'content'")))
    op.create_table(
        "moments",
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("broadcast_id", sa.BigInteger(), nullable=False),
        sa.Column("first_part", sa.Integer(), nullable=False),
        sa.Column("end_part", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(32), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_moments_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_moments")),
    )
    op.create_index(op.f("ix_moments_due_at"), "moments", ["due_at"], unique=False)
