"""Web Push from the subscription to the device, with a real push service on loopback that only TLS reaches."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rostra.flows.delete_account import delete_account
from rostra.flows.forget_account import Forgetting
from rostra.flows.house import House
from rostra.flows.push_key import ensure_push_key
from rostra.flows.push_notifications import Pushing
from rostra.network.accounts import AccountState
from rostra.network.push import PushStore
from rostra.web.site import Site
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.killing import kill_everywhere
from tests.kit.members import Member, a_post, set_account_state
from tests.kit.push import Device, PushService, a_push_service, text

PATH = "/api/v1/push/subscription"
ALL = {"mention": True, "follow": True, "favourite": True, "reblog": True}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[PushService]:
    async with a_push_service(tmp_path) as running:
        yield running


@pytest.fixture
async def site(site: Site, house: House) -> Site:
    return replace(site, push_key=(await ensure_push_key(house)).public)


@pytest.fixture
async def pushing(house: House, service: PushService) -> Pushing:
    return Pushing(house, await ensure_push_key(house), service.poster())


async def subscribe(who: Member, service: PushService, device: Device, **data: Any) -> dict[str, Any]:
    keys = {"p256dh": text(device.p256dh), "auth": text(device.auth)}
    body = {"subscription": {"endpoint": service.endpoint, "keys": keys}, "data": {"alerts": ALL, **data}}
    answer = await who.http.post(PATH, json=body, headers=who.headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def opened(service: PushService, device: Device) -> list[dict[str, Any]]:
    return [json.loads(device.opened(each.body)) for each in service.received]


async def test_a_subscription_is_made_read_changed_and_removed(
    ada: Member, ben: Member, service: PushService, site: Site
) -> None:
    made = await subscribe(ada, service, Device())
    assert (made["endpoint"], made["standard"], made["policy"]) == (service.endpoint, True, "all")
    assert made["server_key"] == site.push_key
    assert made["alerts"]["mention"] is True
    assert made["alerts"]["poll"] is False
    instance = await ada.get("v2/instance")
    assert instance["configuration"]["vapid"]["public_key"] == site.push_key
    app = await ada.http.post("/api/v1/apps", json={"client_name": "x", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob"})
    assert app.json()["vapid_key"] == site.push_key
    assert (await ada.get("v1/push/subscription")) == made
    assert (await ben.http.get(PATH, headers=ben.headers)).status_code == 404
    form = {"data[alerts][mention]": "false", "data[alerts][poll]": "true", "data[policy]": "followed"}
    changed = (await ada.http.put(PATH, data=form, headers=ada.headers)).json()
    assert (changed["id"], changed["policy"]) == (made["id"], "followed")
    assert [kind for kind, wanted in changed["alerts"].items() if wanted] == ["poll"]
    assert (await ada.http.put(PATH, json={"policy": "strange"}, headers=ada.headers)).status_code == 422
    for _ in range(2):
        gone = await ada.http.delete(PATH, headers=ada.headers)
        assert (gone.status_code, gone.json()) == (200, {})
    assert (await ada.http.get(PATH, headers=ada.headers)).status_code == 404


@on_sqlite
async def test_what_is_no_subscription_is_refused(ada: Member, meet: Any, service: PushService) -> None:
    device = Device()
    good = {"p256dh": text(device.p256dh), "auth": text(device.auth)}
    for subscription in (
        {},
        {"endpoint": service.endpoint},
        {"endpoint": "http://push.example/x", "keys": good},
        {"endpoint": service.endpoint, "keys": {"p256dh": "x", "auth": "y"}},
        {"endpoint": {"a": 1}, "keys": [1]},
    ):
        answer = await ada.http.post(PATH, json={"subscription": subscription}, headers=ada.headers)
        assert answer.status_code == 422, answer.text
        assert answer.json()["error"].startswith("Validation failed: ")
    reader = await meet("cleo", scopes="read write")
    assert (await reader.http.get(PATH, headers=reader.headers)).status_code == 403


async def test_a_mention_reaches_the_device_and_nobody_else_can_read_it(
    ada: Member, ben: Member, house: House, clock: FakeClock, service: PushService, pushing: Pushing
) -> None:
    await a_post(house, ben.id, "Before @ada had subscribed")
    device = Device()
    clock.jump(seconds=1)
    await subscribe(ada, service, device)
    post = await a_post(house, ben.id, "Good evening @ada <b>& all</b>")
    assert await pushing.tick() == 0
    clock.jump(seconds=2)
    assert await pushing.tick() == 1
    (message,) = opened(service, device)
    assert (message["notification_type"], message["title"]) == ("mention", "Ben mentioned you")
    assert message["body"] == "Good evening @ada <b>& all</b>"
    assert message["access_token"] == ada.token
    (notice,) = [each for each in await ada.get("v1/notifications") if each["status"]["id"] == str(post.id)]
    assert message["notification_id"] == notice["id"]
    (received,) = service.received
    assert received.headers["content-encoding"] == "aes128gcm"
    assert received.headers["ttl"] == "86400"
    assert received.headers["authorization"].startswith("vapid t=")
    assert ada.token.encode() not in received.body
    assert await pushing.tick() == 0
    assert len(service.received) == 1


@on_sqlite
async def test_only_what_was_wanted_is_sent(
    ada: Member, ben: Member, meet: Any, house: House, clock: FakeClock, service: PushService, pushing: Pushing
) -> None:
    cleo = await meet("cleo")
    device = Device()
    await subscribe(ada, service, device, policy="followed")
    await ada.post(f"v1/accounts/{ben.id}/follow")
    await ada.http.put(PATH, json={"data": {"alerts": {"mention": True}, "policy": "followed"}}, headers=ada.headers)
    for who in (ben, cleo):
        await a_post(house, who.id, f"Hello @ada from {who.id}")
    await ben.post(f"v1/accounts/{ada.id}/follow")
    clock.jump(seconds=2)
    await pushing.tick()
    assert [each["title"] for each in opened(service, device)] == ["Ben mentioned you"]
    await ada.post(f"v1/accounts/{ben.id}/block")
    await ada.http.put(PATH, json={"data": {"policy": "all"}}, headers=ada.headers)
    await a_post(house, cleo.id, "Again @ada")
    clock.jump(seconds=2)
    await pushing.tick()
    assert [each["title"] for each in opened(service, device)][1:] == ["Cleo mentioned you"]


async def test_a_device_that_is_gone_is_forgotten(
    ada: Member, ben: Member, house: House, clock: FakeClock, service: PushService, pushing: Pushing
) -> None:
    for status in ("404 Not Found", "410 Gone"):
        service.status = status
        await subscribe(ada, service, Device())
        await a_post(house, ben.id, f"Hello @ada {status}")
        clock.jump(seconds=2)
        assert await pushing.tick() == 1
        assert (await ada.http.get(PATH, headers=ada.headers)).status_code == 404


@on_sqlite
async def test_a_service_that_is_away_is_asked_again_with_pauses(
    ada: Member, ben: Member, house: House, clock: FakeClock, service: PushService, pushing: Pushing
) -> None:
    device = Device()
    await subscribe(ada, service, device)
    await a_post(house, ben.id, "First @ada")
    await a_post(house, ben.id, "Second @ada")
    service.status, service.more = "503 Service Unavailable", "Retry-After: 90\r\n"
    clock.jump(seconds=2)
    assert await pushing.tick() == 1
    assert len(service.received) == 1
    service.status, service.more = "201 Created", ""
    clock.jump(seconds=89)
    assert await pushing.tick() == 0
    clock.jump(seconds=1)
    assert await pushing.tick() == 1
    assert [each["body"] for each in opened(service, device)[1:]] == ["First @ada", "Second @ada"]


@on_sqlite
async def test_who_never_answers_is_given_up_and_what_is_old_is_not_sent(
    ada: Member, ben: Member, house: House, clock: FakeClock, service: PushService, pushing: Pushing
) -> None:
    await subscribe(ada, service, Device())
    await a_post(house, ben.id, "Old @ada")
    clock.jump(hours=7)
    assert await pushing.tick() == 0
    service.addresses = []
    for _ in range(30):
        await a_post(house, ben.id, "New @ada")
        clock.jump(hours=1)
        assert await pushing.tick() == 1
    assert (await ada.http.get(PATH, headers=ada.headers)).status_code == 404
    assert service.received == []


@on_sqlite
async def test_it_never_asks_inside(
    ada: Member, ben: Member, house: House, clock: FakeClock, service: PushService, pushing: Pushing
) -> None:
    """A name that leads inside, also beside a public address, is not asked, and the subscription is dropped."""
    for addresses in (["10.0.0.1"], ["127.0.0.1", "169.254.169.254"], ["::1"]):
        service.addresses = addresses
        await subscribe(ada, service, Device())
        await a_post(house, ben.id, f"Hello @ada {addresses}")
        clock.jump(seconds=2)
        assert await pushing.tick() == 1
        assert (await ada.http.get(PATH, headers=ada.headers)).status_code == 404
    assert service.received == []


@on_sqlite
async def test_a_kill_repeats_a_turn_at_most_and_loses_nothing(
    ada: Member, ben: Member, house: House, clock: FakeClock, service: PushService, pushing: Pushing
) -> None:
    device = Device()
    await subscribe(ada, service, device)
    for number in range(3):
        await a_post(house, ben.id, f"Number {number} for @ada")
    clock.jump(seconds=2)
    async for _ in kill_everywhere(house.database, pushing.tick):
        pass
    bodies = [each["body"] for each in opened(service, device)]
    assert list(dict.fromkeys(bodies)) == [f"Number {number} for @ada" for number in range(3)]
    sent = len(service.received)
    assert await asyncio.gather(*(pushing.tick() for _ in range(3))) == [0, 0, 0]
    assert len(service.received) == sent


@on_sqlite
async def test_who_is_suspended_signed_out_or_deleted_is_not_told(
    ada: Member, ben: Member, house: House, clock: FakeClock, service: PushService, pushing: Pushing
) -> None:
    await subscribe(ada, service, Device())
    await a_post(house, ben.id, "Hello @ada")
    await set_account_state(house, ada.id, AccountState.SUSPENDED)
    clock.jump(seconds=2)
    assert await pushing.tick() == 0
    await set_account_state(house, ada.id, AccountState.ACTIVE)
    await delete_account(house, ada.id, typed_handle="ada")
    forgetting = Forgetting(house)
    while await forgetting.tick():
        pass
    assert await pushing.tick() == 0
    async with house.database.reading() as session:
        assert await PushStore(session).due("me", now=clock.now(), limit=9) == []
    assert service.received == []


async def test_the_houses_key_stays_the_same(house: House) -> None:
    keys = await asyncio.gather(*(ensure_push_key(house) for _ in range(3)))
    assert len({each.public for each in keys}) == 1
