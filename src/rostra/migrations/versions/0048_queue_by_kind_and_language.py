"""An index of the queue for whoever narrows it by kind and language at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"

_TO_DO = sa.text("status IN ('open', 'proposed', 'in_complaint')")


def upgrade() -> None:
    columns = ["category", "language", "weight", "answer_by", "id"]
    op.create_index("ix_cases_queue_both", "cases", columns, sqlite_where=_TO_DO, postgresql_where=_TO_DO)
