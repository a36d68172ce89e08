"""Whether a port can be listened on, said before anything else starts; and a port that is free."""

from __future__ import annotations

import errno
import socket
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Final

from rostra.platform.errors import RostraError
from rostra.platform.randomness import random_below

LOWEST: Final = 10_000
_EPHEMERAL: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
_USUAL_EPHEMERAL: Final = 32_768


class PortTaken(RostraError):
    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "port_taken"


def require_free(name: str, host: str, port: int) -> None:
    """Raises PortTaken with what to do. The HTTP server alone would not notice: it shares ports (SO_REUSEPORT)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                text = f"Port {port} ({name}) is in use. Stop what uses it, or choose another (--port, {name}_port)."
            elif error.errno == errno.EACCES:
                text = f"Port {port} ({name}) needs more rights. Choose one above 1023: --port, or {name}_port."
            else:
                text = f"The {name} cannot listen on {host}:{port} ({error.strerror}). Check bind_host."
            raise PortTaken(str(error), user_message=text) from error


def free_port(count: int = 1) -> int:
    """The first of `count` ports in a row that are free on loopback, below those that the system lends to connections.

    A lent port may be in use when a process that died comes back for it; and whoever connects to it on loopback
    while nobody listens may be lent that very port, and then speaks to itself.
    """
    for _ in range(1000):
        first = LOWEST + random_below(_first_lent() - LOWEST - count)
        with suppress(OSError):
            for port in range(first, first + count):
                socket.create_server(("127.0.0.1", port)).close()
            return first
    raise PortTaken(f"no {count} free ports in a row", user_message="No port is free. Stop what uses so many.")


def _first_lent() -> int:
    """The lowest port that the system lends to outgoing connections."""
    with suppress(OSError, ValueError, IndexError):
        first = int(_EPHEMERAL.read_text().split()[0])
        if first >= 2 * LOWEST:
            return first
    return _USUAL_EPHEMERAL
