"""Web Push subscriptions: one for each access token. Source: docs.joinmastodon.org/methods/push."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from rostra.flows.subscribe_push import change_alerts, subscribe, unsubscribe
from rostra.network.push import ALERTS, Policy, PushInvalid, PushStore, Subscription, keys_of
from rostra.platform.randomness import fingerprint
from rostra.web import answers
from rostra.web.mastodon.asking import own_reading, person, token_of
from rostra.web.mastodon.bodies import read
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PATH = "/api/v1/push/subscription"
_ON = frozenset({"true", "1", "on", "t", "yes"})


class PushBody(msgspec.Struct, frozen=True, kw_only=True):
    """Nested objects come as they are, since every app writes booleans in a way of its own."""

    subscription: dict[str, Any] | None = None
    data: dict[str, Any] | None = None
    policy: str | None = None


class PushSubscription(msgspec.Struct, frozen=True, kw_only=True):
    """WebPushSubscription. standard: the coding is that of RFC 8291, not of the draft before it."""

    id: str
    endpoint: str
    standard: bool
    alerts: dict[str, bool]
    policy: str
    server_key: str


@post(PATH, status_code=200)
async def create(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who = await person(request, site, "push")
    body = await read(request, PushBody)
    wanted = body.subscription or {}
    keys = wanted.get("keys") if isinstance(wanted.get("keys"), dict) else {}
    endpoint, p256dh, auth = wanted.get("endpoint"), (keys or {}).get("p256dh"), (keys or {}).get("auth")
    if not (isinstance(endpoint, str) and isinstance(p256dh, str) and isinstance(auth, str)):
        raise PushInvalid("Endpoint can't be blank, Key p256dh can't be blank, Key auth can't be blank")
    made = await subscribe(
        site.house,
        who.account_id,
        token_of(request),
        endpoint=endpoint,
        keys=keys_of(p256dh, auth),
        alerts=_alerts(body),
        policy=_policy(body, Policy.ALL),
    )
    return _answer(site, made)


@get(PATH)
async def show(request: AnyRequest, site: TheSite) -> Response[bytes]:
    async with own_reading(request, site, "push") as asked:
        found = await PushStore(asked.session).of_token(fingerprint(token_of(request)))
    return _answer(site, found)


@put(PATH)
async def change(request: AnyRequest, site: TheSite) -> Response[bytes]:
    await person(request, site, "push")
    body, token = await read(request, PushBody), fingerprint(token_of(request))
    async with site.house.database.reading() as session:
        was = await PushStore(session).of_token(token)
    alerts = _alerts(body) if body.data is not None and "alerts" in body.data else was.alerts
    await change_alerts(site.house, token_of(request), alerts=alerts, policy=_policy(body, was.policy))
    async with site.house.database.reading() as session:
        return _answer(site, await PushStore(session).of_token(token))


@delete(PATH, status_code=200)
async def remove(request: AnyRequest, site: TheSite) -> Response[bytes]:
    await person(request, site, "push")
    await unsubscribe(site.house, token_of(request))
    return answers.as_json({})


def _alerts(body: PushBody) -> set[str]:
    """The kinds that are wanted; what this house has no notifications of is left out."""
    alerts = (body.data or {}).get("alerts")
    wanted = alerts if isinstance(alerts, dict) else {}
    return {kind for kind in ALERTS if str(wanted.get(kind, "")).strip().lower() in _ON}


def _policy(body: PushBody, otherwise: Policy) -> Policy:
    """Raises PushInvalid."""
    given = body.policy or (body.data or {}).get("policy") or otherwise.value
    if given not in set(Policy):
        raise PushInvalid("Policy is not included in the list")
    return Policy(given)


def _answer(site: Site, subscription: Subscription) -> Response[bytes]:
    return answers.as_json(
        PushSubscription(
            id=str(subscription.id),
            endpoint=subscription.endpoint,
            standard=True,
            alerts={kind: kind in subscription.alerts for kind in ALERTS},
            policy=subscription.policy.value,
            server_key=site.push_key,
        )
    )


handlers = [create, show, change, remove]
