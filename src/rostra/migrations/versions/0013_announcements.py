"""Posts that announce a broadcast carry it, so that they can show where it stands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("posts", sa.Column("broadcast_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_posts_broadcast_id",
        "posts",
        ["broadcast_id", "id"],
        sqlite_where=sa.text("broadcast_id IS NOT NULL"),
        postgresql_where=sa.text("broadcast_id IS NOT NULL"),
    )
