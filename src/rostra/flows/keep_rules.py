"""The file of rules: read at the start and whenever it has changed.

A broken file stops nothing: the last good rules hold.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rostra.flows.house import House
from rostra.platform.log import get_logger
from rostra.platform.metrics import gauge
from rostra.safety.watching.rules import RuleSet, RulesWrong, load
from rostra.safety.watching.running import Running
from rostra.safety.watching.store import WatchStore
from rostra.safety.watching.tongues import load_model

_log = get_logger(__name__)
_count: Final = gauge("rules", "Rules that are in force")
_broken: Final = gauge("rules_file_broken", "1 while the file of rules cannot be used and the last good rules hold")


@dataclass(frozen=True, slots=True)
class _State:
    """What a file was when it was read; None in place of it when there is none."""

    modified_ns: int
    size_bytes: int


class RulesFile:
    """`path` as this site sees it. Raises nothing for what is in it: a rule is never worth a site."""

    def __init__(self, house: House, path: Path) -> None:
        self._house = house
        self._path = path
        self._read: _State | None = None
        self._is_read = False

    async def look(self) -> None:
        """Put in force what the file says, if it says something else than before."""
        state = await asyncio.to_thread(self._state)
        if self._is_read and state == self._read:
            return
        self._read, self._is_read = state, True
        if state is None:
            await self._take(RuleSet())
            _broken.set(0)
            return
        try:
            rules = load(await asyncio.to_thread(self._path.read_text))
        except (RulesWrong, OSError, UnicodeDecodeError) as error:
            _broken.set(1)
            _log.error("rules_broken", file=str(self._path), reason=str(error)[:2_000], hint="rostra rules check FILE")
            if self._house.watch.running is None:
                await self._take(await self._last_good())
            return
        _broken.set(0)
        await self._take(rules)
        async with self._house.database.transaction() as session:
            now, row_id = self._house.clock.now(), self._house.ids.next()
            await WatchStore(session).accept(row_id, rules.digest, rules.text, now=now)

    async def _take(self, rules: RuleSet) -> None:
        house = self._house
        if rules.rules:
            house.watch.running = await asyncio.to_thread(Running, rules, house.clock.monotonic)
            await asyncio.to_thread(load_model)
        else:
            house.watch.running = None
        _count.set(len(rules.rules))
        _log.info("rules_in_force", rules=len(rules.rules), digest=rules.digest[:12])

    async def _last_good(self) -> RuleSet:
        """What was accepted last, here or by another site; no rules when even that cannot be read any more."""
        async with self._house.database.reading() as session:
            text = await WatchStore(session).accepted()
        try:
            return load(text or "")
        except RulesWrong as error:
            _log.error("rules_outdated", reason=str(error)[:2_000])
            return RuleSet()

    def _state(self) -> _State | None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return _State(found.st_mtime_ns, found.st_size)
