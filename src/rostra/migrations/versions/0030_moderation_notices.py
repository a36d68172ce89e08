"""Room for the kind of a notification about a decision."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    for table in ("notifications", "notification_groups"):
        with op.batch_alter_table(table) as batch:
            batch.alter_column("kind", existing_type=sa.String(length=16), type_=sa.String(length=24))
