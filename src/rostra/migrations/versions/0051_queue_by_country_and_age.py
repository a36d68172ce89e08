"""Cases know a country, and the indexes of the queue hold what narrows it by country and by how long a case waits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"

_TO_DO = "status IN ('open', 'proposed', 'in_complaint')"
_INDEXES = {
    "ix_cases_queue": (),
    "ix_cases_queue_language": ("language",),
    "ix_cases_queue_category": ("category",),
    "ix_cases_queue_both": ("category", "language"),
    "ix_cases_queue_status": ("status",),
}


def upgrade() -> None:
    op.add_column("cases", sa.Column("country", sa.String(2), nullable=True))
    for name, narrowed_by in _INDEXES.items():
        op.drop_index(name, table_name="cases")
        _queue(name, *narrowed_by, where=_TO_DO)
    _queue("ix_cases_queue_country", "country", where=f"{_TO_DO} AND country IS NOT NULL")


def _queue(name: str, *narrowed_by: str, where: str) -> None:
    columns = [*narrowed_by, "weight", "answer_by", "id", "opened_at"]
    columns += [] if "country" in narrowed_by else ["country"]
    op.create_index(name, "cases", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
