"""Films, sound and animations are made after their upload, from a work queue, by a process that gives way to all else.

The order is only an id; what is to be done stands in the row. So an order that comes twice, or after the film was
deleted, does nothing. One whose site was killed comes back to whichever site is free.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.adopt_made import adopt
from rostra.flows.hold_post import watch_edit
from rostra.flows.house import House
from rostra.media.jobs import MakeMedia, upload_subject
from rostra.network.media import Attachment, MediaStore, MediaUnknown, State
from rostra.network.media.attachments import TRIES_MOST
from rostra.network.media.incoming import a_folder
from rostra.network.remaking.errors import Refused, RemakingFailed
from rostra.network.remaking.orders import Made, Order, PictureHash, Shape
from rostra.platform import outbox
from rostra.platform.errors import NotFound
from rostra.platform.ids import MediaId
from rostra.platform.log import get_logger
from rostra.safety.watching.hash_store import HashStore

ORDER_AGAIN_AFTER: Final = timedelta(hours=2)
PROGRESS_EVERY_S: Final = 1.0
_log = get_logger(__name__)


def order_making(session: AsyncSession, media_id: MediaId, *, attempt: str) -> None:
    """Have it made once this transaction has committed. attempt: tells a further order from a repeated one."""
    outbox.publish(session, upload_subject(media_id), f"upload.{media_id}.{attempt}", MakeMedia(media_id=str(media_id)))


async def make_media(house: House, payload: bytes) -> None:
    """Carry out one order. Raises RemakingFailed and StorageFull when it is to come again."""
    try:
        media_id = MediaId(int(msgspec.json.decode(payload, type=MakeMedia).media_id))
    except (msgspec.DecodeError, ValueError) as error:
        _log.error("upload_order_unreadable", error=str(error))
        return
    begun = await _begin(house, media_id)
    if begun is None:
        return
    async with a_folder(house.files.root) as folder:
        try:
            made = await _remade(house, begun, folder)
        except Refused as error:
            await _fail(house, begun, error.user_message, str(error))
            return
        except RemakingFailed as error:
            if begun.tries < TRIES_MOST:
                raise
            await _fail(house, begun, error.user_message, str(error))
            return
        await _finish(house, begun, made, folder)


async def order_again(house: House) -> None:
    """Order what was ordered long ago and never made: a bus that lost its files has forgotten it."""
    now = house.clock.now()
    async with house.database.transaction() as session:
        for media_id in await MediaStore(session).unsettled(now - ORDER_AGAIN_AFTER):
            order_making(session, media_id, attempt=str(house.clock.now_us()))
    house.relay.nudge()


async def _begin(house: House, media_id: MediaId) -> Attachment | None:
    async with house.database.transaction() as session:
        store = MediaStore(session)
        found = await store.by_id(media_id)
        if found is None or found.is_settled:
            return None
        now = house.clock.now()
        begun = replace(found, state=State.MAKING, tries=found.tries + 1, progress=0, changed_at=now)
        if begun.tries > TRIES_MOST:
            await store.save(_failed(begun, RemakingFailed.user_message), now=now)
            return None
        return await store.save(begun, now=now)


async def _remade(house: House, begun: Attachment, folder: Path) -> Made:
    """Raises Refused, RemakingFailed."""
    told_at = house.clock.monotonic()

    async def told(share: float) -> None:
        nonlocal told_at
        if house.clock.monotonic() - told_at >= PROGRESS_EVERY_S:
            told_at = house.clock.monotonic()
            async with house.database.transaction() as session:
                await MediaStore(session).put_progress(begun.id, min(99, int(100 * share)))

    try:
        source = house.files.path(begun.source or "")
    except NotFound as error:
        raise Refused(f"source {begun.source} is gone") from error
    order = Order(source=str(source), folder=str(folder), shape=Shape.MOVING, limits=house.media)
    return await house.workshop.remake(order, told)


async def _finish(house: House, begun: Attachment, made: Made, folder: Path) -> None:
    file, small, size_bytes = await adopt(house, made, folder)
    now = house.clock.now()
    ready = replace(
        begun,
        state=State.READY,
        kind=made.kind,
        source=None,
        file=file,
        small=small,
        size_bytes=size_bytes,
        meta=made.meta,
        blurhash=made.blurhash,
        progress=100,
        changed_at=now,
    )
    async with house.database.transaction() as session:
        store = MediaStore(session)
        try:
            current = await store.by_id(begun.id)
            await store.save(_said_meanwhile(ready, current or begun), now=now)
            await _have_watched(house, session, current or begun, made.hash)
        except MediaUnknown:
            await store.let_go([key for key in (file, small) if key is not None], now=now)
    _log.info("media_made", media_id=begun.id, kind=made.kind, size_bytes=size_bytes, duration_s=made.meta.duration_s)


async def _fail(house: House, begun: Attachment, message: str, log_text: str) -> None:
    now = house.clock.now()
    async with house.database.transaction() as session:
        store = MediaStore(session)
        if (current := await store.by_id(begun.id)) is not None:
            await store.save(_failed(replace(current, changed_at=now), message), now=now)
    _log.warning("media_refused", media_id=begun.id, reason=log_text)


async def _have_watched(house: House, session: AsyncSession, of: Attachment, hashed: PictureHash | None) -> None:
    """Keep the hash; a post that was out before its film was made is looked at again."""
    if hashed is None:
        return
    await HashStore(session).add_picture(of.id, bytes.fromhex(hashed.bits), hashed.quality)
    if of.post_id is not None:
        await watch_edit(house, session, of.post_id)


def _failed(attachment: Attachment, message: str) -> Attachment:
    return replace(attachment, state=State.FAILED, source=None, size_bytes=0, failure=message)


def _said_meanwhile(ready: Attachment, current: Attachment) -> Attachment:
    """What its owner may have changed while it was made stays."""
    return replace(ready, description=current.description, focus=current.focus)
