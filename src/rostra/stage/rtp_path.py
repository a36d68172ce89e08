"""RTP between a session's socket and its voice, past the stops that aiortc makes on the way.

aiortc queues each datagram, wakes a task for it, and builds and takes apart an object with all header extensions; to
send, a packet waits for a second task. With 13 speakers who all talk that was a third of the stage's processor time
(profile of the mixing process: 27 % receiving, 8 % sending). Here a datagram that has the form of RTP is decrypted and
heard within the socket's own call, and a packet goes out within the mixer's. DTLS, ICE, RTCP and whatever comes before
the keys are aiortc's as before; its reports are fed with what passes here.

The seam is private names of aiortc 1.16: `tests/unit/stage/test_seams.py` fails when one is gone.
Sources: RFC 3550 section 5.1 (header), RFC 5761 section 4 (what is RTCP), RFC 3711 (SRTP), RFC 7587 (Opus over RTP).
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import pylibsrtp
from aiortc import MediaStreamTrack, RTCRtpTransceiver
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpreceiver import StreamStatistics

from rostra.media.clock import BLOCK_SAMPLES, SAMPLE_RATE_HZ
from rostra.platform import metrics
from rostra.platform.clock import Clock
from rostra.platform.randomness import random_bits

MOST_SOURCES: Final = 16
"""SSRCs of one session that are reported on; one more and the oldest is forgotten."""
_HEADER: Final = struct.Struct("!BBHII")
_VERSION_2: Final = 0x80
_PADDING, _EXTENSION, _CSRC_COUNT = 0x20, 0x10, 0x0F
_MARKER: Final = 0x80
_NTP_EPOCH_S: Final = 2_208_988_800
"""From 1900 to 1970."""
_STREAMS: Final = "_RTCRtpReceiver__remote_streams"
_CODECS: Final = "_RTCRtpReceiver__codecs"
_SENT: Final = tuple(f"_RTCRtpSender__{name}" for name in ("ntp_timestamp", "rtp_timestamp", "packet_count"))
_SENT_NTP, _SENT_RTP, _SENT_PACKETS = _SENT
_SENT_OCTETS: Final = "_RTCRtpSender__octet_count"
_dropped = metrics.counter("stage_dropped_rtp", "RTP of a session that was not heard.", ("why",))
_UNAUTHENTIC, _MALFORMED, _UNKNOWN_TYPE = (_dropped.labels(why) for why in ("unauthentic", "malformed", "unknown_type"))


class Rtp(NamedTuple):
    """What of an RTP packet counts here. The names are aiortc's, whose statistics read them."""

    ssrc: int
    sequence_number: int
    timestamp: int
    payload: bytes


Hear = Callable[[Rtp], None]


class NoTrack(MediaStreamTrack):
    """Keeps aiortc's sender alive, for its reports, and gives it nothing to send."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._stopped = asyncio.Event()

    async def recv(self) -> Any:
        """Waits for the end. Raises MediaStreamError."""
        await self._stopped.wait()
        raise MediaStreamError

    def stop(self) -> None:
        super().stop()
        self._stopped.set()


class RtpPath:
    """Both ways of one transceiver. `hear` gets what comes; `send` takes Opus packets of 20 ms."""

    def __init__(self, transceiver: RTCRtpTransceiver, hear: Hear, clock: Clock) -> None:
        self._hear = hear
        self._clock = clock
        self._transceiver: Any = transceiver
        self._receiver: Any = transceiver.receiver
        self._sender: Any = transceiver.sender
        self._dtls: Any = transceiver.receiver.transport
        self._codecs: dict[int, Any] = getattr(self._receiver, _CODECS)
        self._streams: dict[int, StreamStatistics] = getattr(self._receiver, _STREAMS)
        self._report_to: dict[str, Any] = vars(transceiver.sender)
        self._sequence = random_bits(16)
        self._timestamp0 = random_bits(32)
        self._packets = self._octets = 0

    def take(self, data: bytes) -> bool:
        """Hear a datagram if it is SRTP and the keys are there; whether that was so. The rest goes aiortc's way."""
        srtp = self._dtls._rx_srtp
        if srtp is None or len(data) < _HEADER.size or data[0] & 0xC0 != _VERSION_2 or 64 <= data[1] & 0x7F < 96:
            return False
        try:
            packet = srtp.unprotect(data)
        except (pylibsrtp.Error, ValueError):
            _UNAUTHENTIC.inc()
            return True
        if packet[1] & 0x7F not in self._codecs:
            _UNKNOWN_TYPE.inc()
        elif (heard := parsed(packet)) is None:
            _MALFORMED.inc()
        else:
            self._statistics(heard.ssrc).add(heard)  # type: ignore[arg-type]  # all that it reads is there
            self._hear(heard)
        return True

    def send(self, payload: bytes, block: int) -> None:
        """Send 20 ms of Opus as block number `block` of this session; lost when there is no way to the speaker."""
        srtp, pair = self._dtls._tx_srtp, self._dtls.transport._connection._nominated.get(1)
        if srtp is None or pair is None or pair.protocol.transport.is_closing():
            return
        timestamp = (self._timestamp0 + block * BLOCK_SAMPLES) & 0xFFFFFFFF
        kind = self._transceiver._codecs[0].payloadType | (_MARKER if self._packets == 0 else 0)
        header = _HEADER.pack(_VERSION_2, kind, self._sequence, timestamp, self._sender._ssrc)
        pair.protocol.transport.sendto(srtp.protect(header + payload), pair.remote_addr)
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._packets += 1
        self._octets += len(payload)
        self._report(timestamp)

    def _report(self, timestamp: int) -> None:
        """Tell aiortc's sender what was sent, for its reports (RFC 3550, 6.4.1)."""
        facts = self._report_to
        facts[_SENT_NTP] = (_NTP_EPOCH_S << 32) + (self._clock.now_us() << 32) // 1_000_000
        facts[_SENT_RTP] = timestamp
        facts[_SENT_PACKETS] = self._packets
        facts[_SENT_OCTETS] = self._octets

    def _statistics(self, ssrc: int) -> StreamStatistics:
        found = self._streams.get(ssrc)
        if found is None:
            if len(self._streams) >= MOST_SOURCES:
                del self._streams[next(iter(self._streams))]
            found = self._streams[ssrc] = StreamStatistics(SAMPLE_RATE_HZ)
            self._dtls._rtp_router.ssrc_table.setdefault(ssrc, self._receiver)
        return found


def parsed(packet: bytes) -> Rtp | None:
    """An RTP packet of at least 12 bytes without its header; None when its lengths do not fit."""
    first, _, sequence, timestamp, ssrc = _HEADER.unpack_from(packet)
    start, end = _HEADER.size + 4 * (first & _CSRC_COUNT), len(packet)
    if first & _EXTENSION:
        if end < start + 4:
            return None
        start += 4 + 4 * (packet[start + 2] << 8 | packet[start + 3])
    if first & _PADDING:
        end -= packet[-1] or end
    return Rtp(ssrc, sequence, timestamp, packet[start:end]) if start <= end else None
