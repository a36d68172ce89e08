"""Credentials: what proves who somebody is, how people become members, and what guards both."""

from rostra.network.credentials.credentials import (
    Applicant,
    Credential,
    InvitationClosed,
    MemberInvitation,
    NotYet,
    Purpose,
    Registration,
    RegistrationClosed,
    SecretSpent,
    SignUp,
    WrongCode,
    WrongCredentials,
)
from rostra.network.credentials.memberships import MembershipStore
from rostra.network.credentials.passkeys import Passkey, PasskeyRefused, Relying
from rostra.network.credentials.store import CredentialStore

__all__ = [
    "Applicant",
    "Credential",
    "CredentialStore",
    "InvitationClosed",
    "MemberInvitation",
    "MembershipStore",
    "NotYet",
    "Passkey",
    "PasskeyRefused",
    "Purpose",
    "Registration",
    "RegistrationClosed",
    "Relying",
    "SecretSpent",
    "SignUp",
    "WrongCode",
    "WrongCredentials",
]
