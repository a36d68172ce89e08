"""Broadcasts know when a moderator has ended them, and from which phase, so that it can be taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from rostra.platform.database import UtcDateTime

revision = "0054"
down_revision = "0053"


def upgrade() -> None:
    op.add_column("broadcasts", sa.Column("moderator_ended_at", UtcDateTime()))
    op.add_column("broadcasts", sa.Column("moderator_ended_from", sa.String(16)))
