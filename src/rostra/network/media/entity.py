"""An attachment as Mastodon's apps read it: the entity MediaAttachment.

Source: docs.joinmastodon.org/entities/MediaAttachment. `progress` is ours; apps pass unknown members over.
"""

from __future__ import annotations

from typing import Any

import msgspec

from rostra.network.media.attachments import Attachment, State
from rostra.network.remaking.orders import Kind


class MediaAttachment(msgspec.Struct, frozen=True, kw_only=True):
    """url: None until it is ready. progress: 0 … 100."""

    id: str
    type: str
    url: str | None
    preview_url: str | None
    remote_url: str | None
    text_url: str | None
    meta: dict[str, Any]
    description: str | None
    blurhash: str | None
    progress: int


def media_address(site: str, key: str) -> str:
    """The address of a file of the store, for ever the same bytes. site: without a slash at its end."""
    return f"{site}/media/{key.replace('/', '')}"


def media_attachment(attachment: Attachment, site: str) -> MediaAttachment:
    """The entity; what is not ready yet has no address."""
    url = media_address(site, attachment.file) if attachment.file is not None else None
    small = media_address(site, attachment.small) if attachment.small is not None else None
    is_ready = attachment.state is State.READY
    return MediaAttachment(
        id=str(attachment.id),
        type=attachment.kind.value,
        url=url if is_ready else None,
        preview_url=(small or url) if is_ready and attachment.kind is not Kind.AUDIO else None,
        remote_url=None,
        text_url=None,
        meta=_meta(attachment) if is_ready else {},
        description=attachment.description,
        blurhash=attachment.blurhash,
        progress=attachment.progress,
    )


def _meta(attachment: Attachment) -> dict[str, Any]:
    made = attachment.meta
    meta: dict[str, Any] = {}
    if made.duration_s:
        meta |= {"length": _length(made.duration_s), "duration": made.duration_s}
    original: dict[str, Any] = {}
    if made.width and made.height:
        meta |= _size(made.width, made.height)
        original = _size(made.width, made.height)
        meta["small"] = _size(made.small_width, made.small_height)
    if made.duration_s:
        if made.frames_per_s:
            meta["fps"] = round(made.frames_per_s)
            original = {"width": made.width, "height": made.height, "frame_rate": f"{round(made.frames_per_s)}/1"}
        original |= {"duration": made.duration_s, "bitrate": made.bits_per_s}
    meta["original"] = original
    if attachment.kind is Kind.IMAGE:
        meta["focus"] = {"x": attachment.focus.x, "y": attachment.focus.y}
    return meta


def _size(width: int, height: int) -> dict[str, Any]:
    return {"width": width, "height": height, "size": f"{width}x{height}", "aspect": round(width / max(1, height), 6)}


def _length(seconds: float) -> str:
    """As FFmpeg writes it: 0:01:05.30."""
    hundredths = round(seconds * 100)
    minutes, rest = divmod(hundredths, 6000)
    return f"{minutes // 60}:{minutes % 60:02}:{rest // 100:02}.{rest % 100:02}"
