"""What an account signs in with, and how accounts come to be: words and failures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from rostra.network.accounts import Role
from rostra.platform.errors import RostraError
from rostra.platform.ids import AccountId, InvitationId

DEVICE_LIFETIME: Final = timedelta(days=365)
UNCONFIRMED_KEPT: Final = timedelta(days=7)
"""After that a sign-up whose address nobody confirmed is forgotten, and its handle is free again."""


class Registration(StrEnum):
    """Who may become a member: nobody, those with an invitation, those whom an owner approves, everybody."""

    CLOSED = "closed"
    INVITATION = "invitation"
    APPROVAL = "approval"
    OPEN = "open"


class Purpose(StrEnum):
    """What a one-time secret is for."""

    CONFIRM = "confirm"  # an address, at sign-up or later
    RECOVER = "recover"
    SECOND_FACTOR = "second_factor"  # the password was right, the second factor is still to come
    LEAVE_EMAIL = "leave_email"  # the old address agrees to a change
    CHALLENGE = "challenge"  # a passkey's challenge that was answered


LIFETIME: Final = {
    Purpose.CONFIRM: timedelta(days=3),
    Purpose.RECOVER: timedelta(minutes=30),
    Purpose.SECOND_FACTOR: timedelta(minutes=10),
    Purpose.LEAVE_EMAIL: timedelta(days=3),
    Purpose.CHALLENGE: timedelta(hours=1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What is known of one account. totp_sealed without totp_since: offered, and not yet confirmed by a code."""

    account_id: AccountId
    email: str | None = None
    verified_at: datetime | None = None
    password_hash: str | None = None
    totp_sealed: str | None = None
    totp_since: datetime | None = None
    totp_last_step: int | None = None

    @property
    def has_totp(self) -> bool:
        return self.totp_since is not None and self.totp_sealed is not None


@dataclass(frozen=True, slots=True)
class Spent:
    """What a one-time secret was for."""

    account_id: AccountId
    about: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    account_id: AccountId
    reason: str
    waits_for_email: bool
    waits_for_approval: bool
    agreed_at: datetime
    invitation_id: InvitationId | None = None
    decided_at: datetime | None = None
    decided_by: AccountId | None = None
    refused: bool = False

    @property
    def is_complete(self) -> bool:
        return not (self.waits_for_email or self.waits_for_approval or self.refused)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """Somebody whose sign-up waits for approval."""

    sign_up: SignUp
    handle: str
    display_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberInvitation:
    id: InvitationId
    made_by: AccountId
    role: Role
    places: int
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        return self.revoked_at is None and self.places > 0 and now < self.expires_at


class WrongCredentials(RostraError):
    """403: no such account, or the wrong password; which of them stays unsaid."""

    status, code = HTTPStatus.FORBIDDEN, "wrong_credentials"
    user_message = "That did not fit together. Check the handle or address, and the password."


class WrongCode(RostraError):
    """403: not a code of now, or one that was used before."""

    status, code = HTTPStatus.FORBIDDEN, "wrong_code"
    user_message = "This code does not count, or was used before. Wait for the next one in your app and type that."


class NotYet(RostraError):
    """403: the password is right, and the account may not be used yet, or never."""

    status, code = HTTPStatus.FORBIDDEN, "account_pending"


class SecretSpent(RostraError):
    """410: unknown, used or expired; which of them stays unsaid."""

    status, code = HTTPStatus.GONE, "one_time_secret_spent"
    user_message = "This link does not work any more: it works once and only for a while. Ask for a new one."


class InvitationClosed(RostraError):
    """410: unknown, used up, expired or withdrawn."""

    status, code = HTTPStatus.GONE, "member_invitation_closed"
    user_message = "This invitation does not work any more. Ask whoever gave it to you for a new one."


class RegistrationClosed(RostraError):
    status, code = HTTPStatus.FORBIDDEN, "registration_closed"
    title = "Members come by invitation"
    user_message = "Nobody can sign up here without an invitation. Ask somebody who is a member."
