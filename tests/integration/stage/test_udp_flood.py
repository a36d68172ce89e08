"""Foreign sockets throw all they have at a speaker's port, and the sound goes on."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from aioice import stun

from rostra.media.wire import Phase
from rostra.stage.guard import QUEUED_DATAGRAMS, Guarded
from tests.integration.stage.conftest import Guests, Stage, until

ROUNDS, PER_ROUND = 40, 60


def ports_of(stage: Stage, speaker_id: str) -> tuple[Any, list[Guarded]]:
    """The ICE connection of a speaker's session, and its sockets."""
    [found] = [each for each in stage.sessions._open.values() if each.session.speaker_id == speaker_id]
    [transceiver] = found.session._peer.getTransceivers()
    connection = transceiver.receiver.transport.transport._connection
    return connection, list(connection._protocols)


def thrown(connection: Any, round_: int) -> list[bytes]:
    """What strangers send: sound, DTLS, checks with a wrong name, checks with a wrong password, rubbish."""
    checks = []
    for user in ("nobd:spea", f"{connection.local_username}:{connection.remote_username}"):
        message = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
        message.attributes |= {"USERNAME": user, "PRIORITY": 1, "ICE-CONTROLLING": round_}
        message.add_message_integrity(b"a" * 22)
        checks.append(bytes(message))
    return [b"\x80\x6f" + bytes(98), b"\x16\xfe\xfd" + bytes(180), *checks, b"\x00\x01", b"\x17" * 1400]


async def test_a_flood_of_strangers_changes_nothing(stage: Stage, guests: Guests) -> None:
    """Ben hears Anna before, during and after it; nothing of it is queued, answered or learned."""
    await stage.air(Phase.DOORS_OPEN)
    anna = await guests.invite("anna", 440.0)
    ben = await guests.invite("ben", 1000.0)
    await until(lambda: ben.level(440.0) > -20)
    connection, sockets = ports_of(stage, "anna")
    pairs = len(connection._check_list)
    target = sockets[0].transport.get_extra_info("sockname")[:2]
    strangers = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(4)]
    for number, each in enumerate(strangers):
        each.setblocking(False)
        each.bind((f"127.0.7.{number + 1}", 0))
    longest = 0
    for round_ in range(ROUNDS):
        for number in range(PER_ROUND):
            for data in thrown(connection, round_)[number % 6 :: 6]:
                strangers[number % 4].sendto(data, target)
        await asyncio.sleep(0.02)
        longest = max(longest, connection._queue.qsize())
    heard = len(ben.heard)
    await until(lambda: len(ben.heard) > heard + 60)
    await until(lambda: ben.level(440.0) > -20)
    assert longest < QUEUED_DATAGRAMS / 4
    assert len(connection._check_list) == pairs
    for each in strangers:
        try:
            answer = each.recv(2048)
        except BlockingIOError:
            answer = b""
        assert answer == b""
        each.close()
    assert anna.speaker.figures.connections == 1
