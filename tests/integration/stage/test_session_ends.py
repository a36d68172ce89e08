"""When a session ends and when it does not, and that nothing of it stays behind."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aioice import ice

from rostra.media.wire import Phase
from rostra.stage.errors import OfferBroken
from rostra.stage.seat import Speaker
from tests.integration.stage.conftest import BROADCAST, Stage, until
from tests.integration.stage.phone import Phone, loudness

OFFERS = 40


async def test_consent_checks_end_no_line_that_speaks(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """FFmpeg answers no check once it is connected. Were consent asked for, one check without an answer would
    end the session at once; it lives as long as its sound."""
    monkeypatch.setattr(ice, "CONSENT_INTERVAL", 0.01)
    monkeypatch.setattr(ice, "CONSENT_FAILURES", 1)
    await stage.air(Phase.DOORS_OPEN)
    phone = Phone(stage)
    await phone.join()
    for protocol in phone.transport._connection._protocols:  # type: ignore[attr-defined]
        protocol.receiver.request_received = lambda *_: None
    for _ in range(10):
        heard = phone.heard
        await until(lambda heard=heard: phone.heard > heard + 10)
    await until(lambda: loudness(stage) > -20)
    assert stage.sessions.count == 1
    await phone.close()


async def test_a_dead_line_is_ended_and_its_seat_waits(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """No RTP for the time that a silent line gets: the session is gone with its sockets, the seat is still there."""
    monkeypatch.setattr("rostra.stage.sessions.SILENT_LINE_S", 0.2)
    await stage.air(Phase.DOORS_OPEN)
    phone = Phone(stage)
    await phone.join()
    await until(lambda: loudness(stage) > -20)
    phone.unplug(phone.address)
    await until(lambda: stage.sessions.count == 0)
    await until(lambda: [(seat.speaker_id, seat.connected) for seat in stage.state().speakers] == [("anna", False)])
    await phone.close()


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_offers_without_end_leave_nothing_behind(stage: Stage) -> None:
    """A client that posts again and again and never connects has one session at a time, and in the end as many
    sockets and tasks as before; offers that cannot be read cost nothing at all."""
    await stage.air(Phase.DOORS_OPEN)
    phone = Phone(stage)
    offer, anna = await phone.offer(), Speaker("anna", "Anna", host=False)
    files, tasks = open_files(), len(asyncio.all_tasks())
    for _ in range(OFFERS):
        await stage.sessions.open(BROADCAST, anna, offer)
        with pytest.raises(OfferBroken):
            await stage.sessions.open(BROADCAST, anna, offer.replace("a=ice-pwd", "a=ice-pass"))
    await until(lambda: stage.sessions.count == 1)
    last = next(iter(stage.sessions._open.values())).session
    await stage.sessions.end(last)
    await until(lambda: open_files() <= files and len(asyncio.all_tasks()) <= tasks)
    assert stage.state().speakers == []
    await phone.close()
