"""Where a request comes from: the address behind trusted proxies, and the networks that it lies in.

One person is a /32 of IPv4 or a /64 of IPv6 (RFC 6177), one neighbourhood a /24 or /48. An IPv4 address that came in an
IPv6 socket (::ffff:a.b.c.d, RFC 4291, 2.5.5.2) is the IPv4 address.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, NamedTuple

_MAPPED: Final = bytes(10) + b"\xff\xff"
HOPS_MAX: Final = 16
"""Of X-Forwarded-For, so many addresses are read from its end; who stands behind more proxies is the last of them."""

Network = IPv4Network | IPv6Network


class Origin(NamedTuple):
    """Two keys of one address.

    host: the /32 or /64, packed (4 or 8 bytes); network: the /24 or /48 as a ticket names it, the masked address in
    lower-case hexadecimal digits: 8 for IPv4, 32 for IPv6 (what HAProxy makes by `ipmask(24,48),hex,lower`).
    """

    host: bytes
    network: str


UNKNOWN: Final = Origin(b"", "")
"""Of a connection without an address (a Unix socket, or gone already): they share one place in every table."""


@lru_cache(maxsize=4096)
def origin_of(address: str) -> Origin:
    """The keys of an address in text; UNKNOWN for what is none. A zone (fe80::1%eth0) does not count."""
    packed = _packed(address)
    if len(packed) == 4:
        return Origin(packed, packed[:3].hex() + "00")
    if len(packed) == 16:
        return Origin(packed[:8], packed[:6].hex() + "00" * 10)
    return UNKNOWN


OURS: Final = frozenset({"7f000000", "0" * 32})
"""Networks of this machine (127.0.0.1, ::1): a proxy in front, or a tool of the operator."""


def _packed(address: str) -> bytes:
    try:
        if ":" not in address:
            return socket.inet_pton(socket.AF_INET, address)
        packed = socket.inet_pton(socket.AF_INET6, address.partition("%")[0])
    except (OSError, ValueError):  # ValueError: a zero byte or letters beyond ASCII
        return b""
    return packed[12:] if packed.startswith(_MAPPED) else packed


class Proxies:
    """Our own proxies: whose X-Forwarded-For is believed."""

    def __init__(self, networks: Sequence[Network] = ()) -> None:
        self._networks = tuple(networks)
        self._known = lru_cache(maxsize=4096)(self._read)

    def __contains__(self, address: str) -> bool:
        parsed = _parsed(address)
        return parsed is not None and any(parsed in network for network in self._networks)

    def touch(self, network: str) -> bool:
        """Whether one of them may have an address in a network (`Origin.network`)."""
        if len(network) == 8:
            found: Network = IPv4Network((bytes.fromhex(network), 24))
        else:
            found = IPv6Network((bytes.fromhex(network), 48))
        return any(type(each) is type(found) and each.overlaps(found) for each in self._networks)

    def client(self, peer: str, forwarded: str) -> str:
        """The address that a request comes from.

        peer: the other end of the connection; forwarded: X-Forwarded-For, several fields joined by commas. The field
        is read from its end, where the nearest proxy has written, and believed as long as a proxy of ours wrote: the
        first address that is none of ours is the client's, whatever it pretends further to the left. Fails closed:
        without proxies the field is never looked at, and what is no address counts as the proxy that passed it on.
        """
        if not self._networks or not forwarded:
            return peer
        return self._known(peer, forwarded)

    def _read(self, peer: str, forwarded: str) -> str:
        known = peer
        for hop in reversed(forwarded.rsplit(",", HOPS_MAX)[-HOPS_MAX:]):
            if known not in self or (text := _bare(hop.strip())) is None:
                break
            known = text
        return known


def _bare(hop: str) -> str | None:
    """An address of X-Forwarded-For without the port that some proxies add; None for what is none."""
    if hop.startswith("["):
        hop = hop[1:].partition("]")[0]
    elif hop.count(":") == 1:
        hop = hop.partition(":")[0]
    return hop if _parsed(hop) is not None else None


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        return parsed.ipv4_mapped
    return parsed
