"""Listening on a port, where `::` means what people mean by it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable


async def listen(protocol: Callable[[], asyncio.Protocol], host: str, port: int, *, backlog: int) -> asyncio.Server:
    """Accept connections, each with a protocol of its own. Raises OSError.

    `::` is every address of both families: an event loop alone would take it for those of IPv6 and refuse the others.
    """
    loop = asyncio.get_running_loop()
    if host != "::":
        return await loop.create_server(protocol, host, port, backlog=backlog)
    both = socket.create_server((host, port), family=socket.AF_INET6, backlog=backlog, dualstack_ipv6=True)
    return await loop.create_server(protocol, sock=both, backlog=backlog)
