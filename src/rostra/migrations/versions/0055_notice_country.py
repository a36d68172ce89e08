"""Notices know in which country what they are about is said to be against the law."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"


def upgrade() -> None:
    op.add_column("notices", sa.Column("country", sa.String(2)))
