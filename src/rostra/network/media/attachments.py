"""An attachment: a file that somebody uploaded, as it was made anew, and what may be said about it."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Final, NewType, Self

from rostra.network.remaking.orders import Kind, Meta
from rostra.platform.errors import Invalid, NotFound, RostraError
from rostra.platform.ids import AccountId, MediaId, PostId

MOST_OF_A_POST: Final = 4
DESCRIPTION_LENGTH: Final = 1500
UNATTACHED_LIFETIME: Final = timedelta(hours=24)
TRIES_MOST: Final = 4
"""So often a film is begun: a file that takes its maker down every time ends as failed, not as work without end."""
Description = NewType("Description", str)


class State(StrEnum):
    """waiting → making → ready or failed; a picture is ready at once."""

    WAITING = "waiting"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


class Purpose(StrEnum):
    """Where it may be shown. An account has one avatar and one header."""

    ATTACHMENT = "attachment"
    AVATAR = "avatar"
    HEADER = "header"


class MediaUnknown(NotFound):
    """There is none of this id, or it is somebody else's: the answer is the same."""

    user_message = "Record not found"


class CannotAttach(Invalid):
    code = "cannot_attach"

    def __init__(self, log_text: str, *, user_message: str) -> None:
        super().__init__(log_text, user_message=user_message, field="media_ids")


class NotReady(CannotAttach):
    code = "media_not_ready"

    def __init__(self, log_text: str) -> None:
        text = "Cannot attach files that have not finished processing. Try again in a moment!"
        super().__init__(log_text, user_message=text)


class InUse(RostraError):
    status, code = HTTPStatus.UNPROCESSABLE_ENTITY, "media_in_use"
    user_message = "Media attachment is currently used by a status"


class QuotaSpent(RostraError):
    """Fails closed: an account that has used up its space uploads nothing until something is deleted."""

    status, code = HTTPStatus.UNPROCESSABLE_ENTITY, "media_quota_spent"
    user_message = "Your space for pictures and films is used up. Delete some of your posts with media, then try again."


@dataclass(frozen=True, slots=True)
class Focus:
    """The point that stays visible when a picture is cropped: -1 … 1, from left to right and from bottom to top."""

    x: float = 0.0
    y: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Self:
        """From "x,y". Raises Invalid for anything else."""
        try:
            x, y = (float(part) for part in text.split(","))
        except ValueError as error:
            raise _wrong_focus(text) from error
        if not (math.isfinite(x) and math.isfinite(y) and -1 <= x <= 1 and -1 <= y <= 1):
            raise _wrong_focus(text)
        return cls(round(x, 4), round(y, 4))


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """file, small: keys of the file store once it is ready; source: what was uploaded, while it waits.

    scheduled_id: of the scheduled post that keeps it until its time. size_bytes: what it costs of the account's quota.
    progress: 0 … 100. failure: why not, for people.
    changed_at: of its state; a state that has not moved for long is ordered again.
    """

    id: MediaId
    account_id: AccountId
    purpose: Purpose
    kind: Kind
    state: State
    created_at: datetime
    changed_at: datetime
    post_id: PostId | None = None
    scheduled_id: int | None = None
    position: int = 0
    source: str | None = None
    file: str | None = None
    small: str | None = None
    size_bytes: int = 0
    meta: Meta = field(default_factory=Meta)
    blurhash: str | None = None
    description: Description | None = None
    focus: Focus = field(default_factory=Focus)
    progress: int = 0
    tries: int = 0
    failure: str | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """The keys that it holds."""
        return tuple(key for key in (self.source, self.file, self.small) if key is not None)

    @property
    def is_settled(self) -> bool:
        return self.state in (State.READY, State.FAILED)


def description(text: str | None) -> Description | None:
    """What a picture shows, in words. Raises Invalid above 1,500 characters; control characters go."""
    if text is None:
        return None
    kept = "".join(each for each in text if each == "\n" or unicodedata.category(each) not in ("Cc", "Cs")).strip()
    if len(kept) > DESCRIPTION_LENGTH:
        message = f"Validation failed: Description is too long (maximum is {DESCRIPTION_LENGTH} characters)"
        raise Invalid(f"{len(kept)} characters", user_message=message, field="description")
    return Description(kept) if kept else None


def _wrong_focus(text: str) -> Invalid:
    message = "Validation failed: Focus must be two numbers between -1 and 1, such as 0.5,-0.2"
    return Invalid(f"focus {text[:40]!r}", user_message=message, field="focus")
