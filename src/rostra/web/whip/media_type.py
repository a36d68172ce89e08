"""Content-Type as RFC 9110 reads it: parameters and case do not matter."""

from __future__ import annotations

from http import HTTPStatus

from rostra.platform.errors import RostraError


class UnsupportedMediaType(RostraError):
    """415. wanted: what the body has to be; the answer says it in a header, too (RFC 5789, 2.2)."""

    status, code = HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"

    def __init__(self, content_type: str, wanted: str) -> None:
        text = f"The body must be of type {wanted}; set Content-Type to that."
        super().__init__(f"{content_type[:80]!r}", user_message=text)
        self.wanted = wanted


def require_media_type(content_type: str, wanted: str) -> None:
    """Raises UnsupportedMediaType unless `content_type` names `wanted`."""
    if content_type.partition(";")[0].strip().lower() != wanted:
        raise UnsupportedMediaType(content_type, wanted)
