"""Why a file is not taken."""

from __future__ import annotations

from http import HTTPStatus

from rostra.platform.errors import Invalid, RostraError


class Refused(Invalid):
    """422: this file is not taken, and never will be. The text says why and what would do."""

    code = "media_refused"
    user_message = "This file is damaged, or not what its beginning says. Save it again and retry."

    def __init__(self, log_text: str = "", *, user_message: str | None = None) -> None:
        super().__init__(log_text, user_message=user_message, field="file")


class RemakingFailed(RostraError):
    """The confined process ended without a word: out of memory or time, or killed. Once more may work."""

    status, code = HTTPStatus.UNPROCESSABLE_ENTITY, "media_not_made"
    user_message = "This file could not be processed. It may be damaged or too demanding; save it smaller and retry."
