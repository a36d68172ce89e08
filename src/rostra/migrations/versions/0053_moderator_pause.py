"""Broadcasts know since when a moderator keeps them paused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from rostra.platform.database import UtcDateTime

revision = "0053"
down_revision = "0052"


def upgrade() -> None:
    op.add_column("broadcasts", sa.Column("moderator_paused_at", UtcDateTime()))
