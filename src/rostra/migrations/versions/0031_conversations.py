"""Conversations of direct posts, filled from the posts that are there; what is old counts as read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("thread_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_post_id", sa.BigInteger(), nullable=False),
        sa.Column("unread", sa.Boolean(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_conversations_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "thread_id", name=op.f("pk_conversations")),
    )
    op.create_index("ix_conversations_account_id", "conversations", ["account_id", "last_post_id"], unique=False)
    op.create_index("ix_conversations_thread_id", "conversations", ["thread_id"], unique=False)
    op.execute(
        "INSERT INTO conversations (account_id, thread_id, last_post_id, unread, hidden) "
        "SELECT who.account_id, who.thread_id, max(who.id), false, false FROM ("
        "SELECT author_id AS account_id, thread_id, id FROM posts WHERE visibility = 'direct' "
        "UNION ALL SELECT m.account_id, p.thread_id, p.id FROM posts p "
        "JOIN post_mentions m ON m.post_id = p.id WHERE p.visibility = 'direct'"
        ") AS who GROUP BY who.account_id, who.thread_id"
    )
