"""Apps and tokens: registering, exchanging, revoking (RFC 6749, RFC 7009)."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final
from urllib.parse import unquote_plus

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from rostra.flows.authorize_app import exchange_code, register_app, revoke_token, token_of_app
from rostra.network import oauth
from rostra.network.oauth import App, Granted, OAuthStore, UnsupportedGrant
from rostra.web import answers
from rostra.web.guards.browsers import client_address
from rostra.web.mastodon.asking import anybody, app
from rostra.web.mastodon.bodies import read
from rostra.web.mastodon.entities.apps import Application, CredentialApplication, Token
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
_BASIC_CHARACTERS: Final = 1000


class AppBody(msgspec.Struct, frozen=True, kw_only=True):
    """redirect_uris: text with one a line, or a list."""

    client_name: str = ""
    redirect_uris: list[str] | str = ""
    scopes: str | None = None
    website: str | None = None


class TokenBody(msgspec.Struct, frozen=True, kw_only=True):
    grant_type: str = ""
    client_id: str | None = None
    client_secret: str | None = None
    code: str | None = None
    redirect_uri: str | None = None
    code_verifier: str | None = None
    scope: str | None = None
    token: str | None = None


@post("/api/v1/apps", status_code=200)
async def register(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """Anybody may; an address so many times."""
    anybody(request, site)
    site.limits.app.take(client_address(request))
    body = await read(request, AppBody)
    uris = body.redirect_uris.split() if isinstance(body.redirect_uris, str) else body.redirect_uris
    made, secret = await register_app(
        site.house, name=body.client_name, website=body.website, redirect_uris=tuple(uris), scope=body.scopes
    )
    known = msgspec.structs.asdict(_view(site, made))
    return answers.as_json(CredentialApplication(**known, client_id=made.client_id, client_secret=secret))


@get("/api/v1/apps/verify_credentials")
async def verify(request: AnyRequest, site: TheSite) -> Response[bytes]:
    bearer = await app(request, site)
    async with site.house.database.reading() as session:
        found = await OAuthStore(session).app_by_id(bearer.app_id)
    return answers.as_json(_view(site, found))


@post("/oauth/token", status_code=200)
async def token(request: AnyRequest, site: TheSite) -> Response[bytes]:
    anybody(request, site)
    body = _with_basic(request, await read(request, TokenBody))
    client: dict[str, Any] = {"client_id": body.client_id, "client_secret": body.client_secret}
    if body.grant_type == "authorization_code":
        granted = await exchange_code(
            site.house, **client, code=body.code, redirect_uri=body.redirect_uri, verifier=body.code_verifier
        )
    elif body.grant_type == "client_credentials":
        granted = await token_of_app(site.house, **client, scope=body.scope)
    else:
        raise UnsupportedGrant(f"grant {body.grant_type[:40]!r}")
    answer = answers.as_json(_token(granted))
    answer.headers["Pragma"] = "no-cache"
    return answer


@post("/oauth/revoke", status_code=200)
async def revoke(request: AnyRequest, site: TheSite) -> Response[bytes]:
    anybody(request, site)
    body = _with_basic(request, await read(request, TokenBody))
    await revoke_token(site.house, client_id=body.client_id, client_secret=body.client_secret, token=body.token)
    return answers.as_json({})


def _view(site: Site, made: App) -> Application:
    return Application(
        id=str(made.id),
        name=made.name,
        website=made.website,
        scopes=oauth.written(made.scopes).split(),
        redirect_uri="\n".join(made.redirect_uris),
        redirect_uris=list(made.redirect_uris),
        vapid_key=site.push_key,
    )


def _token(granted: Granted) -> Token:
    return Token(
        access_token=granted.secret,
        token_type="Bearer",  # noqa: S106  # a word of RFC 6750, no secret
        scope=oauth.written(granted.scopes),
        created_at=int(granted.created_at.timestamp()),
    )


def _with_basic(request: AnyRequest, body: TokenBody) -> TokenBody:
    """The client's name and secret from the header, where the body has none (RFC 6749, 2.3.1)."""
    kind, _, encoded = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic" or body.client_id is not None or len(encoded) > _BASIC_CHARACTERS:
        return body
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return body
    return msgspec.structs.replace(body, client_id=unquote_plus(name), client_secret=unquote_plus(secret))


handlers = [register, verify, token, revoke]
