"""A machine with two networks for a test: a network namespace with two cables, one of which can be pulled.

Needs root, as the run of the tests has it. Everything goes when the block ends.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True)
    assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr}"


@dataclass(frozen=True)
class Phone:
    """A namespace with `wifi` and `mobile`. server: the address by which both reach this machine; walled: one more."""

    namespace: str
    server: str
    walled: str
    _cables: dict[str, str]
    _prefix: str

    def program(self, path: Path, executable: str) -> Path:
        """A script at `path` that starts `executable` inside."""
        path.write_text(f'#!/bin/sh\nexec ip netns exec {self.namespace} {executable} "$@"\n')
        path.chmod(0o755)
        return path

    def pull(self, network: str) -> None:
        """The network is gone, and its address with it."""
        _ip("-n", self.namespace, "link", "set", network, "down")
        _ip("-n", self.namespace, "address", "flush", "dev", network)

    def wall(self) -> str:
        """An address of this machine to which nothing of the phone gets through; nobody tells the phone."""
        _ip("-n", self.namespace, "link", "add", "wall", "type", "veth", "peer", "name", "behind")
        for end in ("wall", "behind"):
            _ip("-n", self.namespace, "link", "set", end, "up")
        # Nobody behind the wall answers ARP, so the neighbour is written down.
        _ip("-n", self.namespace, "neighbour", "add", self.walled, "lladdr", "02:00:00:00:00:01", "dev", "wall")
        _ip("-n", self.namespace, "route", "add", self.walled, "dev", "wall")
        return self.walled

    def plug(self, network: str) -> None:
        """The network is there (again)."""
        number = list(self._cables).index(network) + 1
        _ip("-n", self.namespace, "address", "add", f"{self._prefix}.{number}.2/24", "dev", network)
        _ip("-n", self.namespace, "link", "set", network, "up")
        gateway = f"{self._prefix}.{number}.1"
        _ip("-n", self.namespace, "route", "replace", "default", "via", gateway, "metric", str(number * 10))


@contextmanager
def a_phone() -> Iterator[Phone]:
    """Both networks are set up; none is plugged in yet."""
    number = os.getpid() % 200 + 20
    namespace, prefix = f"rostra{os.getpid()}", f"10.{number}"
    server, walled = f"{prefix}.0.1", f"{prefix}.0.2"
    cables = {"wifi": f"rw{os.getpid()}", "mobile": f"rm{os.getpid()}"}
    try:
        _ip("netns", "add", namespace)
        for address in (server, walled):
            _ip("address", "add", f"{address}/32", "dev", "lo")
        _ip("-n", namespace, "link", "set", "lo", "up")
        for at, (network, cable) in enumerate(cables.items(), start=1):
            _ip("link", "add", cable, "type", "veth", "peer", "name", network, "netns", namespace)
            _ip("address", "add", f"{prefix}.{at}.1/24", "dev", cable)
            _ip("link", "set", cable, "up")
        yield Phone(namespace, server, walled, cables, prefix)
    finally:
        subprocess.run(["ip", "netns", "delete", namespace], capture_output=True)
        for address in (server, walled):
            subprocess.run(["ip", "address", "delete", f"{address}/32", "dev", "lo"], capture_output=True)
        for cable in cables.values():
            subprocess.run(["ip", "link", "delete", cable], capture_output=True)
