"""Posts that wait for their time. Source: docs.joinmastodon.org/entities/ScheduledStatus."""

from __future__ import annotations

import msgspec

from rostra.network.media import MediaAttachment


class ScheduledPoll(msgspec.Struct, frozen=True, kw_only=True):
    """expires_in: seconds from the moment on at which it is posted."""

    options: list[str]
    expires_in: int | None
    multiple: bool
    hide_totals: bool


class ScheduledParams(msgspec.Struct, frozen=True, kw_only=True):
    """What the app sent, as it will be posted."""

    text: str
    poll: ScheduledPoll | None
    media_ids: list[str] | None
    sensitive: bool
    spoiler_text: str
    visibility: str
    language: str | None
    in_reply_to_id: str | None
    quoted_status_id: str | None
    quote_approval_policy: str | None
    application_id: int | None
    scheduled_at: str | None
    idempotency: str | None
    with_rate_limit: bool


class ScheduledStatus(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    scheduled_at: str
    params: ScheduledParams
    media_attachments: list[MediaAttachment]
