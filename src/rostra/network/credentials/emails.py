"""E-mail addresses: one form of each, so that nobody has two accounts by writing theirs differently."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from rostra.platform.errors import Invalid

EMAIL_LENGTH: Final = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets
LOCAL_LENGTH: Final = 64
_LOCAL: Final = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]+")  # RFC 5322, 3.2.3; few servers take more (RFC 6531)
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def normal_email(text: str) -> str:
    """The address in lower case, its domain in ASCII (IDNA). Raises Invalid.

    The part before the @ is formally a matter of its server (RFC 5321, 2.4); no server in use tells upper from lower
    case there. Dots and +tags are left alone: at most servers they do make another address.
    """
    local, _, domain = unicodedata.normalize("NFC", text.strip()).rpartition("@")
    try:
        ascii_domain = domain.lower().encode("idna").decode("ascii")
    except UnicodeError as error:
        raise _invalid() from error
    labels = ascii_domain.split(".")
    local = local.lower()
    address = f"{local}@{ascii_domain}"
    if (
        not _LOCAL.fullmatch(local)
        or ".." in local
        or local.startswith(".")
        or local.endswith(".")
        or len(local.encode()) > LOCAL_LENGTH
        or len(labels) < 2
        or not all(_LABEL.fullmatch(label) for label in labels)
        or len(address.encode()) > EMAIL_LENGTH
    ):
        raise _invalid()
    return address


def _invalid() -> Invalid:
    return Invalid("no e-mail address", user_message="Give an e-mail address such as ada@example.org.", field="email")
