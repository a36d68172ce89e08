"""Failures in the form that apps know: {"error": "…"}."""

from __future__ import annotations

from http import HTTPStatus

from rostra.network.oauth import OAuthError
from rostra.platform.errors import Conflict, Forbidden, NotFound, RostraError, Unauthorized

_TEXTS = {
    HTTPStatus.NOT_FOUND: "Record not found",
    HTTPStatus.METHOD_NOT_ALLOWED: "Method not allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The request is too large",
}


def failure(error: RostraError) -> dict[str, str]:
    """The document. OAuth errors have a code and its description (RFC 6749, 5.2)."""
    if isinstance(error, OAuthError):
        return {"error": error.code, "error_description": str(error.user_message)}
    if isinstance(error, (Forbidden, Conflict)):
        return {"error": "This action is not allowed"}
    if isinstance(error, Unauthorized):
        return {"error": "The access token is invalid"}
    if isinstance(error, NotFound):
        return {"error": _TEXTS[HTTPStatus.NOT_FOUND]}
    return {"error": str(_TEXTS.get(error.status, error.user_message))}
