"""Posts that wait for their time. Source: docs.joinmastodon.org/entities/ScheduledStatus."""

from __future__ import annotations

from typing import Any

import msgspec

from rostra.network.media import MediaAttachment


class ScheduledParams(msgspec.Struct, frozen=True, kw_only=True):
    """What the app sent, as it will be posted."""

    text: str
    poll: dict[str, Any] | None
    media_ids: list[str] | None
    sensitive: bool
    spoiler_text: str
    visibility: str
    language: str | None
    in_reply_to_id: str | None
    application_id: int | None
    scheduled_at: str | None
    idempotency: str | None
    with_rate_limit: bool


class ScheduledStatus(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    scheduled_at: str
    params: ScheduledParams
    media_attachments: list[MediaAttachment]
