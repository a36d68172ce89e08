"""HAProxy's Runtime API: what a running HAProxy is told, and the socket that it is told by.

Decided in a pure function (`commands`); `RuntimeApi` only speaks. Everything is said again every few seconds, since a
HAProxy that was reloaded has forgotten it: whoever says it twice changes nothing.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import Final

from rostra.media.wire import SigningKeys
from rostra.platform.errors import Unavailable

LEASE_S: Final = 30
"""So long after the last word HAProxy believes that it has the newest keys; then it asks for no ticket (fails open)."""
ANSWER_WITHIN_S: Final = 15.0
MOST_REVOKED: Final = 100_000
"""Taken-back tickets that are told. Fails open: of more, the newest count here; edges have their own list."""
_COMMANDS_AT_ONCE: Final = 100
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_JTI: Final = re.compile(r"[A-Za-z0-9_-]{22}")
_NOBODYS: Final = "unset"


class RuntimeRefused(Unavailable):
    code = "haproxy_away"


@dataclass(slots=True)
class Facts:
    """What HAProxy is to know. level: 0 to 3; revoked: jti -> unix seconds after which it does not matter any more."""

    level: int = 0
    listener: SigningKeys | None = None
    speaker: SigningKeys | None = None
    revoked: dict[str, int] = field(default_factory=dict)

    def forget(self, now_s: float) -> None:
        """Drop taken-back tickets that have run out, and those above the bound, oldest first."""
        for jti in [jti for jti, until_s in self.revoked.items() if until_s <= now_s]:
            del self.revoked[jti]
        while len(self.revoked) > MOST_REVOKED:
            del self.revoked[next(iter(self.revoked))]


def commands(facts: Facts, *, now_s: float, random: str) -> list[str]:
    """What to say, in order; the word that the keys are known comes last, so half a list asks nobody for a ticket.

    now_s: unix seconds. random: 43 letters that nobody knows, for a key that there is none of: an empty key would be
    one that everybody knows. A key or name that has not its form is left out (it could carry a command).
    """
    said = [f"set var proc.level int({min(max(facts.level, 0), 3)})"]
    if facts.listener is None or facts.speaker is None:
        return said
    for name, pair in (("l", facts.listener), ("s", facts.speaker)):
        for number, key in (("1", pair.current), ("0", pair.previous or random)):
            if not _KEY.fullmatch(key):
                return said
            said.append(f"set var proc.{name}{number} str({key})")
    said += [f"set table revoked key {jti} data.gpt0 1" for jti in facts.revoked if _JTI.fullmatch(jti)]
    said.append(f"set var proc.keys_until int({int(now_s) + LEASE_S})")
    return said


class RuntimeApi:
    """The socket of one HAProxy. A connection for each batch, as the Runtime API wants it."""

    def __init__(self, path: str) -> None:
        self._path = path

    async def tell(self, said: list[str]) -> None:
        """Say all of it. Raises RuntimeRefused when nobody listens or when HAProxy does not take a command."""
        for start in range(0, len(said), _COMMANDS_AT_ONCE):
            answer = await self._exchange(said[start : start + _COMMANDS_AT_ONCE])
            if answer.strip():
                raise RuntimeRefused(f"HAProxy says {answer.strip()[:200]!r}", user_message=_WRONG_FRONT)

    async def ask(self, command: str) -> str:
        """One command that only reads; its answer."""
        return (await self._exchange([command])).strip()

    async def _exchange(self, said: list[str]) -> str:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                reader, writer = await asyncio.open_unix_connection(self._path)
                try:
                    writer.write(("experimental-mode on;" + ";".join(said) + "\n").encode())
                    return (await reader.read(-1)).decode(errors="replace")
                finally:
                    writer.close()
        except (OSError, TimeoutError) as error:
            text = f"No HAProxy listens at {self._path} ({error!r}). Is it running, and may this user write there?"
            raise RuntimeRefused(repr(error), user_message=text) from error


_WRONG_FRONT: Final = "HAProxy did not take what it was told. Is its configuration the one of `rostra config haproxy`?"
