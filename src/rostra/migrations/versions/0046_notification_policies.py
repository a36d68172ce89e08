"""Whose acts somebody wants to be told of at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"

_PARTS = ("not_following", "not_followers", "new_accounts", "private_mentions", "limited_accounts")


def _account(table: str, column: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_accounts")
    return sa.ForeignKeyConstraint([column], ["accounts.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "notification_policies",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        *(sa.Column(f"for_{each}", sa.String(6), nullable=False) for each in _PARTS),
        _account("notification_policies", "account_id"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_notification_policies")),
    )
    op.create_table(
        "notification_permissions",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("from_id", sa.BigInteger(), autoincrement=False, nullable=False),
        _account("notification_permissions", "account_id"),
        _account("notification_permissions", "from_id"),
        sa.PrimaryKeyConstraint("account_id", "from_id", name=op.f("pk_notification_permissions")),
    )
    op.create_index(op.f("ix_notification_permissions_from_id"), "notification_permissions", ["from_id"], unique=False)
