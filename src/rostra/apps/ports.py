"""Whether a port can be listened on, said before anything else starts."""

from __future__ import annotations

import errno
import socket
from http import HTTPStatus

from rostra.platform.errors import RostraError


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
