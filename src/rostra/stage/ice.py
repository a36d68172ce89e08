"""ICE as a stage needs it, fitted onto aioice's connections.

aioice never offers loopback, takes any port, queues whatever datagram reaches its socket, and gives up a peer
that does not answer consent checks, which FFmpeg does not. Here the addresses and ports are the configured
ones, a guard stands before each socket (`guard`), and a line lives as long as its RTP does. The seam is private names
of aioice 0.13: `tests/unit/stage/test_seams.py` fails when one is gone.
"""

from __future__ import annotations

import asyncio
import ipaddress
from dataclasses import dataclass
from typing import Any

from aioice import ice
from aioice.candidate import Candidate, candidate_foundation, candidate_priority

from rostra.platform.clock import Clock
from rostra.platform.errors import Unavailable
from rostra.platform.log import get_logger
from rostra.platform.randomness import random_bits
from rostra.stage.guard import Gate, Guarded, TakeRtp, none_taken

_log = get_logger(__name__)


class NoMediaPort(Unavailable):
    code = "no_media_port"
    user_message = "The stage has no free UDP port left for your sound. Tell the organiser to widen media_ports."


@dataclass(frozen=True, slots=True)
class MediaAddresses:
    """Where sound comes in.

    addresses: offered as host candidates; one that the machine does not have (a public address behind 1:1 NAT)
    is offered all the same, on a socket that is bound to all addresses. Empty: those of the machine.
    ports: first and last UDP port; None takes any.
    """

    addresses: tuple[str, ...] = ()
    ports: tuple[int, int] | None = None
    loopback: bool = False

    def offered(self) -> list[str]:
        if self.addresses:
            return list(self.addresses)
        found: list[str] = ["127.0.0.1"] if self.loopback else []
        return found + [each for each in ice.get_host_addresses(use_ipv4=True, use_ipv6=True) if each not in found]


def fit(connection: Any, addresses: MediaAddresses, clock: Clock, rtp: TakeRtp = none_taken) -> None:
    """Make an aioice connection gather and listen as configured, and offer RTP to `rtp`. Call before it gathers."""
    connection.get_component_candidates = _Gathering(connection, addresses, Gate(connection, clock, rtp))
    connection.query_consent = _no_consent_checks


async def _no_consent_checks() -> None:
    """Whether a line lives is told by its RTP (`Voice.heard_within`), and nothing is sent to one that does not."""


class _Gathering:
    """Host candidates on the configured addresses and ports."""

    def __init__(self, connection: ice.Connection, addresses: MediaAddresses, gate: Gate) -> None:
        self._connection = connection
        self._addresses = addresses
        self._gate = gate

    async def __call__(self, component: int, addresses: list[str], timeout: int = 5) -> list[Candidate]:  # noqa: ASYNC109
        candidates = []
        for address in self._addresses.offered():
            protocol = await self._listen(address)
            if protocol is None:
                continue
            protocol.local_candidate = Candidate(
                foundation=candidate_foundation("host", "udp", address),
                component=component,
                transport="udp",
                priority=candidate_priority(component, "host"),
                host=address,
                port=protocol.transport.get_extra_info("sockname")[1],
                type="host",
            )
            self._connection._protocols.append(protocol)
            candidates.append(protocol.local_candidate)
        if not candidates:
            raise NoMediaPort(f"nothing bound on {self._addresses}")
        return candidates

    async def _listen(self, address: str) -> Guarded | None:
        """A socket for `address`, or None if the machine has no port for it."""
        loop = asyncio.get_running_loop()
        anywhere = "::" if ipaddress.ip_address(address.partition("%")[0]).version == 6 else "0.0.0.0"  # noqa: S104
        for host in dict.fromkeys((address, anywhere) if self._addresses.addresses else (address,)):
            for port in self._ports():
                try:
                    _, protocol = await loop.create_datagram_endpoint(
                        lambda: Guarded(self._gate), local_addr=(host, port)
                    )
                except OSError as error:
                    _log.debug("media_port_busy", host=host, port=port, error=str(error))
                    continue
                return protocol
        return None

    def _ports(self) -> list[int]:
        """All ports of the range once, from a random one on."""
        if self._addresses.ports is None:
            return [0]
        first, last = self._addresses.ports
        count = last - first + 1
        start = random_bits(32) % count
        return [first + (start + step) % count for step in range(count)]
