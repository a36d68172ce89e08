"""Letters about missed notifications, and how they are ended with one click."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "digests",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("every", sa.String(length=6), nullable=False),
        sa.Column("since_id", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_digests_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_digests")),
    )
    op.create_index(op.f("ix_digests_due_at"), "digests", ["due_at"], unique=False)
    op.add_column("letters", sa.Column("unsubscribe_url", sa.Text(), nullable=True))
