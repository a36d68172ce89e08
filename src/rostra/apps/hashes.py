"""`rostra hashes`: lists of picture hashes in and out of force. A running site follows within seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from rostra.apps.opening import open_database
from rostra.apps.settings import Settings
from rostra.flows.keep_hashes import import_hashes
from rostra.platform.clock import SystemClock
from rostra.platform.errors import RostraError
from rostra.platform.ids import IdSource
from rostra.safety.watching.hash_store import HashStore


class NoHashFile(RostraError):
    status, code = HTTPStatus.NOT_FOUND, "no_hash_file"


async def import_file(
    settings: Settings,
    path: Path,
    *,
    name: str,
    category: str,
    keyword: str,
    description: str,
    print_line: Callable[[str], None],
) -> None:
    """Raises NoHashFile, HashesWrong with the line, Invalid."""
    try:
        text = await asyncio.to_thread(path.read_text)
    except (OSError, UnicodeDecodeError) as error:
        raise NoHashFile(str(error), user_message=f"The file {path} cannot be read: {error}.") from error
    clock = SystemClock()
    async with open_database(settings) as database:
        added = await import_hashes(
            database,
            clock,
            IdSource(clock),
            text,
            name=name,
            category=category,
            keyword=keyword,
            description=description,
        )
    print_line(f"{added.name} {added.version}: {added.count} hashes are in force.")


async def list_hashes(settings: Settings, print_line: Callable[[str], None]) -> None:
    async with open_database(settings) as database, database.reading() as session:
        for each in await HashStore(session).lists():
            end = "in force" if each.retired_at is None else f"until {each.retired_at:%Y-%m-%d %H:%M} UTC"
            begin = f"{each.imported_at:%Y-%m-%d %H:%M} UTC"
            print_line(f"{each.name} {each.version}: {each.count} hashes, {each.category}, from {begin}, {end}")


async def retire_list(settings: Settings, name: str, print_line: Callable[[str], None]) -> None:
    async with open_database(settings) as database, database.transaction() as session:
        await HashStore(session).retire(name, now=SystemClock().now())
    print_line(f"{name} is not in force.")
