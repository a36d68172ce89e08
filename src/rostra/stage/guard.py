"""What stands between a session's UDP port and aioice: whoever is not the speaker costs next to nothing.

aioice verifies, answers and queues whatever reaches its socket: a binding request with a wrong password is answered
(which reflects), STUN that it cannot read lands in the media's queue, which has no bound, and an authentic sender may
bring any number of addresses. Here a datagram is judged in order of cost, and dropped without a word: its size, its
form, the session's own user name in it (RFC 8445, 7.2.2), the budget of strangers, and only then the HMAC. Media
(DTLS, SRTP) passes only from addresses that ICE has validated: one that sent a request with the right password, or
that answered ours. So no stranger's ClientHello can win a race against the speaker's.

Every bound here fails closed: what is above it is lost, and DTLS, RTP and ICE all live with loss.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, Final

from aioice import ice, stun

from rostra.platform import metrics
from rostra.platform.clock import Clock

QUEUED_DATAGRAMS: Final = 500
"""Per session: some ten seconds of sound that nobody has taken yet."""
MAX_DATAGRAM_BYTES: Final = 2048
MAX_STUN_BYTES: Final = 548
"""What STUN may have where the MTU is unknown (RFC 8489, 6.1). A check has about 120."""
MOST_PAIRS: Final = 100
"""Candidate pairs of a session (RFC 8445, 6.1.2.5); who holds the password cannot bring more addresses than these."""
SPEAKER_PACKETS: Final = (800, 450.0)
"""Burst and packets a second from validated addresses. A voice sends 50, with the shortest frames of Opus (2.5 ms) 400;
after a stall two seconds come at once.
"""
STRANGER_PACKETS: Final = (100, 50.0)
"""The same for checks that name the session, from all other addresses together. A browser sends 20 a second."""
_HEADER: Final = struct.Struct("!HHI")
_ATTRIBUTE: Final = struct.Struct("!HH")
_HEADER_BYTES: Final = 20
_COOKIE: Final = 0x2112A442
_REQUEST, _RESPONSE, _ERROR = 0x0001, 0x0101, 0x0111
_USERNAME: Final = 0x0006
_dropped = metrics.counter("stage_dropped_datagrams", "Datagrams dropped before ICE or DTLS saw them.", ("why",))
_OVERSIZED, _MALFORMED, _UNKNOWN_UFRAG, _UNKNOWN_ADDRESS, _FORGED, _BUDGET, _QUEUE = (
    _dropped.labels(why)
    for why in ("oversized", "malformed", "unknown_ufrag", "unknown_address", "forged", "budget", "queue")
)


TakeRtp = Callable[[bytes], bool]


def none_taken(_: bytes) -> bool:
    """All RTP goes aiortc's way."""
    return False


class Budget:
    """So many packets at once, then so many a second (GCRA; see `rostra.shield.limits`)."""

    def __init__(self, burst_and_rate: tuple[int, float], clock: Clock) -> None:
        burst, per_s = burst_and_rate
        self._interval_s = 1 / per_s
        self._ahead_s = burst / per_s
        self._clock = clock
        self._empty_at = 0.0

    def take(self) -> bool:
        """Whether one more packet is within the budget; if not it is not counted."""
        now = self._clock.monotonic()
        empty_at = max(self._empty_at, now) + self._interval_s
        if empty_at - now > self._ahead_s + 1e-9:  # rounding of floats is no offence
            return False
        self._empty_at = empty_at
        return True


class Gate:
    """What all sockets of one ICE connection share: the addresses that it has validated, and the budgets.

    rtp: takes RTP at once and says whether it was any; what it does not take waits for aiortc.
    """

    def __init__(self, connection: Any, clock: Clock, rtp: TakeRtp = none_taken) -> None:
        self.connection = connection
        self.rtp = rtp
        self.speaker = Budget(SPEAKER_PACKETS, clock)
        self.strangers = Budget(STRANGER_PACKETS, clock)
        self.validated: set[tuple[str, int]] = set()

    def validates(self, source: tuple[str, int]) -> bool:
        """Whether media may come from `source`."""
        if source in self.validated:
            return True
        succeeded = ice.CandidatePair.State.SUCCEEDED
        if any(pair.remote_addr == source and pair.state is succeeded for pair in self.connection._check_list):
            self.validated.add(source)
            return True
        return False

    def has_room(self, source: tuple[str, int]) -> bool:
        """Whether ICE may learn this address: it knows it, or has not too many yet."""
        pairs = self.connection._check_list
        if source in self.validated or any(pair.remote_addr == source for pair in pairs):
            return True
        return len(pairs) < MOST_PAIRS and len(self.validated) < MOST_PAIRS

    def names_us(self, data: bytes) -> bool:
        """Whether a binding request carries the user name of this ICE session."""
        local, remote = self.connection.local_username, self.connection.remote_username
        found = username_of(data)
        if remote is None:
            return found.startswith(f"{local}:".encode())
        return found == f"{local}:{remote}".encode()


class Guarded(ice.StunProtocol):
    """A socket of aioice that hands on what `Gate` lets through."""

    def __init__(self, gate: Gate) -> None:
        super().__init__(gate.connection)
        self._gate = gate

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        if not data or isinstance(data, str):
            return
        source = (addr[0], addr[1])
        if len(data) > MAX_DATAGRAM_BYTES:
            _OVERSIZED.inc()
        elif data[0] >= 4:
            self._media(data, source)
        elif len(data) > MAX_STUN_BYTES:
            _OVERSIZED.inc()
        else:
            self._stun(data, source)

    def _media(self, data: bytes, source: tuple[str, int]) -> None:
        if not self._gate.validates(source):
            _UNKNOWN_ADDRESS.inc()
        elif not self._gate.speaker.take():
            _BUDGET.inc()
        elif self._gate.rtp(data):
            return
        elif self.receiver._queue.qsize() >= QUEUED_DATAGRAMS:
            _QUEUE.inc()
        else:
            self.receiver.data_received(data, self.local_candidate.component)

    def _stun(self, data: bytes, source: tuple[str, int]) -> None:
        kind = kind_of(data)
        if kind == _REQUEST:
            if not self._gate.names_us(data):
                _UNKNOWN_UFRAG.inc()
                return
        elif kind not in (_RESPONSE, _ERROR) or data[8:_HEADER_BYTES] not in self.transactions:
            _MALFORMED.inc()
            return
        budget = self._gate.speaker if source in self._gate.validated else self._gate.strangers
        if not budget.take():
            _BUDGET.inc()
            return
        try:
            message = stun.parse_message(data)
        except (ValueError, IndexError, struct.error):
            _MALFORMED.inc()
            return
        if kind == _REQUEST:
            self._check(message, source)
        else:
            self.transactions[message.transaction_id].response_received(message, source)

    def _check(self, message: stun.Message, source: tuple[str, int]) -> None:
        """A connectivity check that names this session: if its password is right, its address is validated."""
        if (
            "PRIORITY" not in message.attributes
            or "MESSAGE-INTEGRITY" not in message.attributes
            or not message.check_message_integrity(self.receiver.local_password.encode())
        ):
            _FORGED.inc()
        elif not self._gate.has_room(source):
            _BUDGET.inc()
        else:
            self._gate.validated.add(source)
            self.receiver.request_received(message, source, self)


def kind_of(data: bytes) -> int:
    """The message type of what has the form of STUN (RFC 8489, 5); -1 for anything else."""
    if len(data) < _HEADER_BYTES:
        return -1
    kind, length, cookie = _HEADER.unpack_from(data)
    return kind if cookie == _COOKIE and length == len(data) - _HEADER_BYTES and length % 4 == 0 else -1


def username_of(data: bytes) -> bytes:
    """The value of the first USERNAME in a STUN message; empty when there is none. Nothing is verified."""
    at = _HEADER_BYTES
    while at + _ATTRIBUTE.size <= len(data):
        kind, length = _ATTRIBUTE.unpack_from(data, at)
        if kind == _USERNAME:
            return data[at + 4 : at + 4 + length]
        at += 4 + length + -length % 4
    return b""
