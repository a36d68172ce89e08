"""Posts that wait for their time, and the media that they keep."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "scheduled_posts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_scheduled_posts_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduled_posts")),
    )
    op.create_index("ix_scheduled_posts_account_id", "scheduled_posts", ["account_id", "id"], unique=False)
    op.create_index("ix_scheduled_posts_due_at", "scheduled_posts", ["due_at", "id"], unique=False)
    op.add_column("media", sa.Column("scheduled_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_media_scheduled_id",
        "media",
        ["scheduled_id", "position"],
        sqlite_where=sa.text("scheduled_id IS NOT NULL"),
        postgresql_where=sa.text("scheduled_id IS NOT NULL"),
    )
