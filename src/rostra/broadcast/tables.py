"""Tables of broadcasts, their invitations, recordings and marks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, false, true
from sqlalchemy.orm import Mapped, mapped_column

from rostra.platform.database import Base, UtcDateTime


class BroadcastRow(Base):
    """host_speaker_id names a row of invitations; it has no foreign key, as the two would need each other first.
    late_said_for: the start of which the log has said that it is late. moderator_mutes: ids of seats, with spaces
    between them.
    """

    __tablename__ = "broadcasts"
    __table_args__ = (Index("ix_broadcasts_phase_starts_at", "phase", "starts_at"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    owner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("accounts.id"), index=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(Text)
    picture: Mapped[str | None] = mapped_column(String(80))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    zone: Mapped[str] = mapped_column(String(64))
    visibility: Mapped[str] = mapped_column(String(16))
    auto_start: Mapped[bool]
    doors_open_before_min: Mapped[int]
    phase: Mapped[str] = mapped_column(String(16))
    host_speaker_id: Mapped[int | None] = mapped_column(BigInteger)
    host_name: Mapped[str] = mapped_column(String(80))
    anchor_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    live_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    part_frames: Mapped[int | None]
    parts_per_segment: Mapped[int | None]
    hold_replay: Mapped[bool] = mapped_column(server_default=false())
    delay_s: Mapped[int] = mapped_column(server_default="0")
    captions: Mapped[str] = mapped_column(String(16), server_default="")
    with_captions: Mapped[bool] = mapped_column(server_default=true())
    captions_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    late_said_for: Mapped[datetime | None] = mapped_column(UtcDateTime)
    moderator_mutes: Mapped[str] = mapped_column(Text, server_default="")
    moderator_paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    moderator_ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    moderator_ended_from: Mapped[str | None] = mapped_column(String(16))
    version: Mapped[int]


class InvitationRow(Base):
    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    broadcast_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("broadcasts.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class InvitationLinkRow(Base):
    """fingerprint: SHA-256 of the token in the link; the token itself is nowhere."""

    __tablename__ = "invitation_links"

    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    invitation_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("invitations.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RecordingRow(Base):
    __tablename__ = "recordings"

    broadcast_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    file: Mapped[str] = mapped_column(String(80))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    duration_ms: Mapped[int] = mapped_column(BigInteger)
    missing_ms: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MarkRow(Base):
    __tablename__ = "marks"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    broadcast_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("broadcasts.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    title: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(8))


class TrackRow(Base):
    """speaker_id: the id of an invitation; no foreign key, since the sound outlives the seat."""

    __tablename__ = "tracks"

    broadcast_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True
    )
    speaker_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    file: Mapped[str] = mapped_column(String(80))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    duration_ms: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DumpRow(Base):
    """What was removed from the delay before anybody heard it: said between from_at and until_at."""

    __tablename__ = "dumps"

    broadcast_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    from_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until_at: Mapped[datetime] = mapped_column(UtcDateTime)
