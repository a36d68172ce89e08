"""Notices that were manifestly unfounded, and what was done about who had sent them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_index("ix_notices_email_mark", "notices", ["email_mark", "received_at"], unique=False)
    op.create_table(
        "unfounded_notices",
        sa.Column("notice_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("found_by", sa.BigInteger(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("notice_id", "case_id", name=op.f("pk_unfounded_notices")),
    )
    op.create_index("ix_unfounded_notices_who", "unfounded_notices", ["who", "found_at"], unique=False)
    op.create_table(
        "misuse_steps",
        sa.Column("id", _ROW_ID, autoincrement=False, nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("step", sa.String(10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_misuse_steps")),
    )
    op.create_index(op.f("ix_misuse_steps_who"), "misuse_steps", ["who"], unique=False)
