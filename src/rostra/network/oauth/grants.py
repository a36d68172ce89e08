"""Apps, authorization codes and tokens (RFC 6749, RFC 7636), and what can be wrong with them.

Codes and tokens are 32 random bytes; only their SHA-256 is stored, which is enough for secrets that nobody chose.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from rostra.network.accounts import AccountState
from rostra.network.oauth.scopes import Scopes
from rostra.platform.errors import Invalid, RostraError
from rostra.platform.ids import AccountId, AppId
from rostra.platform.randomness import fingerprint, token

CODE_LIFETIME: Final = timedelta(minutes=10)
OUT_OF_BAND: Final = "urn:ietf:wg:oauth:2.0:oob"
"""In place of a redirect URI: the page shows the code."""
NAME_CHARACTERS: Final = 60
WEBSITE_CHARACTERS: Final = 200
REDIRECT_CHARACTERS: Final = 2000
REDIRECTS_MAX: Final = 10
_SECRET_BYTES: Final = 32
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*", re.ASCII)
_REFUSED_SCHEMES: Final = frozenset(
    {"javascript", "data", "vbscript", "file", "blob", "about", "mailto", "view-source"}
)
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)


class OAuthError(RostraError):
    """An error of RFC 6749, section 5.2: `code` is its `error`, the message its `error_description`."""


class InvalidRequest(OAuthError):
    status, code = HTTPStatus.BAD_REQUEST, "invalid_request"
    user_message = (
        "The request is missing a required parameter, includes an unsupported parameter value, "
        "or is otherwise malformed."
    )


class InvalidClient(OAuthError):
    status, code = HTTPStatus.UNAUTHORIZED, "invalid_client"
    user_message = (
        "Client authentication failed due to unknown client, no client authentication included, "
        "or unsupported authentication method."
    )


class InvalidGrant(OAuthError):
    status, code = HTTPStatus.BAD_REQUEST, "invalid_grant"
    user_message = (
        "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in "
        "the authorization request, or was issued to another client."
    )


class InvalidScope(OAuthError):
    status, code = HTTPStatus.BAD_REQUEST, "invalid_scope"
    user_message = "The requested scope is invalid, unknown, or malformed."


class UnsupportedGrant(OAuthError):
    status, code = HTTPStatus.BAD_REQUEST, "unsupported_grant_type"
    user_message = "The authorization grant type is not supported by the authorization server."


class UnauthorizedClient(OAuthError):
    status, code = HTTPStatus.FORBIDDEN, "unauthorized_client"
    user_message = "You are not authorized to revoke this token"


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    id: AppId
    client_id: str
    secret_fingerprint: str
    name: str
    website: str | None
    redirect_uris: tuple[str, ...]
    scopes: Scopes

    def check_secret(self, secret: str | None) -> None:
        """Raises InvalidClient."""
        if secret is None or not hmac.compare_digest(fingerprint(secret), self.secret_fingerprint):
            raise InvalidClient(f"wrong secret for app {self.id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What an app asks a person for, checked against the app. challenge: PKCE, S256; None without."""

    app: App
    redirect_uri: str
    scopes: Scopes
    challenge: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A token that was just made; its secret is known here and then to the app alone."""

    secret: str
    scopes: Scopes
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Who calls with a token. account_id: None for the app itself, and then what follows it says nothing.

    filters_version: see AccountRow. visibility, sensitive, language, quote_policy: the account's defaults for new
    posts.
    """

    app_id: AppId
    app_name: str
    app_website: str | None
    scopes: Scopes
    account_id: AccountId | None
    handle: str
    state: AccountState
    follows: int
    followed_tags: int = 0
    filters_version: int = 0
    visibility: str = "public"
    sensitive: bool = False
    language: str | None = None
    quote_policy: str = "public"


def new_secret() -> str:
    return token(_SECRET_BYTES)


def check_registration(name: str, website: str | None, redirect_uris: tuple[str, ...]) -> None:
    """Raises Invalid in the words that apps know."""
    if not name.strip() or len(name) > NAME_CHARACTERS:
        raise _refused("client_name", f"Name must have 1 to {NAME_CHARACTERS} characters")
    if website and (len(website) > WEBSITE_CHARACTERS or urlsplit(website).scheme not in ("http", "https")):
        raise _refused("website", "Website must be a valid URL")
    if not redirect_uris or len(redirect_uris) > REDIRECTS_MAX:
        raise _refused("redirect_uris", "Redirect URI can't be blank")
    for uri in redirect_uris:
        if not may_redirect_to(uri):
            raise _refused("redirect_uris", "Redirect URI must be an absolute URI.")


def may_redirect_to(uri: str) -> bool:
    """An absolute URI without a fragment (RFC 6749, 3.1.2) and of no scheme that a browser would run or read.

    Native apps bring schemes of their own, so the rest is open.
    """
    if uri == OUT_OF_BAND:
        return True
    if len(uri) > REDIRECT_CHARACTERS or any(ord(char) <= 0x20 or ord(char) == 0x7F for char in uri):
        return False
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    scheme = parts.scheme.lower()
    if not _SCHEME.fullmatch(scheme) or scheme in _REFUSED_SCHEMES or "#" in uri or "\\" in uri:
        return False
    return bool(parts.netloc) if scheme in ("http", "https") else True


def check_challenge(challenge: str | None, method: str | None) -> None:
    """PKCE: S256 alone (RFC 7636, 4.2; plain protects nobody). Raises InvalidRequest."""
    if challenge is None and method is None:
        return
    if method != "S256" or challenge is None or not _CHALLENGE.fullmatch(challenge):
        raise InvalidRequest("challenge", user_message="The code_challenge_method must be S256.")


def check_verifier(challenge: str | None, verifier: str | None) -> None:
    """Raises InvalidGrant unless the verifier fits; one without a challenge fits nothing (RFC 9700, 4.8.2)."""
    if challenge is None:
        if verifier is not None:
            raise InvalidGrant("a verifier without a challenge")
        return
    if verifier is None or not _VERIFIER.fullmatch(verifier):
        raise InvalidGrant("no verifier")
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    if not hmac.compare_digest(made, challenge):
        raise InvalidGrant("wrong verifier")


def _refused(field: str, text: str) -> Invalid:
    return Invalid(f"app: {field}", user_message=f"Validation failed: {text}", field=field)
