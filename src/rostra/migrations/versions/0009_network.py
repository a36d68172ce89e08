"""The network: profiles and keys of accounts, edges between them, posts, apps and their tokens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

revision = "0009"
down_revision = "0008"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "oauth_apps",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("website", sa.String(length=200), nullable=True),
        sa.Column("redirect_uris", sa.Text(), nullable=False),
        sa.Column("scopes", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_apps")),
        sa.UniqueConstraint("client_id", name=op.f("uq_oauth_apps_client_id")),
    )
    op.create_table(
        "account_notes",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("comment", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_account_notes_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["accounts.id"], name=op.f("fk_account_notes_target_id_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "target_id", name=op.f("pk_account_notes")),
    )
    op.create_index(op.f("ix_account_notes_target_id"), "account_notes", ["target_id"], unique=False)
    op.create_table(
        "blocks",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_blocks_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["accounts.id"], name=op.f("fk_blocks_target_id_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocks")),
    )
    op.create_index("ix_blocks_account_id", "blocks", ["account_id", "id"], unique=False)
    op.create_index("ix_blocks_target_id", "blocks", ["target_id", "account_id"], unique=False)
    op.create_index("uq_blocks_edge", "blocks", ["account_id", "target_id"], unique=True)
    op.create_table(
        "follow_requests",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("follower_id", sa.BigInteger(), nullable=False),
        sa.Column("followee_id", sa.BigInteger(), nullable=False),
        sa.Column("boosts", sa.Boolean(), nullable=False),
        sa.Column("notify", sa.Boolean(), nullable=False),
        sa.Column("languages", sa.String(length=100), nullable=True),
        sa.ForeignKeyConstraint(
            ["followee_id"], ["accounts.id"], name=op.f("fk_follow_requests_followee_id_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["follower_id"], ["accounts.id"], name=op.f("fk_follow_requests_follower_id_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_requests")),
    )
    op.create_index("ix_follow_requests_followee_id", "follow_requests", ["followee_id", "id"], unique=False)
    op.create_index("uq_follow_requests_edge", "follow_requests", ["follower_id", "followee_id"], unique=True)
    op.create_table(
        "follows",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("follower_id", sa.BigInteger(), nullable=False),
        sa.Column("followee_id", sa.BigInteger(), nullable=False),
        sa.Column("boosts", sa.Boolean(), nullable=False),
        sa.Column("notify", sa.Boolean(), nullable=False),
        sa.Column("languages", sa.String(length=100), nullable=True),
        sa.ForeignKeyConstraint(
            ["followee_id"], ["accounts.id"], name=op.f("fk_follows_followee_id_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["follower_id"], ["accounts.id"], name=op.f("fk_follows_follower_id_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follows")),
    )
    op.create_index("ix_follows_followee_id", "follows", ["followee_id", "id"], unique=False)
    op.create_index("ix_follows_follower_id", "follows", ["follower_id", "id"], unique=False)
    op.create_index("uq_follows_edge", "follows", ["follower_id", "followee_id"], unique=True)
    op.create_table(
        "mutes",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("notifications", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_mutes_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["accounts.id"], name=op.f("fk_mutes_target_id_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mutes")),
    )
    op.create_index("ix_mutes_account_id", "mutes", ["account_id", "id"], unique=False)
    op.create_index("ix_mutes_target_id", "mutes", ["target_id"], unique=False)
    op.create_index("uq_mutes_edge", "mutes", ["account_id", "target_id"], unique=True)
    op.create_table(
        "oauth_codes",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("scopes", sa.String(length=500), nullable=False),
        sa.Column("challenge", sa.String(length=64), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_oauth_codes_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["app_id"], ["oauth_apps.id"], name=op.f("fk_oauth_codes_app_id_oauth_apps"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_oauth_codes")),
    )
    op.create_index(op.f("ix_oauth_codes_account_id"), "oauth_codes", ["account_id"], unique=False)
    op.create_index(op.f("ix_oauth_codes_app_id"), "oauth_codes", ["app_id"], unique=False)
    op.create_index(op.f("ix_oauth_codes_expires_at"), "oauth_codes", ["expires_at"], unique=False)
    op.create_table(
        "oauth_tokens",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("scopes", sa.String(length=500), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_oauth_tokens_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["app_id"], ["oauth_apps.id"], name=op.f("fk_oauth_tokens_app_id_oauth_apps"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_oauth_tokens")),
    )
    op.create_index(op.f("ix_oauth_tokens_account_id"), "oauth_tokens", ["account_id"], unique=False)
    op.create_index(op.f("ix_oauth_tokens_app_id"), "oauth_tokens", ["app_id"], unique=False)
    op.create_index(op.f("ix_oauth_tokens_code"), "oauth_tokens", ["code"], unique=False)
    op.create_table(
        "post_idempotency",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_post_idempotency_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "key", name=op.f("pk_post_idempotency")),
    )
    op.create_index(op.f("ix_post_idempotency_created_at"), "post_idempotency", ["created_at"], unique=False)
    op.create_table(
        "posts",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("boost_of_id", sa.BigInteger(), nullable=True),
        sa.Column("boost_of_author_id", sa.BigInteger(), nullable=True),
        sa.Column("in_reply_to_id", sa.BigInteger(), nullable=True),
        sa.Column("in_reply_to_account_id", sa.BigInteger(), nullable=True),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("visibility", sa.String(length=10), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.Column("spoiler_text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("mentions", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("poll_id", sa.BigInteger(), nullable=True),
        sa.Column("app_name", sa.String(length=60), nullable=True),
        sa.Column("app_website", sa.String(length=200), nullable=True),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replies_count", sa.BigInteger(), nullable=False),
        sa.Column("boosts_count", sa.BigInteger(), nullable=False),
        sa.Column("favourites_count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["accounts.id"], name=op.f("fk_posts_author_id_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["boost_of_id"], ["posts.id"], name=op.f("fk_posts_boost_of_id_posts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
    )
    op.create_index("ix_posts_author_id", "posts", ["author_id", "id"], unique=False)
    op.create_index(
        "ix_posts_in_reply_to_id",
        "posts",
        ["in_reply_to_id", "id"],
        unique=False,
        sqlite_where=sa.text("in_reply_to_id IS NOT NULL"),
        postgresql_where=sa.text("in_reply_to_id IS NOT NULL"),
    )
    op.create_index(
        "ix_posts_listed",
        "posts",
        ["id"],
        unique=False,
        sqlite_where=sa.text("listed = 1"),
        postgresql_where=sa.text("listed"),
    )
    op.create_index("ix_posts_thread_id", "posts", ["thread_id", "id"], unique=False)
    op.create_index(
        "uq_posts_boost",
        "posts",
        ["boost_of_id", "author_id"],
        unique=True,
        sqlite_where=sa.text("boost_of_id IS NOT NULL"),
        postgresql_where=sa.text("boost_of_id IS NOT NULL"),
    )
    op.create_table(
        "thread_mutes",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("thread_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_thread_mutes_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "thread_id", name=op.f("pk_thread_mutes")),
    )
    op.create_table(
        "bookmarks",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_bookmarks_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_bookmarks_post_id_posts"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookmarks")),
    )
    op.create_index("ix_bookmarks_account_id", "bookmarks", ["account_id", "id"], unique=False)
    op.create_index("ix_bookmarks_post_id", "bookmarks", ["post_id"], unique=False)
    op.create_index("uq_bookmarks_edge", "bookmarks", ["account_id", "post_id"], unique=True)
    op.create_table(
        "favourites",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_favourites_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_favourites_post_id_posts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_favourites")),
    )
    op.create_index("ix_favourites_account_id", "favourites", ["account_id", "id"], unique=False)
    op.create_index("ix_favourites_post_id", "favourites", ["post_id", "id"], unique=False)
    op.create_index("uq_favourites_edge", "favourites", ["account_id", "post_id"], unique=True)
    op.create_table(
        "pins",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_pins_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_pins_post_id_posts"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pins")),
    )
    op.create_index("ix_pins_post_id", "pins", ["post_id"], unique=False)
    op.create_index("uq_pins_edge", "pins", ["account_id", "post_id"], unique=True)
    op.create_table(
        "post_mentions",
        sa.Column("post_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_post_mentions_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_post_mentions_post_id_posts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "account_id", name=op.f("pk_post_mentions")),
    )
    op.create_index("ix_post_mentions_account_id", "post_mentions", ["account_id", "post_id"], unique=False)
    op.create_table(
        "post_tags",
        sa.Column("tag", sa.String(length=100), nullable=False),
        sa.Column("post_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_post_tags_post_id_posts"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tag", "post_id", name=op.f("pk_post_tags")),
    )
    op.create_index(op.f("ix_post_tags_post_id"), "post_tags", ["post_id"], unique=False)
    op.create_table(
        "post_versions",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("spoiler_text", sa.Text(), nullable=False),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_post_versions_post_id_posts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_versions")),
    )
    op.create_index(op.f("ix_post_versions_post_id"), "post_versions", ["post_id"], unique=False)
    op.add_column("accounts", sa.Column("state", sa.String(length=16), server_default="active", nullable=False))
    op.add_column("accounts", sa.Column("note", sa.Text(), server_default="", nullable=False))
    op.add_column("accounts", sa.Column("note_html", sa.Text(), server_default="", nullable=False))
    op.add_column("accounts", sa.Column("fields", sa.Text(), server_default="[]", nullable=False))
    op.add_column("accounts", sa.Column("avatar", sa.String(length=80), nullable=True))
    op.add_column("accounts", sa.Column("header", sa.String(length=80), nullable=True))
    op.add_column("accounts", sa.Column("locked", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("accounts", sa.Column("bot", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("accounts", sa.Column("discoverable", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("accounts", sa.Column("indexable", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column(
        "accounts", sa.Column("post_visibility", sa.String(length=10), server_default="public", nullable=False)
    )
    op.add_column("accounts", sa.Column("post_sensitive", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("accounts", sa.Column("post_language", sa.String(length=16), nullable=True))
    op.add_column("accounts", sa.Column("posts_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column(
        "accounts", sa.Column("followers_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column(
        "accounts", sa.Column("following_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("accounts", sa.Column("last_post_id", sa.BigInteger(), nullable=True))
    op.add_column("accounts", sa.Column("public_key", sa.Text(), server_default="", nullable=False))
    op.add_column("accounts", sa.Column("private_key", sa.Text(), server_default="", nullable=False))

    _give_keys()


def _give_keys() -> None:
    """Each account that is there gets the key pair that new ones are born with."""
    accounts = sa.table("accounts", sa.column("id"), sa.column("public_key"), sa.column("private_key"))
    connection = op.get_bind()
    for (account_id,) in connection.execute(sa.select(accounts.c.id)).all():
        key = Ed25519PrivateKey.generate()
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        values = {"public_key": public.decode(), "private_key": private.decode()}
        connection.execute(sa.update(accounts).where(accounts.c.id == account_id).values(**values))
