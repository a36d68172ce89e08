"""Link cards, and the queue of those to fetch."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from rostra.platform.database import UtcDateTime

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "link_previews",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("host", sa.String(length=260), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("provider_name", sa.String(length=260), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("leased_until", UtcDateTime(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_link_previews")),
    )
    op.create_index(op.f("ix_link_previews_due_at"), "link_previews", ["due_at"])
    op.create_index(op.f("ix_link_previews_leased_until"), "link_previews", ["leased_until"])
