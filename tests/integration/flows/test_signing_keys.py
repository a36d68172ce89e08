"""Key pairs of tickets: made once, changed without a break."""

from __future__ import annotations

import asyncio

import pytest

from rostra.flows.house import House
from rostra.flows.signing_keys import KNOWN_EVERYWHERE_S, KeysChanged, ensure_keys, rotate_keys
from rostra.media import wire
from rostra.media.wire import SigningKeys
from rostra.shield.admission import LISTENER_FAMILY, Admission, Verifier, admit, mint
from tests.kit.clock import FakeClock


async def on_the_bus(house: House) -> SigningKeys:
    found = await house.bus.get(wire.KEYS, LISTENER_FAMILY, SigningKeys)
    assert found is not None
    return found[0]


async def until_announced(house: House, before: SigningKeys) -> SigningKeys:
    while (found := await on_the_bus(house)) == before:
        await asyncio.sleep(0.01)
    return found


async def until_done(changing: asyncio.Future[None], clock: FakeClock) -> None:
    """However late it begins to wait."""
    while not changing.done():
        await clock.advance(seconds=KNOWN_EVERYWHERE_S)
        await asyncio.sleep(0.01)


async def test_keys_change_without_a_break(house: House, clock: FakeClock) -> None:
    """Whoever has only heard of the first step reads what is signed after the second, and the other way round."""
    before = await ensure_keys(house, LISTENER_FAMILY)
    assert await ensure_keys(house, LISTENER_FAMILY) == before
    while await house.relay.send_batch():
        pass
    changing = asyncio.ensure_future(rotate_keys(house, LISTENER_FAMILY))
    announced = await until_announced(house, before)
    assert announced.current == before.current
    await until_done(changing, clock)
    await changing
    after = await on_the_bus(house)
    assert after == SigningKeys(current=announced.previous or "", previous=before.current)
    old, new = (mint(keys, admit("7", "cb007100", now_s=0)).encode() for keys in (before, after))
    assert isinstance(Verifier(announced).read(new), Admission)
    assert isinstance(Verifier(after).read(old), Admission)


async def test_two_do_not_change_keys_at_once(house: House, clock: FakeClock) -> None:
    before = await ensure_keys(house, LISTENER_FAMILY)
    while await house.relay.send_batch():
        pass
    first = asyncio.ensure_future(rotate_keys(house, LISTENER_FAMILY))
    announced = await until_announced(house, before)
    second = asyncio.ensure_future(rotate_keys(house, LISTENER_FAMILY))
    await until_announced(house, announced)
    await until_done(first, clock)
    with pytest.raises(KeysChanged):
        await first
    await until_done(second, clock)
    await second
