"""Having the ledger's checkpoints stamped by an authority outside, whose address the operator has set (RFC 3161)."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import httpx

import rostra
from rostra.platform.clock import Clock
from rostra.platform.database import Database
from rostra.platform.errors import Unavailable
from rostra.platform.log import get_logger
from rostra.safety.ledger import LedgerStore, Signer
from rostra.safety.ledger.stamps import ANSWER_BYTES, Stamp, StampBroken, Trusted, accept, ask_for

TOTAL_S: Final = 30.0
_ASK: Final = "application/timestamp-query"
_SAID: Final = "application/timestamp-reply"
_log = get_logger(__name__)


class NoStamp(Unavailable):
    """The authority does not answer, or not with a time stamp. The ledger goes on; the next hour tries again."""

    code = "no_time_stamp"
    user_message = "The time-stamp authority gave no answer that can be used. Check timestamp_url, or try again later."


@dataclass(frozen=True, slots=True)
class Authority:
    """url: the operator's setting, and never anything else: no redirect is followed. tls: of tests."""

    url: str
    trusted: Trusted
    tls: ssl.SSLContext | None = None

    async def ask(self, query: bytes) -> bytes:
        """Its answer, not checked yet (RFC 3161, 3.4). Raises NoStamp."""
        headers = {"Content-Type": _ASK, "Accept": _SAID, "User-Agent": f"Rostra/{rostra.__version__}"}
        try:
            async with (
                asyncio.timeout(TOTAL_S),
                httpx.AsyncClient(verify=self.tls or True, trust_env=False, timeout=TOTAL_S) as http,
                http.stream("POST", self.url, content=query, headers=headers) as answer,
            ):
                if answer.status_code != HTTPStatus.OK:
                    raise NoStamp(f"status {answer.status_code}")
                content = b""
                async for chunk in answer.aiter_raw():
                    content += chunk
                    if len(content) > ANSWER_BYTES:
                        raise NoStamp(f"more than {ANSWER_BYTES} bytes")
                return content
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
            raise NoStamp(f"{type(error).__name__}: {error}"[:200]) from error


async def stamp_newest(database: Database, clock: Clock, signer: Signer, authority: Authority) -> Stamp | None:
    """Have the newest checkpoint stamped, and keep the answer beside it; None when it is stamped, or there is none.

    Raises NoStamp, also for an answer that is none of this authority, or of something else.
    """
    async with database.reading() as session:
        newest = await LedgerStore(session).checkpoints(signer.origin, newest=1)
        done = await LedgerStore(session).newest_stamp()
    if not newest or (done is not None and done.size >= newest[-1].size):
        return None
    note, size = newest[-1].note, newest[-1].size
    request = ask_for(note, authority.trusted)
    answer = await authority.ask(request.as_bytes())
    try:
        stamp = accept(answer, request, note, authority.trusted, size=size, now=clock.now())
    except StampBroken as error:
        raise NoStamp(str(error)) from error
    async with database.transaction() as session:
        await LedgerStore(session).add_stamp(stamp)
    _log.info("ledger_stamped", size=size, said_at=stamp.said_at.isoformat())
    return stamp
