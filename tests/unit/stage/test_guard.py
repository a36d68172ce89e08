"""Who gets past the guard of a session's port, and what everybody else costs: nothing that lasts, and no answer."""

from __future__ import annotations

from typing import Any

import pytest
from aioice import ice, stun

from rostra.stage.guard import (
    MAX_DATAGRAM_BYTES,
    MAX_STUN_BYTES,
    MOST_PAIRS,
    QUEUED_DATAGRAMS,
    SPEAKER_PACKETS,
    STRANGER_PACKETS,
    Budget,
    Gate,
    Guarded,
    kind_of,
    username_of,
)
from tests.kit.clock import FakeClock

SPEAKER, STRANGER = ("192.0.2.1", 6000), ("203.0.113.9", 1)
RTP = bytes([0x80]) + bytes(50)
HELLO = b"\x16\xfe\xfd" + bytes(60)


class Answers:
    """A transport that keeps what aioice sends."""

    def __init__(self) -> None:
        self.sent: list[tuple[bytes, Any]] = []

    def sendto(self, data: bytes, address: Any) -> None:
        self.sent.append((data, address))


class Port:
    """A guarded socket of a session whose speaker is `spea`, without a network."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.connection: Any = ice.Connection(ice_controlling=False)
        self.connection.remote_username = "spea"
        self.guarded = Guarded(Gate(self.connection, clock))
        self.guarded.local_candidate = ice.Candidate.from_sdp("1 1 udp 1 127.0.0.1 5000 typ host")
        self.guarded.transport = self.answers = Answers()  # type: ignore[assignment]

    def receive(self, data: bytes, source: tuple[str, int]) -> None:
        self.guarded.datagram_received(data, source)

    def check(self, *, user: str | None = None, password: str | None = None, priority: bool = True) -> bytes:
        """A connectivity check as a browser sends it."""
        message = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
        message.attributes["USERNAME"] = f"{self.connection.local_username}:spea" if user is None else user
        if priority:
            message.attributes["PRIORITY"] = 1
        message.attributes["ICE-CONTROLLING"] = 1
        message.add_message_integrity((password or self.connection.local_password).encode())
        return bytes(message)

    @property
    def queued(self) -> int:
        return int(self.connection._queue.qsize())


@pytest.fixture
async def port(clock: FakeClock) -> Port:
    return Port(clock)


async def test_media_passes_only_from_where_a_check_came(port: Port) -> None:
    """A ClientHello before the check, or from anywhere else, is as if it had never been sent."""
    for data in (RTP, HELLO):
        port.receive(data, SPEAKER)
    assert port.queued == 0
    port.receive(port.check(), SPEAKER)
    for data in (RTP, HELLO):
        port.receive(data, SPEAKER)
        port.receive(data, STRANGER)
        port.receive(data, (SPEAKER[0], SPEAKER[1] + 1))
    assert port.queued == 2


async def test_an_address_that_answered_our_check_is_validated(port: Port) -> None:
    """A candidate that the speaker has only named is not: anybody's address can stand there."""
    pair = ice.CandidatePair(port.guarded, ice.Candidate.from_sdp("1 1 udp 1 192.0.2.1 6000 typ host"))
    port.connection._check_list.append(pair)
    port.receive(HELLO, SPEAKER)
    assert port.queued == 0
    pair.state = ice.CandidatePair.State.SUCCEEDED
    port.receive(HELLO, SPEAKER)
    assert port.queued == 1


async def test_a_good_check_is_answered(port: Port) -> None:
    port.receive(port.check(), SPEAKER)
    [(answer, address)] = port.answers.sent
    assert (stun.parse_message(answer).message_class, address) == (stun.Class.RESPONSE, SPEAKER)


async def test_what_is_not_the_speakers_is_not_answered(port: Port) -> None:
    """No reflection, no queue, nothing learned: unknown names, wrong passwords, and STUN that is none."""
    good = port.check()
    forged = [
        port.check(user="else:spea"),
        port.check(user=f"{port.connection.local_username}:else"),
        port.check(user=""),
        port.check(password="a" * 22),
        port.check(priority=False),
        good[:-4] + b"\0\0\0\0",
        good[:-1],
        good + b"\0\0\0\0",
        good[:4] + b"\0\0\0\0" + good[8:],
        b"\x00\x01\x00\x00" + good[4:20],
        b"\x01\x01" + good[2:],
        b"\x00\x11" + good[2:],
        b"",
        b"\x00",
        b"\x03" * 20,
        b"\x00\x01" + (MAX_STUN_BYTES).to_bytes(2, "big") + good[4:20] + bytes(MAX_STUN_BYTES),
        RTP + bytes(MAX_DATAGRAM_BYTES),
    ]
    for data in forged:
        port.receive(data, STRANGER)
    assert port.answers.sent == []
    assert port.queued == 0
    assert len(port.connection._early_checks) == 0
    assert port.guarded._gate.validated == set()


async def test_strangers_who_know_the_name_have_a_budget(port: Port) -> None:
    """Each costs an HMAC, so only some are looked at; the speaker, once validated, does not share their budget."""
    burst, per_s = STRANGER_PACKETS
    port.receive(port.check(), SPEAKER)
    wrong = port.check(password="a" * 22)
    for _ in range(burst * 3):
        port.receive(wrong, STRANGER)
    newcomer = ("198.51.100.4", 7)
    port.receive(port.check(), newcomer)
    assert newcomer not in port.guarded._gate.validated
    port.receive(port.check(), SPEAKER)
    assert [address for _, address in port.answers.sent] == [SPEAKER, SPEAKER]
    port.clock.jump(seconds=2 / per_s)
    port.receive(port.check(), newcomer)
    assert newcomer in port.guarded._gate.validated


async def test_a_session_takes_only_so_many_packets(port: Port) -> None:
    burst, per_s = SPEAKER_PACKETS
    port.receive(port.check(), SPEAKER)
    for _ in range(burst * 2):
        port.receive(RTP, SPEAKER)
    assert port.queued == min(burst, QUEUED_DATAGRAMS)
    while port.queued:
        port.connection._queue.get_nowait()
    port.clock.jump(seconds=1)
    for _ in range(burst * 2):
        port.receive(RTP, SPEAKER)
    assert port.queued == per_s


def test_the_shortest_frames_of_opus_are_within_the_budget(clock: FakeClock) -> None:
    """400 a second with their reports and checks, for ten minutes, and a line that hangs now and then."""
    budget = Budget(SPEAKER_PACKETS, clock)
    for second in range(600):
        stalled = second % 60 == 59
        clock.jump(seconds=1.5 if stalled else 1)
        assert all(budget.take() for _ in range(605 if stalled else 405))


async def test_the_queue_is_bounded_whoever_fills_it(port: Port) -> None:
    port.receive(port.check(), SPEAKER)
    for _ in range(QUEUED_DATAGRAMS * 2):
        port.clock.jump(seconds=0.02)
        port.receive(RTP, SPEAKER)
    assert port.queued == QUEUED_DATAGRAMS


async def test_who_holds_the_password_brings_a_bounded_number_of_addresses(port: Port) -> None:
    for number in range(MOST_PAIRS * 2):
        port.clock.jump(seconds=0.1)
        port.receive(port.check(), ("192.0.2.7", 2000 + number))
    assert len(port.guarded._gate.validated) == MOST_PAIRS
    port.clock.jump(seconds=0.1)
    port.receive(port.check(), ("192.0.2.7", 2000))
    assert len(port.answers.sent) == MOST_PAIRS + 1


def test_a_budget_comes_back_at_its_rate(clock: FakeClock) -> None:
    budget = Budget((3, 2.0), clock)
    assert [budget.take() for _ in range(5)] == [True, True, True, False, False]
    clock.jump(seconds=1)
    assert [budget.take() for _ in range(3)] == [True, True, False]


def test_a_message_is_read_without_trusting_its_lengths() -> None:
    assert kind_of(b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12)) == 1
    assert kind_of(b"\x00\x01\x00\x04\x21\x12\xa4\x42" + bytes(12)) == -1
    assert username_of(bytes(20) + b"\x00\x06\xff\xffab") == b"ab"
    assert username_of(bytes(20) + b"\x00\x06") == b""
    assert username_of(bytes(20) + b"\x80\x22\x00\x01x\0\0\0\x00\x06\x00\x02abxx") == b"ab"
