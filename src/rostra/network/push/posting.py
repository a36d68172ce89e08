"""Posting a message to a push service, an address that a stranger chose: only public hosts, only https (RFC 8030).

The rules are those of link previews: the name is resolved once, every address of it is checked, and the connection
goes to the checked address. There are no redirects here, and of the answer only the status and one header are read.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import httpcore

import rostra
from rostra.network.previews import NoPreview, Pinned, Policy, Resolve, resolve

TTL: Final = timedelta(days=1)
"""So long the push service keeps a message for a device that is off."""
TOTAL_S: Final = 10.0
RETRY_AFTER_MAX_S: Final = 3600


class Verdict(Enum):
    """sent. gone: there is no such subscription any more. refused: this message will never do. later: try again."""

    SENT = "sent"
    GONE = "gone"
    REFUSED = "refused"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Outcome:
    """reason: one word or a status, for the log. retry_after_s: what the service asked for, 0 for nothing."""

    verdict: Verdict
    reason: str
    retry_after_s: int = 0


class Poster:
    """policy, resolver, tls: of tests; by default the internet, port 443, and whom the system trusts."""

    def __init__(
        self,
        *,
        resolver: Resolve = resolve,
        policy: Policy | None = None,
        tls: ssl.SSLContext | None = None,
        total_s: float = TOTAL_S,
    ) -> None:
        self._policy = policy or Policy(ports=frozenset({443}))
        self._network = Pinned(resolver, self._policy)
        self._tls = tls or ssl.create_default_context()
        self._total_s = total_s

    async def post(self, endpoint: str, body: bytes, *, authorization: str, topic: str) -> Outcome:
        """topic: a later message with the same one takes the place of this one while it waits (RFC 8030, 5.4)."""
        parts = urlsplit(endpoint)
        if parts.scheme != "https" or (parts.port or 443) not in self._policy.ports:
            return Outcome(Verdict.GONE, "address_refused")
        headers = {
            "Host": parts.netloc,
            "User-Agent": f"Rostra/{rostra.__version__}",
            "Content-Type": "application/octet-stream",
            "Content-Encoding": "aes128gcm",
            "Content-Length": str(len(body)),
            "TTL": str(int(TTL.total_seconds())),
            "Urgency": "normal",
            "Topic": topic,
            "Authorization": authorization,
            "Connection": "close",
        }
        try:
            async with asyncio.timeout(self._total_s):
                return await self._send(endpoint, body, headers)
        except NoPreview as error:
            verdict = Verdict.GONE if error.reason == "address_refused" else Verdict.LATER
            return Outcome(verdict, error.reason)
        except TimeoutError:
            return Outcome(Verdict.LATER, "too_slow")
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError) as error:
            return Outcome(Verdict.LATER, type(error).__name__)

    async def _send(self, endpoint: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
        pool = httpcore.AsyncConnectionPool(ssl_context=self._tls, network_backend=self._network, max_connections=1)
        request = pool.stream("POST", endpoint, headers=list(headers.items()), content=body)
        async with pool, request as response:
            answered = {name.lower(): value for name, value in response.headers}
            return judged(response.status, answered.get(b"retry-after", b"").decode("latin-1"))


def judged(status: int, retry_after: str) -> Outcome:
    """What an answer means (RFC 8030, 5 and 7)."""
    reason = str(status)
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Outcome(Verdict.SENT, reason)
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return Outcome(Verdict.GONE, reason)
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        wait_s = int(retry_after) if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 7 else 0
        return Outcome(Verdict.LATER, reason, min(wait_s, RETRY_AFTER_MAX_S))
    return Outcome(Verdict.REFUSED, reason)
