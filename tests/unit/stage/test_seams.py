"""The private names of aiortc and aioice that the stage leans on. When one is gone, these tests say so first."""

from __future__ import annotations

import inspect
import socket
from importlib.metadata import version

import pytest
from aioice import ice, stun
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.rtcrtpreceiver import StreamStatistics

from rostra.apps.ports import free_port
from rostra.platform.clock import SystemClock
from rostra.stage.ice import MediaAddresses, NoMediaPort, fit
from tests.kit.plain_rtc import OpusTrack


async def peer_with(addresses: MediaAddresses) -> RTCPeerConnection:
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    transceiver = peer.addTransceiver(OpusTrack())
    fit(transceiver.receiver.transport.transport._connection, addresses, SystemClock())
    return peer


def candidates(peer: RTCPeerConnection) -> list[tuple[str, int]]:
    lines = [line.split() for line in peer.localDescription.sdp.splitlines() if line.startswith("a=candidate:")]
    return [(line[4], int(line[5])) for line in lines]


def test_the_versions_are_the_ones_that_were_read() -> None:
    assert version("aiortc") == "1.16.0"
    assert version("aioice") == "0.13.0"


async def test_aiortc_has_what_the_path_of_rtp_leans_on() -> None:
    """Keys, codecs, statistics and counters are where `rtp_path` reads and writes them."""
    peer = RTCPeerConnection()
    transceiver = peer.addTransceiver("audio")
    receiver, sender, dtls = transceiver.receiver, transceiver.sender, transceiver.receiver.transport
    assert getattr(receiver, "_RTCRtpReceiver__codecs") == {}  # noqa: B009  # private to its class
    assert getattr(receiver, "_RTCRtpReceiver__remote_streams") == {}  # noqa: B009
    assert isinstance(sender._ssrc, int)
    for name in ("ntp_timestamp", "rtp_timestamp", "packet_count", "octet_count"):
        assert getattr(sender, f"_RTCRtpSender__{name}") == 0
    assert (dtls._rx_srtp, dtls._tx_srtp) == (None, None)
    assert dtls._rtp_router.ssrc_table == {}
    assert dtls.transport._connection._nominated == {}
    assert transceiver._codecs == []
    assert "packet.sequence_number" in inspect.getsource(StreamStatistics.add)
    await peer.close()


def test_aioice_has_what_we_replace() -> None:
    names = vars(ice.Connection)
    for name in ("get_component_candidates", "query_consent"):
        assert inspect.iscoroutinefunction(names[name])
    connection = ice.Connection(ice_controlling=False)
    assert connection._check_list == []
    assert connection._protocols == []
    assert connection._queue.qsize() == 0
    assert connection._event_waiter is None
    for name in ("data_received", "request_received"):
        assert callable(names[name])
    assert (connection.remote_username, len(connection.local_username)) == (None, 4)
    assert list(inspect.signature(ice.StunProtocol.datagram_received).parameters) == ["self", "data", "addr"]
    assert list(inspect.signature(stun.Transaction.response_received).parameters) == ["self", "message", "addr"]


async def test_an_ice_transport_has_what_a_restart_replaces() -> None:
    """The transport and its gatherer hold the connection, and the transport its two bound methods."""
    peer = await peer_with(MediaAddresses(addresses=("127.0.0.1",)))
    transport = peer.getTransceivers()[0].receiver.transport.transport
    connection = transport._connection
    assert transport.iceGatherer._connection is connection
    assert (transport._recv, transport._send) == (connection.recv, connection.send)
    assert transport.state == "new"
    await peer.close()


async def test_loopback_is_offered() -> None:
    peer = await peer_with(MediaAddresses(addresses=("127.0.0.1",)))
    await peer.setLocalDescription(await peer.createOffer())
    assert [host for host, _ in candidates(peer)] == ["127.0.0.1"]
    await peer.close()


async def test_ports_come_from_the_range() -> None:
    """Each session takes a free port of the range; when none is left the speaker is told."""
    first = free_port()
    addresses = MediaAddresses(addresses=("127.0.0.1",), ports=(first, first + 1))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as busy:
        busy.bind(("127.0.0.1", first))
        peer = await peer_with(addresses)
        await peer.setLocalDescription(await peer.createOffer())
        assert candidates(peer) == [("127.0.0.1", first + 1)]
        late = await peer_with(MediaAddresses(addresses=("127.0.0.1",), ports=(first, first)))
        with pytest.raises(NoMediaPort):
            await late.setLocalDescription(await late.createOffer())
        await late.close()
    await peer.close()


async def test_a_public_address_is_offered_from_behind_nat() -> None:
    """An address that the machine does not have is announced on a socket bound to all."""
    peer = await peer_with(MediaAddresses(addresses=("192.0.2.77",)))
    await peer.setLocalDescription(await peer.createOffer())
    assert [host for host, _ in candidates(peer)] == ["192.0.2.77"]
    await peer.close()
