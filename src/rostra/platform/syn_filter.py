"""A filter on a listening socket: the kernel drops what would begin a connection from certain networks.

It is a classic BPF program (Linux, SO_ATTACH_FILTER), for which no privilege is needed. Only packets with SYN are
looked at: sockets of accepted connections inherit the filter, and theirs pass after two instructions. Whoever is
dropped learns nothing and tries again after a second, then two, then four (RFC 6298); the process does not even wake.
"""

from __future__ import annotations

import ctypes
import socket
import struct
from collections.abc import Iterable
from typing import Final, Protocol

_SO_ATTACH_FILTER: Final = 26
_NET: Final = -0x100000
"""SKF_NET_OFF: from here on offsets count from the IP header; others, on a TCP socket, from the TCP header."""
_PASS, _DROP = 0xFFFFFFFF, 0
_LOAD_WORD, _LOAD_HALF, _LOAD_BYTE = 0x20, 0x28, 0x30
_AND, _JUMP, _IF_EQUAL, _IF_ANY, _RETURN = 0x54, 0x05, 0x15, 0x45, 0x06
_SYN, _FLAGS_AT = 0x02, 13
_V4_SOURCE, _V6_SOURCE = 12, 8
_V6: Final = 0x60
Instruction = tuple[int, int, int, int]
"""Code, what to skip if the condition holds, what if not, operand (linux/filter.h)."""


class Socket(Protocol):
    def setsockopt(self, level: int, name: int, value: bytes, /) -> None: ...


def program(networks: Iterable[str]) -> list[Instruction]:
    """networks: masked addresses in hexadecimal digits, 8 for a /24 of IPv4, 32 for a /48 of IPv6 (`Origin.network`).

    It has 2 instructions for each of IPv4, 5 for each of IPv6, and 10; the kernel takes 4096.
    """
    known = sorted(set(networks))
    v4 = [
        part for each in known if len(each) == 8 for part in ((_IF_EQUAL, 0, 1, int(each, 16)), (_RETURN, 0, 0, _DROP))
    ]
    v6 = [
        part
        for each in known
        if len(each) == 32
        for part in (
            (_LOAD_WORD, 0, 0, _NET + _V6_SOURCE),
            (_IF_EQUAL, 0, 3, int(each[:8], 16)),
            (_LOAD_HALF, 0, 0, _NET + _V6_SOURCE + 4),
            (_IF_EQUAL, 0, 1, int(each[8:12], 16)),
            (_RETURN, 0, 0, _DROP),
        )
    ]
    return [
        (_LOAD_BYTE, 0, 0, _FLAGS_AT),
        (_IF_ANY, 1, 0, _SYN),
        (_RETURN, 0, 0, _PASS),
        (_LOAD_BYTE, 0, 0, _NET),
        (_AND, 0, 0, 0xF0),
        (_IF_EQUAL, 0, 1, _V6),
        (_JUMP, 0, 0, 3 + len(v4)),
        (_LOAD_WORD, 0, 0, _NET + _V4_SOURCE),
        (_AND, 0, 0, 0xFFFFFF00),
        *v4,
        (_RETURN, 0, 0, _PASS),
        *v6,
        (_RETURN, 0, 0, _PASS),
    ]


def attach(listening: Socket, networks: Iterable[str]) -> None:
    """Drop what begins a connection from `networks`, and from no other. Raises OSError where the kernel cannot."""
    instructions = program(networks)
    code = b"".join(struct.pack("=HBBI", *each[:3], each[3] & 0xFFFFFFFF) for each in instructions)
    held = ctypes.create_string_buffer(code, len(code))
    listening.setsockopt(
        socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("@HP", len(instructions), ctypes.addressof(held))
    )
