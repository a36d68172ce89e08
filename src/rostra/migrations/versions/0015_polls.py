"""Polls and their votes; what a poll asked before an edit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "polls",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("multiple", sa.Boolean(), nullable=False),
        sa.Column("hide_totals", sa.Boolean(), nullable=False),
        sa.Column("voters_count", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["accounts.id"], name=op.f("fk_polls_author_id_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_polls_post_id_posts"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_polls")),
        sa.UniqueConstraint("post_id", name=op.f("uq_polls_post_id")),
    )
    op.create_index(op.f("ix_polls_author_id"), "polls", ["author_id"], unique=False)
    op.create_index(
        "ix_polls_untold",
        "polls",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("told = 0"),
        postgresql_where=sa.text("NOT told"),
    )
    op.create_table(
        "poll_votes",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("poll_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("choices", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_poll_votes_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["poll_id"], ["polls.id"], name=op.f("fk_poll_votes_poll_id_polls"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poll_votes")),
    )
    op.create_index(op.f("ix_poll_votes_account_id"), "poll_votes", ["account_id"], unique=False)
    op.create_index("ix_poll_votes_poll_id", "poll_votes", ["poll_id", "id"], unique=False)
    op.create_index("uq_poll_votes_voter", "poll_votes", ["poll_id", "account_id"], unique=True)
    op.add_column("post_versions", sa.Column("poll", sa.Text(), nullable=True))
