"""Brakes on amplification, and the posts that they touch."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = sa.text("closed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "brakes",
        sa.Column("id", _ROW_ID, autoincrement=False, nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("authority", sa.String(200), nullable=False),
        sa.Column("reference", sa.String(200), nullable=False),
        sa.Column("proposed_by", sa.BigInteger(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_by", sa.BigInteger(), nullable=True),
        sa.Column("in_force_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("over_by", sa.BigInteger(), nullable=True),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("over_why", sa.Text(), nullable=False),
        sa.Column("swept_to", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brakes")),
    )
    op.create_index("ix_brakes_open", "brakes", ["id"], unique=False, sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_table(
        "braked_posts",
        sa.Column("brake_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("post_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["brake_id"], ["brakes.id"], name=op.f("fk_braked_posts_brake_id_brakes")),
        sa.PrimaryKeyConstraint("brake_id", "post_id", name=op.f("pk_braked_posts")),
    )
    op.create_index("ix_braked_posts_post_id", "braked_posts", ["post_id"], unique=False)
    op.create_index("ix_braked_posts_author_id", "braked_posts", ["brake_id", "author_id"], unique=False)
