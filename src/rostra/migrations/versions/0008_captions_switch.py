"""Captions of a broadcast can be off, and turned on while it is on the air."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from rostra.platform.database import UtcDateTime

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("broadcasts", sa.Column("with_captions", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("broadcasts", sa.Column("captions_at", UtcDateTime(), nullable=True))
