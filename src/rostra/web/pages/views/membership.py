"""Pages of membership: signing up, the second factor, recovery, one's own credentials, people at the door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorPage:
    """`second_factor.html`. secret: proves that the password was right, for ten minutes."""

    secret: str
    next_path: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUpForm:
    """As it was typed; the password never comes back."""

    handle: str = ""
    display_name: str = ""
    email: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUpPage:
    """`sign_up.html`. email: whether an address must, may or need not be given. errors: field -> sentence.

    domain: of the site, for the example beside the handle. waits: somebody decides about it afterwards.
    """

    action_url: str
    form: SignUpForm
    errors: Mapping[str, str]
    email: Literal["must", "may"]
    waits: bool
    invited: bool
    rules_url: str
    domain: str
    password_min: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePage:
    """`message.html`: something was done, and what comes next. links: (words, path)."""

    title: str
    paragraphs: tuple[str, ...]
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPage:
    """`confirm.html`: a button, so that a mail scanner that opens every link confirms nothing."""

    email: str
    action_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverPage:
    """`recover.html`. step: ask (who are you), sent, choose (a new password)."""

    step: Literal["ask", "sent", "choose"]
    action_url: str = "/recover"
    error: str = ""
    has_mail: bool = True
    password_min: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyView:
    id: str
    name: str
    made: str
    used: str
    synced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """is_this: the one that shows this page."""

    id: str
    device: str
    place: str
    opened: str
    used: str
    is_this: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityPage:
    """`security.html`. errors: form -> sentence, forms being email, password, passkey, totp, sessions. digest: how
    often letters about missed notifications come, empty for never.

    wants_password: each change needs the present password. wants_new_sign_in: it would, and there is none.
    passkey: options for `navigator.credentials.create`; None where browsers refuse passkeys.
    """

    handle: str
    email: str
    has_password: bool
    passkeys: tuple[PasskeyView, ...]
    passkey: Mapping[str, Any] | None
    has_totp: bool
    codes_left: int
    sessions: tuple[SessionView, ...]
    errors: Mapping[str, str]
    wants_password: bool
    wants_new_sign_in: bool
    has_mail: bool
    password_min: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsubscribePage:
    """`unsubscribe.html`: a button, as in `confirm.html`."""

    action_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavePage:
    """`leave.html`: deleting one's account. wants_new_sign_in: there is no other proof, and the session is too old.

    organises: may have recordings, which stay.
    """

    handle: str
    typed: str
    has_password: bool
    has_totp: bool
    wants_new_sign_in: bool
    has_email: bool
    organises: bool
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpPage:
    """`totp.html`: the secret for an app, as a picture and as letters. picture: a data: address."""

    picture: str
    secret: str
    address: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodesPage:
    """`recovery_codes.html`: shown this once."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicantView:
    id: str
    handle: str
    name: str
    reason: str
    asked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationView:
    id: str
    role: str
    places: int
    expires: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldView:
    """An account that is suspended, or else limited. url: where an owner looks at it."""

    name: str
    acct: str
    url: str
    suspended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    """`people.html`. link: an invitation or sign-in link that was just made, shown this once; link_words: what it is.

    letters: a sentence about letters that wait, or empty. registration: the setting.
    """

    is_owner: bool
    registration: str
    waiting: tuple[ApplicantView, ...]
    invitations: tuple[InvitationView, ...]
    letters: str
    held: tuple[HeldView, ...]
    link: str = ""
    link_words: str = ""
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WelcomePage:
    """`welcome.html`: a new owner's first choices, then what to do next (`done`)."""

    done: bool
    handle: str
    display_name: str
    errors: Mapping[str, str]
    password_min: int
    has_password: bool
    has_mail: bool
