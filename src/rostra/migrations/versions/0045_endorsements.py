"""Whom somebody recommends on their profile, and domains that somebody wants nothing from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _account(table: str, column: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_accounts")
    return sa.ForeignKeyConstraint([column], ["accounts.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "endorsements",
        sa.Column("id", _ROW_ID, autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        _account("endorsements", "account_id"),
        _account("endorsements", "target_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endorsements")),
    )
    op.create_index("uq_endorsements_edge", "endorsements", ["account_id", "target_id"], unique=True)
    op.create_index("ix_endorsements_account_id", "endorsements", ["account_id", "id"], unique=False)
    op.create_index("ix_endorsements_target_id", "endorsements", ["target_id"], unique=False)
    op.create_table(
        "domain_blocks",
        sa.Column("id", _ROW_ID, autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("domain", sa.String(253), nullable=False),
        _account("domain_blocks", "account_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_domain_blocks")),
    )
    op.create_index("uq_domain_blocks_edge", "domain_blocks", ["account_id", "domain"], unique=True)
    op.create_index("ix_domain_blocks_account_id", "domain_blocks", ["account_id", "id"], unique=False)
