"""Who calls the API: a bearer token and what it allows. Cookies count for nothing here (ADR 25)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from litestar import Request
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts import AccountState
from rostra.network.oauth import Bearer, OAuthStore, allows
from rostra.platform.errors import RostraError
from rostra.platform.ids import AccountId
from rostra.shield.allowance import Allowance, TooManyCalls, address_key
from rostra.web.guards.browsers import client_address
from rostra.web.site import Site

ALLOWANCE: Final = "rostra_allowance"
"""Where the allowance of a request lies in its scope, for the headers."""
_TOKEN_CHARACTERS: Final = 200
AnyRequest = Request[Any, Any, Any]


class TokenInvalid(RostraError):
    status, code = HTTPStatus.UNAUTHORIZED, "token_invalid"
    user_message = "The access token is invalid"


class NeedsPerson(RostraError):
    """The token is an app's own."""

    status, code = HTTPStatus.UNPROCESSABLE_ENTITY, "needs_person"
    user_message = "This method requires an authenticated user"


class OutsideScopes(RostraError):
    status, code = HTTPStatus.FORBIDDEN, "outside_scopes"
    user_message = "This action is outside the authorized scopes"


class LoginDisabled(RostraError):
    status, code = HTTPStatus.FORBIDDEN, "login_disabled"
    user_message = "Your login is currently disabled"


class LoginPending(RostraError):
    status, code = HTTPStatus.FORBIDDEN, "login_pending"
    user_message = "Your login is currently pending approval"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who calls through an app."""

    account_id: AccountId
    bearer: Bearer


@dataclass(frozen=True, slots=True)
class Reading:
    """A request that reads: one session for all of it. viewer: None for a caller without an account."""

    session: AsyncSession
    viewer: AccountId | None
    bearer: Bearer | None
    now: datetime


@dataclass(frozen=True, slots=True)
class OwnReading:
    """A request that reads for the person who calls."""

    session: AsyncSession
    viewer: AccountId
    bearer: Bearer
    now: datetime


@asynccontextmanager
async def reading(request: AnyRequest, site: Site, scope: str, *, at_length: bool = False) -> AsyncIterator[Reading]:
    """For what everybody may read; a token that comes along must be good and hold `scope`.

    at_length: it may take longer than some milliseconds. Raises TokenInvalid, OutsideScopes, LoginDisabled,
    LoginPending, TooManyCalls.
    """
    async with site.house.database.reading(at_length=at_length) as session:
        bearer = await _bearer(request, site, session)
        if bearer is not None:
            check(bearer, scope)
        viewer = None if bearer is None else bearer.account_id
        yield Reading(session, viewer, bearer, site.house.clock.now())


@asynccontextmanager
async def own_reading(request: AnyRequest, site: Site, scope: str) -> AsyncIterator[OwnReading]:
    """For what only the person who calls may read. Raises as `reading`, and NeedsPerson."""
    async with site.house.database.reading() as session:
        bearer = await _required(request, site, session, scope)
        yield OwnReading(session, _person(bearer), bearer, site.house.clock.now())


async def person(request: AnyRequest, site: Site, scope: str) -> Person:
    """Who wants to change something. Raises as `own_reading`."""
    async with site.house.database.reading() as session:
        bearer = await _required(request, site, session, scope)
    return Person(_person(bearer), bearer)


async def app(request: AnyRequest, site: Site) -> Bearer:
    """The app that calls, for a person or for itself. Raises TokenInvalid, TooManyCalls."""
    async with site.house.database.reading() as session:
        bearer = await _bearer(request, site, session)
    if bearer is None:
        raise TokenInvalid("no token")
    return bearer


def token_of(request: AnyRequest) -> str:
    """The secret of the token that came, after it was found to be good."""
    return request.headers.get("authorization", "").partition(" ")[2]


def anybody(request: AnyRequest, site: Site) -> None:
    """For what needs no token at all: counts the address. Raises TooManyCalls."""
    _count(request, site, address_key(client_address(request)))


async def _required(request: AnyRequest, site: Site, session: AsyncSession, scope: str) -> Bearer:
    bearer = await _bearer(request, site, session)
    if bearer is None:
        raise TokenInvalid("no token")
    check(bearer, scope)
    return bearer


def _person(bearer: Bearer) -> AccountId:
    if bearer.account_id is None:
        raise NeedsPerson(f"app {bearer.app_id}")
    return bearer.account_id


async def _bearer(request: AnyRequest, site: Site, session: AsyncSession) -> Bearer | None:
    """Who calls. What brings no token, or a wrong one, counts for its address: guessing tokens is no way around."""
    header = request.headers.get("authorization")
    if header is None:
        anybody(request, site)
        return None
    kind, _, secret = header.partition(" ")
    found = None
    if kind.lower() == "bearer" and 0 < len(secret) <= _TOKEN_CHARACTERS:
        found = await OAuthStore(session).bearer(secret)
    if found is None:
        anybody(request, site)
        raise TokenInvalid("unknown or revoked token")
    _count(request, site, f"token {found.app_id} {found.account_id}")
    return found


def check(bearer: Bearer, scope: str) -> None:
    """Raises LoginPending, LoginDisabled, OutsideScopes."""
    if bearer.state is AccountState.PENDING:
        raise LoginPending(f"account {bearer.account_id}")
    if not bearer.state.is_shown:
        raise LoginDisabled(f"account {bearer.account_id}")
    if not allows(bearer.scopes, scope):
        raise OutsideScopes(f"{scope} for app {bearer.app_id}")


def _count(request: AnyRequest, site: Site, key: str) -> None:
    allowance: Allowance | None = site.limits.api.take(key)
    request.scope[ALLOWANCE] = allowance  # type: ignore[typeddict-unknown-key]  # ours
    if allowance is not None and allowance.remaining < 0:
        raise TooManyCalls(key)
