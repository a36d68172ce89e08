"""RTP past aiortc: read as it reads, heard with the right key alone, reported on, and sent so that it is heard."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pylibsrtp
import pytest
from aiortc.rtp import HeaderExtensionsMap, RtpPacket
from hypothesis import given
from hypothesis import strategies as st

from rostra.stage.rtp_path import MOST_SOURCES, Rtp, RtpPath, parsed
from tests.kit.clock import FakeClock

KEY = bytes(30)
TYPE = 96


class Wire:
    """A transceiver with keys and a socket, without a network: what a speaker encrypts, and what the stage sends."""

    def __init__(self) -> None:
        self.heard: list[Rtp] = []
        self.sent: list[tuple[bytes, Any]] = []
        socket = SimpleNamespace(is_closing=lambda: False, sendto=lambda *sent: self.sent.append(sent))
        pair = SimpleNamespace(protocol=SimpleNamespace(transport=socket), remote_addr=("192.0.2.1", 9))
        connection = SimpleNamespace(_nominated={1: pair})
        self.dtls = SimpleNamespace(
            _rx_srtp=_srtp(pylibsrtp.Policy.SSRC_ANY_INBOUND),
            _tx_srtp=_srtp(pylibsrtp.Policy.SSRC_ANY_OUTBOUND),
            _rtp_router=SimpleNamespace(ssrc_table={}),
            transport=SimpleNamespace(_connection=connection),
        )
        self.streams: dict[int, Any] = {}
        self.sender = SimpleNamespace(_ssrc=77)
        receiver = SimpleNamespace(
            transport=self.dtls, _RTCRtpReceiver__remote_streams=self.streams, _RTCRtpReceiver__codecs={TYPE: None}
        )
        codec = SimpleNamespace(payloadType=TYPE)
        transceiver: Any = SimpleNamespace(receiver=receiver, sender=self.sender, _codecs=[codec])
        self.path = RtpPath(transceiver, self.heard.append, FakeClock())
        self._speaker = _srtp(pylibsrtp.Policy.SSRC_ANY_OUTBOUND)

    def from_speaker(self, packet: RtpPacket) -> bytes:
        return self._speaker.protect(packet.serialize())


def _srtp(direction: int) -> pylibsrtp.Session:
    return pylibsrtp.Session(pylibsrtp.Policy(key=KEY, ssrc_type=direction))


@pytest.fixture
def wire() -> Wire:
    return Wire()


@given(st.binary(min_size=12, max_size=60))
def test_a_packet_is_read_as_aiortc_reads_it(data: bytes) -> None:
    data = bytes((0x80 | data[0] & 0x3F,)) + data[1:]
    try:
        packet = RtpPacket.parse(data, HeaderExtensionsMap())
    except ValueError:
        assert parsed(data) is None
    else:
        assert parsed(data) == (packet.ssrc, packet.sequence_number, packet.timestamp, packet.payload)


def test_what_a_speaker_says_is_heard_at_once(wire: Wire) -> None:
    packet = RtpPacket(payload_type=TYPE, sequence_number=7, timestamp=960, ssrc=5, payload=b"opus")
    assert wire.path.take(wire.from_speaker(packet))
    assert wire.heard == [Rtp(5, 7, 960, b"opus")]
    assert wire.streams[5].packets_received == 1
    assert 5 in wire.dtls._rtp_router.ssrc_table


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:-1] + bytes((data[-1] ^ 1,)),
        lambda data: data[:13],
        lambda data: data + bytes(1500),
    ],
    ids=["forged", "cut", "longer than any"],
)
def test_what_is_not_the_speakers_is_dropped(wire: Wire, spoil: Callable[[bytes], bytes]) -> None:
    data = wire.from_speaker(RtpPacket(payload_type=TYPE, sequence_number=7, ssrc=5, payload=b"opus"))
    assert wire.path.take(spoil(data))
    assert wire.heard == []


def test_a_packet_counts_once(wire: Wire) -> None:
    data = wire.from_speaker(RtpPacket(payload_type=TYPE, sequence_number=7, ssrc=5, payload=b"opus"))
    assert [wire.path.take(data), wire.path.take(data)] == [True, True]
    assert len(wire.heard) == 1


def test_another_codec_is_not_heard(wire: Wire) -> None:
    assert wire.path.take(wire.from_speaker(RtpPacket(payload_type=TYPE + 1, ssrc=5, payload=b"opus")))
    assert wire.heard == []


def test_all_else_is_left_to_aiortc(wire: Wire) -> None:
    """DTLS, RTCP (RFC 5761), and RTP that comes before the keys."""
    assert not wire.path.take(bytes((22,)) + bytes(40))
    assert not wire.path.take(bytes((0x80, 200)) + bytes(40))
    data = wire.from_speaker(RtpPacket(payload_type=TYPE, ssrc=5, payload=b"opus"))
    wire.dtls._rx_srtp = None
    assert not wire.path.take(data)


def test_a_speaker_with_many_sources_costs_no_memory(wire: Wire) -> None:
    for ssrc in range(1, 3 * MOST_SOURCES):
        wire.path.take(wire.from_speaker(RtpPacket(payload_type=TYPE, ssrc=ssrc, payload=b"opus")))
    assert len(wire.streams) == MOST_SOURCES
    assert list(wire.streams)[-1] == 3 * MOST_SOURCES - 1


def test_what_the_stage_sends_is_rtp_in_order(wire: Wire) -> None:
    """The first packet has the marker; numbers and times go on, and reports know of them (RFC 3550, 5.1 and 6.4.1)."""
    for block in range(3):
        wire.path.send(b"opus", block)
    ear = _srtp(pylibsrtp.Policy.SSRC_ANY_INBOUND)
    packets = [RtpPacket.parse(ear.unprotect(data)) for data, _ in wire.sent]
    assert {address for _, address in wire.sent} == {("192.0.2.1", 9)}
    assert [packet.marker for packet in packets] == [1, 0, 0]
    assert {(packet.ssrc, packet.payload_type, packet.payload) for packet in packets} == {(77, TYPE, b"opus")}
    assert (packets[2].sequence_number - packets[0].sequence_number) % 2**16 == 2
    assert (packets[2].timestamp - packets[0].timestamp) % 2**32 == 2 * 960
    told = vars(wire.sender)
    assert told["_RTCRtpSender__packet_count"] == 3
    assert told["_RTCRtpSender__octet_count"] == 12
    assert told["_RTCRtpSender__rtp_timestamp"] == packets[2].timestamp


def test_without_a_way_nothing_is_sent(wire: Wire) -> None:
    wire.dtls.transport._connection._nominated.clear()
    wire.path.send(b"opus", 0)
    assert wire.sent == []
