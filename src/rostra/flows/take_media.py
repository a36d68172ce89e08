"""Take what somebody uploads: a picture is made anew at once, what moves is kept until its turn comes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from rostra.flows.adopt_made import adopt
from rostra.flows.house import House
from rostra.flows.make_media import order_making
from rostra.flows.watch_profile import want_look
from rostra.network.accounts import ProfileChange, ProfileStore
from rostra.network.media import Attachment, Description, Focus, MediaStore, Purpose, QuotaSpent, State
from rostra.network.media.incoming import TooLarge, Upload
from rostra.network.remaking.errors import Refused
from rostra.network.remaking.orders import Kind, Order, PictureHash, Shape
from rostra.network.remaking.sniffing import HEAD_BYTES, Format, sniff
from rostra.network.remaking.workshop import Moving
from rostra.platform.ids import AccountId, MediaId
from rostra.safety.watching.hash_store import HashStore

PROFILE_SHAPES: Final = {Purpose.AVATAR: Shape.AVATAR, Purpose.HEADER: Shape.HEADER}


async def take_media(
    house: House,
    account_id: AccountId,
    upload: Upload,
    *,
    text: Description | None = None,
    focus: Focus | None = None,
) -> Attachment:
    """The new attachment: ready if it is a picture, otherwise waiting to be made.

    upload: a finished file in a folder of its own, which it may leave. Raises Refused, RemakingFailed, QuotaSpent,
    StorageFull.
    """
    form = await _looked_at(house, account_id, upload)
    focus = focus or Focus()
    if form.is_picture:
        try:
            return await _picture(house, account_id, upload, Purpose.ATTACHMENT, text, focus)
        except Moving:
            return await _waiting(house, account_id, upload, Kind.GIFV, text, focus)
    kind = Kind.AUDIO if form.media_type.startswith("audio/") else Kind.VIDEO
    return await _waiting(house, account_id, upload, kind, text, focus)


async def take_profile_picture(
    house: House, account_id: AccountId, upload: Upload, purpose: Purpose, *, text: Description | None = None
) -> Attachment:
    """The account's new avatar (400 × 400) or header (1500 × 500); the one before is gone. Raises as take_media."""
    form = await _looked_at(house, account_id, upload)
    if not form.is_picture:
        raise _no_picture(form)
    return await _picture(house, account_id, upload, purpose, text, Focus())


async def remove_profile_picture(house: House, account_id: AccountId, purpose: Purpose) -> None:
    """The account has the drawn one again; the file goes when nobody else holds it."""
    async with house.database.transaction() as session:
        await MediaStore(session).forget_profile(account_id, purpose, now=house.clock.now())
        await ProfileStore(session).drop_picture(account_id, avatar=purpose is Purpose.AVATAR)


async def describe_profile_picture(
    house: House, account_id: AccountId, purpose: Purpose, text: Description | None
) -> None:
    """What the account's picture shows, in words. Does nothing for a drawn one."""
    async with house.database.transaction() as session:
        await MediaStore(session).describe_profile(account_id, purpose, text)


async def _looked_at(house: House, account_id: AccountId, upload: Upload) -> Format:
    """What it is; refused early if it is too much of it."""
    form = sniff(await asyncio.to_thread(_head, upload.path))
    most_bytes = house.media.picture_bytes if form.is_picture else house.media.video_bytes
    if upload.size_bytes > most_bytes:
        raise TooLarge(f"{upload.size_bytes} bytes of {form.name}", most_bytes)
    async with house.database.reading() as session:
        used_bytes = await MediaStore(session).used_bytes(account_id)
    if used_bytes >= house.media.quota_bytes:
        raise QuotaSpent(f"account {account_id} has used {used_bytes} bytes")
    return form


async def _picture(
    house: House,
    account_id: AccountId,
    upload: Upload,
    purpose: Purpose,
    text: Description | None,
    focus: Focus,
) -> Attachment:
    folder = upload.path.parent
    shape = PROFILE_SHAPES.get(purpose, Shape.PICTURE)
    order = Order(source=str(upload.path), folder=str(folder), shape=shape, limits=house.media)
    made = await house.workshop.remake(order)
    file, small, size_bytes = await adopt(house, made, folder)
    now = house.clock.now()
    attachment = Attachment(
        id=MediaId(house.ids.next()),
        account_id=account_id,
        purpose=purpose,
        kind=made.kind,
        state=State.READY,
        created_at=now,
        changed_at=now,
        file=file,
        small=small,
        size_bytes=size_bytes,
        meta=made.meta,
        blurhash=made.blurhash,
        description=text,
        focus=focus,
        progress=100,
    )
    await _keep(house, attachment, made.hash)
    return attachment


async def _waiting(
    house: House, account_id: AccountId, upload: Upload, kind: Kind, text: Description | None, focus: Focus
) -> Attachment:
    now = house.clock.now()
    attachment = Attachment(
        id=MediaId(house.ids.next()),
        account_id=account_id,
        purpose=Purpose.ATTACHMENT,
        kind=kind,
        state=State.WAITING,
        created_at=now,
        changed_at=now,
        source=await house.files.adopt(upload.path, "upload"),
        size_bytes=upload.size_bytes,
        description=text,
        focus=focus,
    )
    await _keep(house, attachment)
    house.relay.nudge()
    return attachment


async def _keep(house: House, attachment: Attachment, hashed: PictureHash | None = None) -> None:
    """Write the row. Files of one that is not written are let go of, so that they do not stay for ever."""
    now = house.clock.now()
    try:
        async with house.database.transaction() as session:
            store = MediaStore(session)
            if attachment.purpose is not Purpose.ATTACHMENT:
                await store.forget_profile(attachment.account_id, attachment.purpose, now=now)
                is_avatar = attachment.purpose is Purpose.AVATAR
                change = ProfileChange(avatar=attachment.file) if is_avatar else ProfileChange(header=attachment.file)
                await ProfileStore(session).change(attachment.account_id, change)
                await want_look(house, session, attachment.account_id)
            await store.add(attachment, quota_bytes=house.media.quota_bytes)
            if hashed is not None:
                await session.flush()
                await HashStore(session).add_picture(attachment.id, bytes.fromhex(hashed.bits), hashed.quality)
            if attachment.state is State.WAITING:
                order_making(session, attachment.id, attempt="0")
    except QuotaSpent:
        async with house.database.transaction() as session:
            await MediaStore(session).let_go(attachment.files, now=now)
        raise


def _no_picture(form: Format) -> Refused:
    return Refused(form.media_type, user_message="A profile needs a picture: JPEG, PNG, GIF, WebP or AVIF.")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)
