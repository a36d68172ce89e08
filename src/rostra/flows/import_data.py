"""Bringing along what one had elsewhere: sheets of Mastodon's export, taken in line by line in the background.

Each line is the same act that its owner could do by hand, and doing it twice changes nothing. So a site that is
killed repeats a few lines at most. What cannot be done is written down with its reason.
"""

from __future__ import annotations

import re
from typing import Final

from rostra.flows.act_on_post import bookmark_post
from rostra.flows.follow_account import block_account, follow_account, mute_account
from rostra.flows.house import House
from rostra.network.accounts import NoSuchAccount, ProfileStore
from rostra.network.follows import FollowWish, NotAllowed
from rostra.network.portability import ImportId, ImportStore, Miss, Sheet, Work, handle_in, is_true, lines_of
from rostra.network.posts import NoSuchPost
from rostra.platform.errors import Unavailable
from rostra.platform.ids import AccountId, PostId
from rostra.platform.log import get_logger
from rostra.platform.randomness import token
from rostra.platform.rounds import in_rounds

_log = get_logger(__name__)

EVERY_S: Final = 2.0
BATCH: Final = 20
LANGUAGES_MAX: Final = 10
_POST_PATH: Final = re.compile(r"/(?:users/[^/]+/statuses|@[^/]+)/(\d{1,19})")
_ELSEWHERE: Final = "It is on another server, and this one reads no others yet."
_NOBODY: Final = "There is no such account here."
_NO_POST: Final = "There is no such post here, or it is not shown to you."
_APART: Final = "It cannot be followed: one of you has blocked the other, or it is you."
_YOURSELF: Final = "It is you."
_BUG: Final = "Something went wrong here with this line."


async def ask_for_import(house: House, account_id: AccountId, kind: Sheet, sheet: bytes) -> int:
    """Take a sheet in, in the background; how many lines it has. Raises NoSheet, StillAtIt."""
    lines = lines_of(sheet)
    import_id = ImportId(house.ids.next())
    async with house.database.transaction() as session:
        await ImportStore(session).ask(import_id, account_id, kind, lines, now=house.clock.now())
    _log.info("import_asked", import_id=import_id, account_id=account_id, kind=kind, lines=len(lines))
    return len(lines)


class Importing:
    """Takes in what was sent. Several sites may run it; an import is one's for the time of a lease."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._worker = token()
        self._host = house.site_url.partition("://")[2].casefold()

    async def run(self) -> None:
        """For ever."""
        await in_rounds(self.tick, self._house.clock, _log, every_s=EVERY_S)

    async def tick(self) -> bool:
        """Take one import in; whether there was one."""
        now = self._house.clock.now()
        async with self._house.database.reading() as session:
            if not await ImportStore(session).waiting(self._worker, now=now):
                return False
        async with self._house.database.transaction() as session:
            work = await ImportStore(session).claim(self._worker, now=now)
        if work is None:
            return False
        for start in range(work.done, len(work.lines), BATCH):
            if not await self._batch(work, start):
                return True
        _log.info("import_done", import_id=work.id, lines=len(work.lines))
        return True

    async def _batch(self, work: Work, start: int) -> bool:
        """A few lines; False when the import is somebody else's by now."""
        misses = []
        lines = work.lines[start : start + BATCH]
        for number, line in enumerate(lines, start):
            if (reason := await self._do(work, line)) is not None:
                misses.append(Miss(number, line[0], reason))
        async with self._house.database.transaction() as session:
            done, now = start + len(lines), self._house.clock.now()
            return await ImportStore(session).advance(work.id, self._worker, done, misses, now=now)

    async def _do(self, work: Work, line: list[str]) -> str | None:
        """Do one line; why not, or None."""
        try:
            if work.kind is Sheet.BOOKMARKS:
                return await self._bookmark(work.account_id, line[0])
            return await self._edge(work.account_id, work.kind, line)
        except Unavailable:
            raise
        except NoSuchAccount:
            return _NOBODY
        except NoSuchPost:
            return _NO_POST
        except NotAllowed:
            return _APART if work.kind is Sheet.FOLLOWING else _YOURSELF
        except Exception:  # noqa: BLE001  # one odd line must not keep the others out
            _log.exception("import_line_failed", import_id=work.id, kind=work.kind)
            return _BUG

    async def _edge(self, by: AccountId, kind: Sheet, line: list[str]) -> str | None:
        if (handle := handle_in(line[0], host=self._host)) is None:
            return _ELSEWHERE
        async with self._house.database.reading() as session:
            other = (await ProfileStore(session).by_handle(handle)).id
        if kind is Sheet.FOLLOWING:
            await follow_account(self._house, by, other, _wish(line))
        elif kind is Sheet.BLOCKS:
            await block_account(self._house, by, other)
        else:
            hides = len(line) < 2 or not line[1] or is_true(line[1])
            await mute_account(self._house, by, other, notifications=hides, for_s=0)
        return None

    async def _bookmark(self, by: AccountId, address: str) -> str | None:
        site = self._house.site_url
        found = _POST_PATH.fullmatch(address.removeprefix(site)) if address.startswith(f"{site}/") else None
        if found is None or int(found.group(1)) >= 1 << 63:
            return _ELSEWHERE
        await bookmark_post(self._house, by, PostId(int(found.group(1))), on=True)
        return None


def _wish(line: list[str]) -> FollowWish:
    """What a line says beside the address: show boosts, notify, languages; each may be missing."""
    boosts, notify, languages = [*line[1:], "", "", ""][:3]
    named = tuple(each.strip()[:8] for each in languages.split(",") if each.strip())[:LANGUAGES_MAX]
    return FollowWish(
        boosts=is_true(boosts) if boosts else None, notify=is_true(notify) if notify else None, languages=named or None
    )


async def forget_old_imports(house: House) -> None:
    """Once an hour: reports that nobody needs any more."""
    async with house.database.transaction() as session:
        await ImportStore(session).forget_old(house.clock.now())
