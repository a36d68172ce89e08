"""Kinds of cases that are not offered to a moderator, by their own choice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    op.create_table(
        "moderators_left_out",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("category", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "category", name=op.f("pk_moderators_left_out")),
    )
