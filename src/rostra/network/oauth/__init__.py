"""How people let apps act for them: OAuth 2 with PKCE."""

from rostra.network.oauth.grants import (
    OUT_OF_BAND,
    App,
    Bearer,
    Granted,
    InvalidClient,
    InvalidGrant,
    InvalidRequest,
    InvalidScope,
    OAuthError,
    UnauthorizedClient,
    UnsupportedGrant,
    Wish,
    check_challenge,
    check_registration,
    check_verifier,
)
from rostra.network.oauth.scopes import Scopes, allows, are_known, is_within, parse, written
from rostra.network.oauth.store import OAuthStore

__all__ = [
    "OUT_OF_BAND",
    "App",
    "Bearer",
    "Granted",
    "InvalidClient",
    "InvalidGrant",
    "InvalidRequest",
    "InvalidScope",
    "OAuthError",
    "OAuthStore",
    "Scopes",
    "UnauthorizedClient",
    "UnsupportedGrant",
    "Wish",
    "allows",
    "are_known",
    "check_challenge",
    "check_registration",
    "check_verifier",
    "is_within",
    "parse",
    "written",
]
