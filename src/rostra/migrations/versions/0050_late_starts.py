"""Of which start it has been said that it is late: by one site for all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    op.add_column("broadcasts", sa.Column("late_said_for", sa.DateTime(timezone=True), nullable=True))
