"""Restrictions, and what of them a post says by itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_table(
        "restrictions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("measure", sa.String(length=20), nullable=False),
        sa.Column("territories", sa.Text(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("span_start", sa.BigInteger(), nullable=True),
        sa.Column("span_end", sa.BigInteger(), nullable=True),
        sa.Column("decision_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settle_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state_before", sa.String(length=10), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restrictions")),
    )
    op.create_index("ix_restrictions_kind", "restrictions", ["kind", "subject_id", "id"], unique=False)
    op.create_index("ix_restrictions_decision_id", "restrictions", ["decision_id"], unique=False)
    standing = sa.text("lifted_at IS NULL")
    op.create_index(
        "ix_restrictions_standing",
        "restrictions",
        ["id"],
        unique=False,
        sqlite_where=standing,
        postgresql_where=standing,
    )
    due = sa.text("settle_at IS NOT NULL")
    op.create_index(
        "ix_restrictions_settle_at",
        "restrictions",
        ["settle_at"],
        unique=False,
        sqlite_where=due,
        postgresql_where=due,
    )
    op.add_column("posts", sa.Column("restricted", sa.SmallInteger(), server_default="0", nullable=False))
