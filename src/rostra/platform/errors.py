"""Expected failures carry two texts: one for the person, one for the log."""

from __future__ import annotations

from http import HTTPStatus
from typing import ClassVar


class RostraError(Exception):
    """Base of every failure that Rostra expects.

    status, code: what an API answers (RFC 9457: `status`, and `code` as the last part of `type`).
    title: of the page that says so; None for the status in words.
    user_message: what happened and what to do, in plain words, without anything secret.
    The exception's own text is for the log. retry_after_s becomes a Retry-After header.
    """

    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST
    code: ClassVar[str] = "bad_request"
    title: ClassVar[str | None] = None
    user_message: str = "That did not work. Check what you sent and try again."
    retry_after_s: int | None = None

    def __init__(self, log_text: str = "", *, user_message: str | None = None) -> None:
        super().__init__(log_text or self.code)
        if user_message is not None:
            self.user_message = user_message


class NotFound(RostraError):
    status, code = HTTPStatus.NOT_FOUND, "not_found"
    user_message = "There is nothing at this address. Check the link, or start from the home page."


class Forbidden(RostraError):
    status, code = HTTPStatus.FORBIDDEN, "forbidden"
    user_message = "Your account may not do this. Ask the host of the broadcast."


class Unauthorized(RostraError):
    status, code = HTTPStatus.UNAUTHORIZED, "unauthorized"
    user_message = "Sign in first. A sign-in link is printed when Rostra starts, or by `rostra sign-in`."


class Conflict(RostraError):
    status, code = HTTPStatus.CONFLICT, "conflict"
    user_message = "Somebody changed this in the meantime. Reload the page and try again."


class Invalid(RostraError):
    """Input that cannot be taken. `field` names the form field or JSON member at fault."""

    status, code = HTTPStatus.UNPROCESSABLE_ENTITY, "invalid"

    def __init__(self, log_text: str = "", *, user_message: str | None = None, field: str | None = None) -> None:
        super().__init__(log_text, user_message=user_message)
        self.field = field


class Unavailable(RostraError):
    status, code = HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"
    user_message = "A part of Rostra is not ready. Wait a few seconds and try again."
    retry_after_s = 2


def problem(error: RostraError, *, instance: str | None = None) -> dict[str, object]:
    """The problem document of RFC 9457 for an error, ready for JSON."""
    document: dict[str, object] = {
        "type": f"urn:rostra:problem:{error.code}",
        "title": error.status.phrase,
        "status": int(error.status),
        "detail": str(error.user_message),
        "code": error.code,
    }
    if instance is not None:
        document["instance"] = instance
    if isinstance(error, Invalid) and error.field is not None:
        document["field"] = error.field
    return document
