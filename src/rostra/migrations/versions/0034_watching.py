"""What machines point out: posts that wait to be looked at, hits, holds, rules, hashes of pictures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "posts_to_watch",
        sa.Column("post_id", _ROW_ID, autoincrement=False, nullable=False),
        sa.Column("is_edit", sa.Boolean(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=32), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_posts_to_watch")),
    )
    op.create_table(
        "watch_hits",
        sa.Column("id", _ROW_ID, autoincrement=False, nullable=False),
        sa.Column("rule", sa.String(length=80), nullable=False),
        sa.Column("version", sa.String(length=12), nullable=False),
        sa.Column("description", sa.String(length=300), nullable=False),
        sa.Column("act", sa.String(length=8), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("of_edit", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_watch_hits_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_hits")),
    )
    op.create_index("ix_watch_hits_case_id", "watch_hits", ["case_id"], unique=False)
    op.create_index("uq_watch_hits_once", "watch_hits", ["subject", "rule", "version", "of_edit"], unique=True)
    op.create_table(
        "held_posts",
        sa.Column("post_id", _ROW_ID, autoincrement=False, nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("visibility", sa.String(length=10), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("mentions", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_held_posts_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_held_posts_post_id_posts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_held_posts")),
    )
    op.create_index("ix_held_posts_author_id", "held_posts", ["author_id"], unique=False)
    op.create_index("ix_held_posts_until", "held_posts", ["until"], unique=False)
    op.create_table(
        "watch_rules",
        sa.Column("id", _ROW_ID, autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_rules")),
    )
