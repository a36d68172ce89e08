"""The register of trusted flaggers, and which notices are theirs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_HERE = sa.text("gone_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "flaggers",
        sa.Column("id", _ROW_ID, autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("areas", sa.Text(), nullable=False),
        sa.Column("named_by", sa.String(200), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended_why", sa.Text(), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flaggers")),
    )
    op.create_index(
        "uq_flaggers_account_id", "flaggers", ["account_id"], unique=True, sqlite_where=_HERE, postgresql_where=_HERE
    )
    op.add_column("notices", sa.Column("flagger_id", sa.BigInteger(), nullable=True))
