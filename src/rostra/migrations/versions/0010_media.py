"""Media: attachments and profile pictures, their files, what accounts have used, and files to be unlinked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from rostra.platform.database import UtcDateTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "media",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=True),
        sa.Column("file", sa.String(length=80), nullable=True),
        sa.Column("small", sa.String(length=80), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("meta", sa.Text(), nullable=False),
        sa.Column("blurhash", sa.String(length=64), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("focus_x", sa.Float(), nullable=False),
        sa.Column("focus_y", sa.Float(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_media_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
    )
    op.create_index("ix_media_post_id", "media", ["post_id", "position"])
    op.create_index("ix_media_account_id", "media", ["account_id", "purpose"])
    op.create_index("ix_media_state", "media", ["state", "changed_at"])
    op.create_table(
        "media_files",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("media_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "media_id", name=op.f("pk_media_files")),
    )
    op.create_index(op.f("ix_media_files_media_id"), "media_files", ["media_id"])
    op.create_table(
        "media_usage",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("used_bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_media_usage_account_id_accounts")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_media_usage")),
    )
    op.create_table(
        "media_gone",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("gone_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_media_gone")),
    )
    op.create_index(op.f("ix_media_gone_gone_at"), "media_gone", ["gone_at"])
