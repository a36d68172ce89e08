"""What takes a process's powers away before it looks at a stranger's bytes.

Three walls, each of use without the others: resource limits (everywhere), a system call filter (seccomp: no sockets, no
programs, no other processes), and Landlock (no file but the given ones). The filter and Landlock need no privileges; a
kernel that lacks one of them leaves the other two. Sources: seccomp(2), landlock(7), linux/filter.h.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 1, 38, 22, 2
_LD, _JEQ, _JGE, _JSET, _RET = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_EPERM, _ENOSYS = 1, 38
_CLONE_THREAD: Final = 0x00010000
_X32: Final = 0x40000000
_NUMBERS: Final = {
    # audit architecture; clone; clone3; then socket, socketpair, fork, vfork, execve, execveat, kill, tkill, ptrace,
    # process_vm_readv, process_vm_writev, bpf, unshare, setns, mount, keyctl, perf_event_open, userfaultfd,
    # io_uring_setup, pidfd_send_signal, pidfd_open, pidfd_getfd
    "x86_64": (0xC000003E, 56, 435, (
        41, 53, 57, 58, 59, 322, 62, 200, 101, 310, 311, 321, 272, 308, 165, 250, 298, 323, 425, 424, 434, 438,
    )),
    "aarch64": (0xC00000B7, 220, 435, (
        198, 199, 221, 281, 129, 130, 117, 270, 271, 280, 97, 268, 40, 219, 241, 282, 425, 424, 434, 438,
    )),
}  # fmt: skip
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_READ: Final = 1 << 2 | 1 << 3
_WRITE: Final = _READ | 1 << 1 | 1 << 5 | 1 << 8 | 1 << 14
_HANDLED: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1}
_FILE_RIGHTS: Final = 1 | 1 << 1 | 1 << 2 | 1 << 14
_libc: Final = ctypes.CDLL(None, use_errno=True)


def limit_resources(*, memory_bytes: int, cpu_s: int, file_bytes: int) -> None:
    """Fails closed: beyond a limit an allocation fails or the kernel ends the process. It dies with its parent, too."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    for kind, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (allowed, allowed))


def confine(*, readable: Iterable[Path], writable: Path) -> tuple[str, ...]:
    """Raise the walls for this process and its threads, for good; the names of those that the kernel has.

    readable: the files to read, beside Python's own and the system's libraries. writable: the one folder to write in.
    """
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    walls = {"landlock": _landlock(readable, writable), "seccomp": _seccomp()}
    return tuple(name for name, stands in walls.items() if stands)


def _seccomp() -> bool:
    if (numbers := _NUMBERS.get(platform.machine())) is None:
        return False
    architecture, clone, clone3, refused = numbers
    program = [_step(_LD, 4), _step(_JEQ, architecture, 1, 0), _step(_RET, _KILL), _step(_LD, 0)]
    program += [_step(_JGE, _X32, 0, 1), _step(_RET, _ERRNO | _EPERM)]
    for number in refused:
        program += [_step(_JEQ, number, 0, 1), _step(_RET, _ERRNO | _EPERM)]
    # glibc starts threads by clone3 and falls back to clone, whose flags a filter can read.
    program += [_step(_JEQ, clone3, 0, 1), _step(_RET, _ERRNO | _ENOSYS)]
    program += [_step(_JEQ, clone, 1, 0), _step(_RET, _ALLOW), _step(_LD, 16)]
    program += [_step(_JSET, _CLONE_THREAD, 0, 1), _step(_RET, _ALLOW), _step(_RET, _ERRNO | _EPERM)]
    code = ctypes.create_string_buffer(b"".join(program))
    header = struct.pack("HxxxxxxP", len(program), ctypes.addressof(code))
    return bool(_libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.create_string_buffer(header), 0, 0) == 0)


def _step(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("HBBI", code, then, otherwise, value)


def _landlock(readable: Iterable[Path], writable: Path) -> bool:
    version = _libc.syscall(_CREATE_RULESET, None, 0, 1)
    if version < 1:
        return False
    handled = _HANDLED.get(version, (1 << 15) - 1)
    attributes = ctypes.create_string_buffer(struct.pack("Q", handled), 8)
    if (rules := _libc.syscall(_CREATE_RULESET, attributes, 8, 0)) < 0:
        return False
    try:
        for path in (*readable, *_own_files()):
            _allow(rules, path, _READ & handled)
        _allow(rules, writable, _WRITE & handled)
        return bool(_libc.syscall(_RESTRICT_SELF, rules, 0) == 0)
    finally:
        os.close(rules)


def _own_files() -> Iterable[Path]:
    """Libraries and modules that may still be loaded; never a data folder."""
    package = Path(__file__).parents[2]
    system = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/dev/null", "/dev/urandom", "/sys/devices/system/cpu")
    return [Path(sys.prefix) / "lib", Path(sys.base_prefix) / "lib", package, *map(Path, system)]


def _allow(rules: int, path: Path, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        rights = rights if path.is_dir() else rights & _FILE_RIGHTS
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, place), 12)
        _libc.syscall(_ADD_RULE, rules, 1, rule, 0)
    finally:
        os.close(place)
