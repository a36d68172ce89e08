"""Signing up through an app: an account and a token for it in one go."""

from __future__ import annotations

from dataclasses import replace

from rostra.flows.house import House
from rostra.flows.sign_up import Fault, SignUpRefused, SignUpWish, sign_up
from rostra.network.accounts import Where
from rostra.network.oauth import Bearer, Granted, OAuthStore
from rostra.shield.sign_in_limits import SignInLimits


async def sign_up_by_app(
    house: House, limits: SignInLimits, wish: SignUpWish, *, bearer: Bearer, address: str
) -> Granted:
    """The token of the new account, with the scopes of the app's own; it is refused while the account is pending.

    If the process ends between account and token, the person signs in as anybody does. Raises as `sign_up`.
    """
    if not wish.email.strip():
        raise SignUpRefused([Fault("email", "ERR_BLANK", "Give an e-mail address.")])
    wish = replace(wish, invitation=None)
    made = await sign_up(house, limits, wish, address=address, where=Where(), open_session=False)
    async with house.database.transaction() as session:
        store = OAuthStore(session)
        app = await store.app_by_id(bearer.app_id)
        return await store.add_token(app, made.account.id, bearer.scopes, now=house.clock.now())
