"""An app wants to be told, wants to be told of other things, or of nothing any more."""

from __future__ import annotations

from collections.abc import Collection

from rostra.flows.house import House
from rostra.flows.push_notifications import TOKEN_PURPOSE
from rostra.network.push import Keys, Policy, PushStore, Subscription, SubscriptionId, check_endpoint
from rostra.platform.ids import AccountId
from rostra.platform.randomness import fingerprint


async def subscribe(
    house: House,
    account_id: AccountId,
    secret: str,
    *,
    endpoint: str,
    keys: Keys,
    alerts: Collection[str],
    policy: Policy,
) -> Subscription:
    """In place of the app's former subscription. secret: its access token. Raises PushInvalid.

    The token goes into every message, encrypted for the app alone, since apps tell their accounts apart by it; it is
    kept sealed with the house's key for that, and nowhere else than here.
    """
    subscription = Subscription(
        id=SubscriptionId(house.ids.next()),
        endpoint=check_endpoint(endpoint),
        alerts=frozenset(alerts),
        policy=policy,
    )
    async with house.database.transaction() as session:
        await PushStore(session).put(
            subscription,
            account_id,
            keys,
            token=fingerprint(secret),
            token_sealed=house.seal.close(secret, TOKEN_PURPOSE),
            sent_id=house.ids.next(),
        )
    return subscription


async def change_alerts(house: House, secret: str, *, alerts: Collection[str], policy: Policy) -> None:
    """Raises NoSubscription."""
    async with house.database.transaction() as session:
        await PushStore(session).change(fingerprint(secret), alerts=alerts, policy=policy)


async def unsubscribe(house: House, secret: str) -> None:
    async with house.database.transaction() as session:
        await PushStore(session).remove(fingerprint(secret))
