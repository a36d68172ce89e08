"""Credentials, sign-ups, letters; where sessions were opened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from rostra.platform.database import UtcDateTime

revision = "0012"
down_revision = "0011"


def _of_account(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_account_id_accounts")
    return sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    op.add_column("sessions", sa.Column("device", sa.String(length=80), nullable=False, server_default=""))
    op.add_column("sessions", sa.Column("place", sa.String(length=80), nullable=False, server_default=""))
    op.add_column("sessions", sa.Column("last_used_at", UtcDateTime(), nullable=True))
    op.create_table(
        "credentials",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("verified_at", UtcDateTime(), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("totp_sealed", sa.String(length=200), nullable=True),
        sa.Column("totp_since", UtcDateTime(), nullable=True),
        sa.Column("totp_last_step", sa.BigInteger(), nullable=True),
        _of_account("credentials"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_credentials")),
        sa.UniqueConstraint("email", name=op.f("uq_credentials_email")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        _of_account("recovery_codes"),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_account_id"), "recovery_codes", ["account_id"], unique=False)
    op.create_table(
        "passkeys",
        sa.Column("id", sa.String(length=1400), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("backed_up", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        _of_account("passkeys"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
    )
    op.create_index(op.f("ix_passkeys_account_id"), "passkeys", ["account_id"], unique=False)
    op.create_table(
        "one_time_secrets",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("about", sa.String(length=254), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        _of_account("one_time_secrets"),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_one_time_secrets")),
    )
    op.create_index(op.f("ix_one_time_secrets_account_id"), "one_time_secrets", ["account_id"], unique=False)
    op.create_index(op.f("ix_one_time_secrets_expires_at"), "one_time_secrets", ["expires_at"], unique=False)
    op.create_table(
        "known_devices",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=False),
        _of_account("known_devices"),
        sa.PrimaryKeyConstraint("fingerprint", "account_id", name=op.f("pk_known_devices")),
    )
    op.create_index(op.f("ix_known_devices_account_id"), "known_devices", ["account_id"], unique=False)
    op.create_index(op.f("ix_known_devices_last_used_at"), "known_devices", ["last_used_at"], unique=False)
    op.create_table(
        "sign_ups",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("waits_for_email", sa.Boolean(), nullable=False),
        sa.Column("waits_for_approval", sa.Boolean(), nullable=False),
        sa.Column("invitation_id", sa.BigInteger(), nullable=True),
        sa.Column("agreed_at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("refused", sa.Boolean(), nullable=False),
        _of_account("sign_ups"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_sign_ups")),
    )
    op.create_index(op.f("ix_sign_ups_waits_for_approval"), "sign_ups", ["waits_for_approval"], unique=False)
    op.create_table(
        "member_invitations",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["made_by"], ["accounts.id"], name=op.f("fk_member_invitations_made_by_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_invitations")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_member_invitations_fingerprint")),
    )
    op.create_index(op.f("ix_member_invitations_made_by"), "member_invitations", ["made_by"], unique=False)
    op.create_table(
        "letters",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("to_address", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("useful_until", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
    )
    op.create_index(op.f("ix_letters_due_at"), "letters", ["due_at"], unique=False)
