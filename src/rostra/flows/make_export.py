"""Making archives: a task of the site, one at a time, that begins again where a site was killed."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from rostra.flows.export_data import exports_folder
from rostra.flows.house import House
from rostra.network.accounts import ProfileField
from rostra.network.addresses import Addresses
from rostra.network.media import Attachment, MediaStore, Purpose
from rostra.network.portability import Export, ExportStore, Sheet
from rostra.network.portability import reading as own
from rostra.network.portability.activity import CONTEXT, Attached, actor, announced, created
from rostra.network.portability.archive import Archive
from rostra.network.portability.exports import TRIES_MAX
from rostra.network.portability.sheets import HEADS, no_formula, written
from rostra.network.posts.tables import BookmarkRow, FavouriteRow
from rostra.platform.errors import NotFound
from rostra.platform.files import StorageFull, StorageUnwritable
from rostra.platform.ids import AccountId, PostId
from rostra.platform.log import get_logger
from rostra.platform.randomness import token
from rostra.platform.rounds import in_rounds

_log = get_logger(__name__)

EVERY_S: Final = 5.0
SPARE_BYTES: Final = 1 << 30
"""So much of the disk stays free of archives: recordings come first."""
_NO_ROOM: Final = "There is no room for it on the server at the moment. It is made as soon as there is."
_GIVEN_UP: Final = "It could not be made. Ask for it again; if that does not help, tell the people who run this place."
_fields: Final = msgspec.json.Decoder(list[ProfileField])


class _Lost(Exception):
    """Another worker has it by now, or its account is deleted."""


class Exporting:
    """Makes what was asked for. Several sites may run it; an archive is one's for the time of a lease."""

    def __init__(self, house: House, *, most_bytes: int) -> None:
        """most_bytes: what all archives together may take of the disk."""
        self._house = house
        self._most_bytes = most_bytes
        self._worker = token()

    async def run(self) -> None:
        """For ever."""
        await in_rounds(self.tick, self._house.clock, _log, every_s=EVERY_S)

    async def tick(self) -> bool:
        """Make one archive; whether there was one to make."""
        now = self._house.clock.now()
        async with self._house.database.reading(at_length=True) as session:
            if not await ExportStore(session).waiting(self._worker, now=now):
                return False
        async with self._house.database.transaction() as session:
            export = await ExportStore(session).claim(self._worker, now=now)
        if export is None:
            return False
        if export.tries > TRIES_MAX:
            await self._fail(export)
            return True
        try:
            await self._make(export)
        except _Lost:
            _log.info("export_lost", export_id=export.id)
        except (StorageFull, StorageUnwritable) as error:
            _log.warning("export_waits", export_id=export.id, reason=str(error))
            async with self._house.database.transaction() as session:
                await ExportStore(session).put_back(export.id, self._worker, _NO_ROOM, now=self._house.clock.now())
        return True

    async def _fail(self, export: Export) -> None:
        _log.error("export_given_up", export_id=export.id, tries=export.tries - 1)
        async with self._house.database.transaction() as session:
            await ExportStore(session).fail(export.id, self._worker, _GIVEN_UP, now=self._house.clock.now())

    async def _make(self, export: Export) -> None:
        folder = exports_folder(self._house)
        await asyncio.to_thread(_remove, folder, f"{export.id}-*")
        await self._check_room(export)
        part = folder / f"{export.id}-{token(12)}.part"
        try:
            async with Archive(part, made_at=export.asked_at) as archive:
                await _Writing(self._house, export, archive, self._progress(export)).write()
            whole = part.with_suffix(".zip")
            size_bytes = (await asyncio.to_thread(part.stat)).st_size
            await asyncio.to_thread(part.rename, whole)
            async with self._house.database.transaction() as session:
                done = await ExportStore(session).finish(
                    export.id, self._worker, file=whole.name, size_bytes=size_bytes, now=self._house.clock.now()
                )
            if not done:
                await asyncio.to_thread(whole.unlink)
                raise _Lost
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)
        _log.info("export_ready", export_id=export.id, size_bytes=size_bytes)

    async def _check_room(self, export: Export) -> None:
        """Fails closed. Raises StorageFull."""
        async with self._house.database.reading(at_length=True) as session:
            wanted_bytes = await MediaStore(session).used_bytes(export.account_id)
            taken_bytes = await ExportStore(session).taken_bytes()
        free_bytes = await asyncio.to_thread(self._house.files.free_bytes)
        if free_bytes < wanted_bytes + SPARE_BYTES:
            raise StorageFull(f"{free_bytes} bytes free for an archive of {wanted_bytes}")
        if taken_bytes + wanted_bytes > self._most_bytes:
            raise StorageFull(f"archives take {taken_bytes} bytes of {self._most_bytes}")

    def _progress(self, export: Export) -> Callable[[int], Any]:
        async def put(progress: int) -> None:
            async with self._house.database.transaction() as session:
                now = self._house.clock.now()
                if not await ExportStore(session).put_progress(export.id, self._worker, progress, now=now):
                    raise _Lost

        return put


class _Writing:
    """The content of one archive, a page at a time. progress: told how far it is, 0 … 99, before each page."""

    def __init__(self, house: House, export: Export, archive: Archive, progress: Callable[[int], Any]) -> None:
        self._house = house
        self._account_id: AccountId = export.account_id
        self._archive = archive
        self._progress = progress
        self._permanent = Addresses(house.site_url)
        self._host = house.site_url.partition("://")[2]
        self._copied: set[str] = set()
        self._total = 1
        self._done = 0

    async def write(self) -> None:
        async with self._house.database.reading(at_length=True) as session:
            account = await own.account_row(session, self._account_id)
        if account is None:
            raise _Lost
        self._total = account.posts_count + account.followers_count + account.following_count + 1
        pictures = await self._media()
        fields = [{"name": each.name, "value": each.html} for each in _fields.decode(account.fields)]
        await self._archive.put_json("actor.json", actor(account, self._permanent, fields, pictures))
        await self._collection("outbox.json", own.posts, lambda rows: self._activities(account.handle, rows))
        for name, table in (("likes.json", FavouriteRow), ("bookmarks.json", BookmarkRow)):
            await self._collection(name, own.marked(table), self._addresses)
        await self._sheet(
            "bookmarks.csv", own.marked(BookmarkRow), lambda row: [self._permanent.post_uri(row[2], row[1])]
        )
        await self._sheet("following_accounts.csv", own.following, self._followed, HEADS[Sheet.FOLLOWING])
        await self._sheet("followers.csv", own.followers, lambda row: [self._address(row[1])])
        await self._sheet("lists.csv", own.list_members, lambda row: [no_formula(row[1]), self._address(row[2])])
        await self._sheet("blocked_accounts.csv", own.blocks, lambda row: [self._address(row[1])])
        await self._sheet("blocked_domains.csv", own.blocked_domains, lambda row: [row[1]])
        await self._sheet("endorsed_accounts.csv", own.endorsements, lambda row: [self._address(row[1])])
        mutes = own.mutes(self._house.clock.now())
        await self._sheet("muted_accounts.csv", mutes, self._muted, HEADS[Sheet.MUTES])

    async def _collection(self, name: str, read: Any, entries: Any) -> None:
        head = {"@context": CONTEXT, "id": name, "type": "OrderedCollection"}

        async def pages() -> AsyncIterator[Sequence[Any]]:
            async for rows in own.pages(self._house.database, self._account_id, read):
                await self._went_on(len(rows))
                yield await entries(rows)

        await self._archive.put_collection(name, head, pages())

    async def _sheet(self, name: str, read: Any, line: Callable[[Any], list[str]], head: Sequence[str] = ()) -> None:
        """A sheet lies in memory while it is written: a line is a hundred bytes."""
        lines: list[list[str]] = []
        async for rows in own.pages(self._house.database, self._account_id, read):
            await self._went_on(len(rows))
            lines.extend(line(row) for row in rows)
        await self._archive.put(name, written(lines, head))

    async def _went_on(self, rows: int) -> None:
        self._done += rows
        await self._progress(min(99, self._done * 100 // max(self._total, self._done + 1)))

    async def _activities(self, handle: str, rows: Sequence[Any]) -> list[dict[str, Any]]:
        named = {row.in_reply_to_account_id for row in rows} | {row.boost_of_author_id for row in rows}
        async with self._house.database.reading(at_length=True) as session:
            handles = await own.handles(session, named - {None})
            media = await MediaStore(session).attachments([PostId(row.id) for row in rows])
        found = []
        for row in rows:
            if row.boost_of_id is not None:
                original = self._permanent.post_uri(handles.get(row.boost_of_author_id, ""), row.boost_of_id)
                found.append(announced(row, self._permanent, handle, original))
                continue
            answers = None
            if row.in_reply_to_id is not None:
                answers = self._permanent.post_uri(handles.get(row.in_reply_to_account_id, ""), row.in_reply_to_id)
            attached = [_attached(each) for each in media.get(PostId(row.id), [])]
            found.append(created(row, self._permanent, handle, answers, attached))
        return found

    async def _addresses(self, rows: Sequence[Any]) -> list[str]:
        return [self._permanent.post_uri(handle, post_id) for _, post_id, handle in rows]

    async def _media(self) -> dict[str, str]:
        """Copy every file; the pictures of the profile, by their names in the actor."""
        pictures: dict[str, str] = {}
        after_id = 0
        while True:
            async with self._house.database.reading(at_length=True) as session:
                found = await MediaStore(session).of_account(self._account_id, after_id)
            for each in found:
                await self._went_on(1)
                path = _path_of(each)
                if each.purpose is not Purpose.ATTACHMENT:
                    pictures["icon" if each.purpose is Purpose.AVATAR else "image"] = path
                await self._copy(each, path)
            if not found:
                return pictures
            after_id = found[-1].id

    async def _copy(self, attachment: Attachment, path: str) -> None:
        if path in self._copied:  # the same content twice has one file
            return
        self._copied.add(path)
        try:
            await self._archive.copy(path, self._house.files.path(attachment.file or ""))
        except NotFound as error:  # deleted meanwhile, or lost with a disk: the rest is worth having
            _log.warning("export_without_file", media_id=attachment.id, reason=str(error))

    def _address(self, handle: str) -> str:
        return f"{handle}@{self._host}"

    def _followed(self, row: Any) -> list[str]:
        _, handle, boosts, notify, languages = row
        shown = (languages or "").replace(",", ", ")
        return [self._address(handle), _word(boosts), _word(notify), shown]

    def _muted(self, row: Any) -> list[str]:
        return [self._address(row[1]), _word(row[2])]


def _path_of(attachment: Attachment) -> str:
    name = (attachment.file or "").replace("/", "")
    if attachment.purpose is Purpose.ATTACHMENT:
        return f"media_attachments/{name}"
    return f"{attachment.purpose.value}.{name.rpartition('.')[2]}"


def _attached(attachment: Attachment) -> Attached:
    path = None if attachment.file is None else _path_of(attachment)
    return Attached(
        path=path,
        media_type=mimetypes.guess_type(path or "")[0] or "application/octet-stream",
        description=attachment.description,
        blurhash=attachment.blurhash,
        width=attachment.meta.width,
        height=attachment.meta.height,
    )


def _word(value: bool) -> str:  # as Mastodon writes it
    return "true" if value else "false"


def _remove(folder: Path, pattern: str) -> None:
    if folder.is_dir():
        for each in folder.glob(pattern):
            each.unlink(missing_ok=True)
