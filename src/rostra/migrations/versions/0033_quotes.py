"""Quotes and who may quote. What was posted before anybody was asked is quoted by its author alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.add_column("posts", sa.Column("quote_of_id", sa.BigInteger(), nullable=True))
    op.add_column("posts", sa.Column("quote_state", sa.String(length=10), nullable=True))
    op.add_column("posts", sa.Column("quote_policy", sa.String(length=10), server_default="nobody", nullable=False))
    op.add_column("posts", sa.Column("quotes_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.create_index(
        "ix_posts_quote_of_id",
        "posts",
        ["quote_of_id", "id"],
        sqlite_where=sa.text("quote_of_id IS NOT NULL"),
        postgresql_where=sa.text("quote_of_id IS NOT NULL"),
    )
    op.add_column(
        "accounts", sa.Column("post_quote_policy", sa.String(length=10), server_default="public", nullable=False)
    )
