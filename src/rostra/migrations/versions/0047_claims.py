"""An index of the cases that somebody has claimed, alone: of the others it said that it finds nothing quickly."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"

_CLAIMED = sa.text("claimed_by IS NOT NULL")


def upgrade() -> None:
    op.drop_index("ix_cases_claimed_by", table_name="cases")
    op.create_index("ix_cases_claimed_by", "cases", ["claimed_by"], sqlite_where=_CLAIMED, postgresql_where=_CLAIMED)
