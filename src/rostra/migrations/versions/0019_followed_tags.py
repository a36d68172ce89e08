"""Hashtags that people follow and feature."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TAG = sa.String(100).with_variant(sa.String(100, collation="C"), "postgresql")


def upgrade() -> None:
    for table in ("tag_follows", "featured_tags"):
        op.create_table(
            table,
            sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
            sa.Column("account_id", sa.BigInteger(), nullable=False),
            sa.Column("tag", TAG, nullable=False),
            sa.ForeignKeyConstraint(
                ["account_id"], ["accounts.id"], name=op.f(f"fk_{table}_account_id_accounts"), ondelete="CASCADE"
            ),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        )
        op.create_index(f"uq_{table}_edge", table, ["account_id", "tag"], unique=True)
    op.create_index("ix_tag_follows_account_id", "tag_follows", ["account_id", "id"], unique=False)
    op.add_column("accounts", sa.Column("followed_tags", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
