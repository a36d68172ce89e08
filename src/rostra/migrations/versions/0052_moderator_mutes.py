"""Broadcasts know whom a moderator has muted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    op.add_column("broadcasts", sa.Column("moderator_mutes", sa.Text(), nullable=False, server_default=""))
