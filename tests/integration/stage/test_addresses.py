"""Where sound comes in: IPv6, an announced address, a range of ports that is used up."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from rostra.apps.ports import free_port
from rostra.media.wire import Phase
from rostra.platform.bus import Bus
from rostra.stage.ice import MediaAddresses
from tests.integration.stage.conftest import BROADCAST, Stage, until
from tests.integration.stage.phone import Phone, loudness

Open = Callable[[MediaAddresses], AbstractAsyncContextManager[Stage]]


@pytest.fixture
def stage_at(bus: Bus, tmp_path: Path) -> Open:
    @asynccontextmanager
    async def opened(addresses: MediaAddresses) -> AsyncIterator[Stage]:
        stage = Stage(bus, tmp_path, addresses=addresses)
        await stage.start()
        await stage.air(Phase.DOORS_OPEN)
        try:
            yield stage
        finally:
            await stage.stop()

    return opened


async def test_an_announced_address(stage_at: Open) -> None:
    """Behind 1:1 NAT the stage offers an address that the machine does not have, and hears whoever gets through."""
    async with stage_at(MediaAddresses(addresses=("192.0.2.77",))) as stage:
        phone = Phone(stage)
        await phone.join()
        assert [host for host, _ in phone.candidates()] == ["192.0.2.77"]
        await until(lambda: loudness(stage) > -20)
        await phone.close()


async def test_both_families_in_one_range(stage_at: Open) -> None:
    """One port for each address; a client with IPv6 alone finds its own, and so does one with IPv4 alone."""
    first = free_port() // 4 * 4
    both = MediaAddresses(addresses=("127.0.0.1", "::1"), ports=(first, first + 3))
    async with stage_at(both) as stage:
        for speaker, own in (("anna", "::1"), ("ben", "127.0.0.1")):
            phone = Phone(stage, speaker, own)
            await phone.join()
            assert {host for host, _ in phone.candidates()} == set(both.addresses)
            assert all(first <= port <= first + 3 for _, port in phone.candidates())
            await until(lambda speaker=speaker: loudness(stage, speaker) > -20)
            await phone.close()


async def test_a_range_that_is_used_up(stage_at: Open) -> None:
    """503 with a sentence for the organiser, at an offer and at an ICE restart; whoever speaks is heard on."""
    first = free_port()
    async with stage_at(MediaAddresses(addresses=("127.0.0.1",), ports=(first, first + 1))) as stage:
        phone, late = Phone(stage), Phone(stage, "ben", "127.0.0.2")
        await phone.join()
        await until(lambda: loudness(stage) > -20)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            for port in (first, first + 1):
                with contextlib.suppress(OSError):
                    other.bind(("127.0.0.1", port))
            sdp = stage.bearer("ben") | {"Content-Type": "application/sdp"}
            restart = "a=ice-ufrag:neww\r\na=ice-pwd:" + "p" * 22 + "\r\n"
            for answer in (
                await stage.http.post(f"/whip/{BROADCAST}", content=await late.offer(), headers=sdp),
                await stage.http.patch(phone.url, content=restart, headers=phone.headers | {"If-Match": "*"}),
            ):
                assert answer.status_code == 503
                assert answer.json()["code"] == "no_media_port"
                assert "media_ports" in answer.json()["detail"]
                assert int(answer.headers["retry-after"]) > 0
        assert stage.sessions.count == 1
        heard = phone.heard
        await until(lambda: phone.heard > heard + 10)
        await until(lambda: loudness(stage) > -20)
        for each in (phone, late):
            await each.close()
