"""What owners have done to accounts, and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "account_acts",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("was", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_account_acts_account_id_accounts")),
        sa.ForeignKeyConstraint(["by_id"], ["accounts.id"], name=op.f("fk_account_acts_by_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_acts")),
    )
    op.create_index("ix_account_acts_account_id", "account_acts", ["account_id", "id"], unique=False)
