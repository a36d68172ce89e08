"""The filter's program, run as the kernel would run it."""

from __future__ import annotations

import ipaddress
import struct

import pytest

from rostra.platform.syn_filter import Instruction, program
from rostra.shield.addresses import origin_of
from rostra.shield.barring import MOST_BARRED

SYN, ACK, PSH = 0x02, 0x10, 0x08
NET = -0x100000


def run(instructions: list[Instruction], ip: bytes, tcp: bytes) -> int:
    """A classic BPF machine with what the filter uses (linux/net/core/filter.c)."""
    a = at = 0
    while True:
        code, yes, no, operand = instructions[at]
        at += 1
        data, offset = (ip, operand - NET) if operand < 0 else (tcp, operand)
        match code:
            case 0x20:
                a = struct.unpack_from("!I", data, offset)[0]
            case 0x28:
                a = struct.unpack_from("!H", data, offset)[0]
            case 0x30:
                a = data[offset]
            case 0x54:
                a &= operand
            case 0x05:
                at += operand
            case 0x15:
                at += yes if a == operand else no
            case 0x45:
                at += yes if a & operand else no
            case 0x06:
                return operand
            case _:
                raise AssertionError(f"no such instruction: {code:#x}")


def passes(networks: list[str], address: str, flags: int = SYN) -> bool:
    source = ipaddress.ip_address(address)
    if source.version == 4:
        ip = bytes([0x45, *bytes(11)]) + source.packed + bytes(4)
    else:
        ip = bytes([0x60, *bytes(7)]) + source.packed + bytes(16)
    return run(program(networks), ip, bytes(13) + bytes([flags, *bytes(6)])) != 0


BARRED = [origin_of(each).network for each in ("203.0.113.5", "198.51.100.1", "2001:db8:1::1", "2001:db8:ff::")]


@pytest.mark.parametrize(
    "address",
    ["203.0.113.0", "203.0.113.255", "198.51.100.77", "2001:db8:1:ffff::1", "2001:db8:ff:1:2:3:4:5"],
)
def test_who_is_barred_begins_no_connection(address: str) -> None:
    assert not passes(BARRED, address)
    assert passes(BARRED, address, ACK | PSH)
    assert passes([], address)


@pytest.mark.parametrize(
    "address", ["203.0.112.255", "203.0.114.0", "198.51.101.1", "2001:db8:2::1", "2001:db9:1::1", "113.0.203.5"]
)
def test_everybody_else_does(address: str) -> None:
    assert passes(BARRED, address)


def test_as_many_as_may_be_barred_fit_into_every_kernel() -> None:
    """20,480 bytes of options a socket was the kernel's default for long, and an instruction has eight."""
    v6 = [f"20010db8{number:04x}" + "0" * 20 for number in range(MOST_BARRED)]
    assert len(program(v6)) * 8 <= 20_480
    assert not passes(v6, "2001:db8:1f3::1")
    assert passes(v6, "2001:db8:1f4::1")
    mixed = [*v6[:100], *(f"{number:06x}00" for number in range(400))]
    assert not passes(mixed, "0.1.143.9")
    assert not passes(mixed, "2001:db8:63::1")
    assert passes(mixed, "0.1.144.9")
