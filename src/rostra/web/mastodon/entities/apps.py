"""Apps and tokens (RFC 6749, section 5.1)."""

from __future__ import annotations

import msgspec


class Application(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    website: str | None
    scopes: list[str]
    redirect_uri: str
    redirect_uris: list[str]
    vapid_key: str = ""


class CredentialApplication(Application, frozen=True, kw_only=True):
    """client_secret_expires_at: 0 for never."""

    client_id: str
    client_secret: str
    client_secret_expires_at: int = 0


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """created_at: unix seconds."""

    access_token: str
    token_type: str
    scope: str
    created_at: int


class ServerMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 8414, and the app_registration_endpoint that Mastodon adds."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str
    app_registration_endpoint: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    response_modes_supported: list[str]
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    code_challenge_methods_supported: list[str]
    service_documentation: str
