"""How an app comes to a token: registered, allowed by a person, exchanged, revoked."""

from __future__ import annotations

from dataclasses import dataclass

from rostra.flows.house import House
from rostra.flows.telling import tell
from rostra.network import oauth
from rostra.network.accounts import ProfileStore
from rostra.network.oauth import (
    App,
    Granted,
    InvalidGrant,
    InvalidRequest,
    InvalidScope,
    OAuthStore,
    UnauthorizedClient,
    Wish,
)
from rostra.network.streaming import AccessChanged
from rostra.platform.ids import AccountId, AppId
from rostra.platform.log import get_logger

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an app asks for, as it came: the parameters of RFC 6749, section 4.1.1, and of RFC 7636."""

    client_id: str | None
    redirect_uri: str | None
    response_type: str | None
    scope: str | None
    code_challenge: str | None
    code_challenge_method: str | None


async def register_app(
    house: House, *, name: str, website: str | None, redirect_uris: tuple[str, ...], scope: str | None
) -> tuple[App, str]:
    """The app and its secret. Raises Invalid, InvalidScope."""
    scopes = oauth.parse(scope)
    if not oauth.are_known(scopes):
        raise InvalidScope(f"unknown among {sorted(scopes)}")
    oauth.check_registration(name, website, redirect_uris)
    async with house.database.transaction() as session:
        return await OAuthStore(session).add_app(
            AppId(house.ids.next()),
            name=name.strip(),
            website=website or None,
            redirect_uris=redirect_uris,
            scopes=scopes,
            now=house.clock.now(),
        )


async def check_wish(house: House, asked: Asked) -> Wish:
    """Raises InvalidClient, InvalidRequest, InvalidScope.

    The redirect URI must be one of the app's, character by character: nothing is sent anywhere else.
    """
    async with house.database.reading() as session:
        app = await OAuthStore(session).app(asked.client_id)
    if asked.redirect_uri not in app.redirect_uris:
        raise InvalidRequest(
            "redirect URI", user_message="The requested redirect uri is malformed or doesn't match client redirect URI."
        )
    if asked.response_type != "code":
        raise InvalidRequest(
            "response type", user_message="The authorization server does not support this response type."
        )
    oauth.check_challenge(asked.code_challenge, asked.code_challenge_method)
    scopes = oauth.parse(asked.scope)
    if not oauth.are_known(scopes) or not oauth.is_within(scopes, app.scopes):
        raise InvalidScope(f"app {app.id} asks for {sorted(scopes)}")
    return Wish(app=app, redirect_uri=asked.redirect_uri, scopes=scopes, challenge=asked.code_challenge)


async def allow_app(house: House, wish: Wish, account_id: AccountId) -> str:
    """The person said yes; the code for the app. Raises NoSuchAccount for an account that is not shown."""
    async with house.database.transaction() as session:
        await ProfileStore(session).get(account_id)
        code = await OAuthStore(session).add_code(wish, account_id, now=house.clock.now())
    _log.info("app_allowed", account_id=account_id, app_id=wish.app.id, scopes=oauth.written(wish.scopes))
    return code


async def exchange_code(
    house: House,
    *,
    client_id: str | None,
    client_secret: str | None,
    code: str | None,
    redirect_uri: str | None,
    verifier: str | None,
) -> Granted:
    """The token for a code (RFC 6749, 4.1.3).

    An app that gives no secret must have used PKCE. A code that comes again revokes what it was exchanged for, since
    one of the two who had it has stolen it. Raises InvalidClient, InvalidGrant, InvalidRequest.
    """
    if not code or not redirect_uri:
        raise InvalidRequest("no code or redirect URI")
    now = house.clock.now()
    async with house.database.transaction() as session:
        store = OAuthStore(session)
        app = await store.app(client_id)
        found = await store.code(code, app)
        if client_secret is not None or found.challenge is None:
            app.check_secret(client_secret)
        if found.redirect_uri != redirect_uri:
            raise InvalidGrant("another redirect URI")
        oauth.check_verifier(found.challenge, verifier)
        if await store.spend_code(found, now=now):
            scopes = oauth.parse(found.scopes)
            account_id = AccountId(found.account_id)
            return await store.add_token(app, account_id, scopes, code=found.fingerprint, now=now)
        await store.revoke_code(found, now=now)
    await tell(house, AccessChanged(account_id=found.account_id))
    _log.warning("code_came_again", app_id=app.id, account_id=found.account_id)
    raise InvalidGrant("spent or expired")


async def token_of_app(house: House, *, client_id: str | None, client_secret: str | None, scope: str | None) -> Granted:
    """A token of the app itself (RFC 6749, 4.4). Raises InvalidClient, InvalidScope."""
    async with house.database.transaction() as session:
        store = OAuthStore(session)
        app = await store.app(client_id)
        app.check_secret(client_secret)
        scopes = oauth.parse(scope)
        if not oauth.is_within(scopes, app.scopes):
            raise InvalidScope(f"app {app.id} asks for {sorted(scopes)}")
        return await store.add_token(app, None, scopes, now=house.clock.now())


async def revoke_token(house: House, *, client_id: str | None, client_secret: str | None, token: str | None) -> None:
    """Never again; a token that is unknown is no error (RFC 7009). Raises InvalidClient, UnauthorizedClient."""
    async with house.database.transaction() as session:
        store = OAuthStore(session)
        app = await store.app(client_id)
        if client_secret is not None:
            app.check_secret(client_secret)
        owner = await store.owner_of_token(token or "")
        if owner is None:
            return
        if owner != app.id:
            raise UnauthorizedClient(f"app {app.id} on a token of app {owner}")
        await store.revoke(token or "", now=house.clock.now())
        person = await store.person_of_token(token or "")
    if person is not None:
        await tell(house, AccessChanged(account_id=person))
