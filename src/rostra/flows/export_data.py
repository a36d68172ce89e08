"""Taking along what is one's own: asked for on a page, made in the background, downloaded by its owner for a week."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from sqlalchemy.exc import IntegrityError

from rostra.flows.house import House
from rostra.network.portability import Export, ExportId, ExportStore, NoExport, TooEarly
from rostra.platform.database import is_unique_violation
from rostra.platform.ids import AccountId
from rostra.platform.log import get_logger

_log = get_logger(__name__)
FOLDER: Final = "exports"
"""Below the file store's root; no key of the store begins so."""


def exports_folder(house: House) -> Path:
    return house.files.root / FOLDER


async def ask_for_export(house: House, account_id: AccountId) -> None:
    """A new archive, in place of the one before. Raises TooEarly."""
    export_id = ExportId(house.ids.next())
    try:
        async with house.database.transaction() as session:
            await ExportStore(session).ask(export_id, account_id, now=house.clock.now())
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        raise TooEarly(f"account {account_id}, twice at once") from error
    _log.info("export_asked", export_id=export_id, account_id=account_id)


async def export_to_download(house: House, export_id: ExportId, account_id: AccountId) -> tuple[Export, Path]:
    """The archive and its file, for its owner alone. Raises NoExport."""
    async with house.database.reading() as session:
        export = await ExportStore(session).ready(export_id, account_id, now=house.clock.now())
    path = exports_folder(house) / (export.file or "")
    if not await asyncio.to_thread(path.is_file):
        raise NoExport(f"export {export_id} has no file")
    return export, path


async def forget_old_exports(house: House) -> None:
    """Once an hour: what has expired goes, and files that no export names: of deleted accounts and killed makers."""
    async with house.database.transaction() as session:
        expired = await ExportStore(session).forget_expired(house.clock.now())
    if expired:
        _log.info("exports_expired", count=expired)
    names = await asyncio.to_thread(_names, exports_folder(house))
    async with house.database.reading() as session:
        store = ExportStore(session)
        kept, making = await store.files(), await store.unsettled()
    for name in names:
        if name not in kept and not name.startswith(tuple(f"{each}-" for each in making)):
            await asyncio.to_thread((exports_folder(house) / name).unlink, missing_ok=True)


def _names(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()] if folder.is_dir() else []
