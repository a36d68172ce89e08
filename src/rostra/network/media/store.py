"""Queries over media. Stores never commit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, NamedTuple, cast

import msgspec
from sqlalchemy import delete, insert, select, update

from rostra.network.media.attachments import (
    MOST_OF_A_POST,
    Attachment,
    CannotAttach,
    Description,
    Focus,
    InUse,
    MediaUnknown,
    NotReady,
    Purpose,
    QuotaSpent,
    State,
)
from rostra.network.media.holding import BATCH, HeldFiles
from rostra.network.media.tables import MediaFileRow, MediaRow, MediaUsageRow
from rostra.network.remaking.orders import Kind, Meta
from rostra.platform.database import rows_changed
from rostra.platform.ids import AccountId, MediaId, PostId

PROFILE: Final = (Purpose.AVATAR, Purpose.HEADER)
_json: Final = msgspec.json.Encoder()
_meta: Final = msgspec.json.Decoder(Meta)


class Holder(NamedTuple):
    """A medium that holds a file, whose it is, what it is for, and the post that shows it."""

    id: MediaId
    account_id: AccountId
    post_id: PostId | None
    purpose: Purpose


class MediaStore(HeldFiles):
    """Media, and by `HeldFiles` the files that they and others hold."""

    # reading

    async def attachments(self, post_ids: Collection[PostId]) -> dict[PostId, list[Attachment]]:
        """The attachments of a page of posts, in one query; posts without any are absent. Index: ix_media_post_id."""
        if not post_ids:
            return {}
        query = select(MediaRow).where(MediaRow.post_id.in_(post_ids)).order_by(MediaRow.post_id, MediaRow.position)
        found: dict[PostId, list[Attachment]] = {}
        for row in await self._session.scalars(query):
            found.setdefault(PostId(cast("int", row.post_id)), []).append(_attachment(row))
        return found

    async def by_id(self, media_id: MediaId) -> Attachment | None:
        row = await self._session.scalar(select(MediaRow).where(MediaRow.id == media_id))
        return None if row is None else _attachment(row)

    async def own(self, media_id: MediaId, account_id: AccountId) -> Attachment:
        """Raises MediaUnknown also for what is somebody else's."""
        found = await self.by_id(media_id)
        if found is None or found.account_id != account_id or found.purpose is not Purpose.ATTACHMENT:
            raise MediaUnknown(f"media {media_id} of account {account_id}")
        return found

    async def several(self, media_ids: Collection[MediaId], account_id: AccountId) -> list[Attachment]:
        """Those of them that are the account's attachments."""
        mine = (MediaRow.account_id == account_id) & (MediaRow.purpose == Purpose.ATTACHMENT)
        return [
            _attachment(row)
            for row in await self._session.scalars(select(MediaRow).where(mine, MediaRow.id.in_(media_ids)))
        ]

    async def of_profile(self, account_id: AccountId, purpose: Purpose) -> Attachment | None:
        """The account's avatar or header. Index: ix_media_account_id."""
        query = select(MediaRow).where(MediaRow.account_id == account_id, MediaRow.purpose == purpose)
        row = await self._session.scalar(query.order_by(MediaRow.id.desc()).limit(1))
        return None if row is None else _attachment(row)

    async def profile_texts(self, account_id: AccountId) -> dict[Purpose, str]:
        """What the account's pictures show, of those that are described. Index: ix_media_account_id."""
        query = select(MediaRow.purpose, MediaRow.description).where(
            MediaRow.account_id == account_id, MediaRow.purpose.in_(PROFILE), MediaRow.description.is_not(None)
        )
        return {Purpose(purpose): text or "" for purpose, text in (await self._session.execute(query)).all()}

    async def profile_pictures(self, account_id: AccountId) -> list[MediaId]:
        """Those that the account has now. Index: ix_media_account_id."""
        query = select(MediaRow.id).where(MediaRow.account_id == account_id, MediaRow.purpose.in_(PROFILE))
        return [MediaId(each) for each in await self._session.scalars(query)]

    async def holders(self, key: str) -> list[Holder]:
        """The ready media that hold this file: the source of a film that waits is nobody's.

        The oldest first. Index: pk_media_files.
        """
        query = (
            select(MediaRow.id, MediaRow.account_id, MediaRow.post_id, MediaRow.purpose)
            .join(MediaFileRow, MediaFileRow.media_id == MediaRow.id)
            .where(MediaFileRow.key == key, MediaRow.state == State.READY)
            .order_by(MediaRow.id)
            .limit(BATCH)
        )
        return [
            Holder(MediaId(number), AccountId(owner), None if post is None else PostId(post), Purpose(purpose))
            for number, owner, post, purpose in (await self._session.execute(query)).all()
        ]

    async def of_account(self, account_id: AccountId, after_id: int, *, limit: int = BATCH) -> list[Attachment]:
        """What of an account is ready, the oldest first, whatever it is for. Index: ix_media_account_id."""
        query = select(MediaRow).where(MediaRow.account_id == account_id, MediaRow.id > after_id)
        ready = query.where(MediaRow.state == State.READY).order_by(MediaRow.id).limit(limit)
        return [_attachment(row) for row in await self._session.scalars(ready)]

    async def used_bytes(self, account_id: AccountId) -> int:
        query = select(MediaUsageRow.used_bytes).where(MediaUsageRow.account_id == account_id)
        return await self._session.scalar(query) or 0

    async def unsettled(self, before: datetime) -> Sequence[MediaId]:
        """What waits or is made and has not moved since `before`. Index: ix_media_state."""
        query = (
            select(MediaRow.id)
            .where(MediaRow.state.in_((State.WAITING, State.MAKING)), MediaRow.changed_at < before)
            .limit(BATCH)
        )
        return [MediaId(each) for each in await self._session.scalars(query)]

    # writing

    async def add(self, attachment: Attachment, *, quota_bytes: int) -> None:
        """Raises QuotaSpent when it would be more than the account may have."""
        await self._charge(attachment.account_id, attachment.size_bytes, quota_bytes=quota_bytes)
        await self._session.execute(insert(MediaRow).values(**_values(attachment)))
        await self._hold(attachment.id, attachment.files)

    async def save(self, attachment: Attachment, *, now: datetime) -> Attachment:
        """Write what has changed of it, files and size included. Raises MediaUnknown when it was deleted meanwhile."""
        former = await self.by_id(attachment.id)
        if former is None:
            raise MediaUnknown(f"media {attachment.id}")
        await self._session.execute(update(MediaRow).where(MediaRow.id == attachment.id).values(**_values(attachment)))
        await self._hold(attachment.id, [key for key in attachment.files if key not in former.files])
        dropped = [key for key in former.files if key not in attachment.files]
        if dropped:
            held = (MediaFileRow.media_id == attachment.id) & MediaFileRow.key.in_(dropped)
            await self._session.execute(delete(MediaFileRow).where(held))
            await self.let_go(dropped, now=now)
        if (more := attachment.size_bytes - former.size_bytes) != 0:
            await self._charge(attachment.account_id, more, quota_bytes=None)
        return attachment

    async def put_progress(self, media_id: MediaId, progress: int) -> None:
        where = (MediaRow.id == media_id) & (MediaRow.state == State.MAKING)
        await self._session.execute(update(MediaRow).where(where).values(progress=progress))

    async def describe(
        self,
        media_id: MediaId,
        account_id: AccountId,
        *,
        post_id: PostId | None,
        text: Description | None,
        focus: Focus | None,
    ) -> Attachment:
        """Change description and focus; None leaves the focus as it is.

        post_id: of the post that has it, None for none. Raises MediaUnknown when that is another.
        """
        found = await self.own(media_id, account_id)
        if found.post_id != post_id or found.scheduled_id is not None:
            raise MediaUnknown(f"media {media_id} of post {found.post_id or found.scheduled_id}")
        changed = replace(found, description=text, focus=focus or found.focus)
        values = {"description": text, "focus_x": changed.focus.x, "focus_y": changed.focus.y}
        await self._session.execute(update(MediaRow).where(MediaRow.id == media_id).values(**values))
        return changed

    async def describe_profile(self, account_id: AccountId, purpose: Purpose, text: Description | None) -> None:
        """Change what the account's avatar or header is said to show."""
        mine = (MediaRow.account_id == account_id) & (MediaRow.purpose == purpose)
        await self._session.execute(update(MediaRow).where(mine).values(description=text))

    async def attach(
        self, account_id: AccountId, post_id: PostId, media_ids: Sequence[MediaId], *, now: datetime
    ) -> list[Attachment]:
        """Make these the media of the post, in this order; those it had and are not named are deleted.

        Only one's own, free or this post's already, ready, and at most four; a film stands alone. Raises CannotAttach.
        """
        wanted = await self._attachable(account_id, media_ids, post_id)
        former = (await self.attachments([post_id])).get(post_id, [])
        await self._delete([each for each in former if each.id not in media_ids], now=now)
        for position, each in enumerate(wanted):
            values = {"post_id": post_id, "position": position}
            await self._session.execute(update(MediaRow).where(MediaRow.id == each.id).values(**values))
        return [replace(each, post_id=post_id, position=position) for position, each in enumerate(wanted)]

    async def keep(self, account_id: AccountId, scheduled_id: int, media_ids: Sequence[MediaId]) -> None:
        """Hold these for a scheduled post: no other may have them, and they are not forgotten. Raises CannotAttach."""
        for position, each in enumerate(await self._attachable(account_id, media_ids, None)):
            values = {"scheduled_id": scheduled_id, "position": position}
            await self._session.execute(update(MediaRow).where(MediaRow.id == each.id).values(**values))

    async def release(self, scheduled_id: int) -> None:
        """The scheduled post is posted or gone: what it held is free, as if just uploaded then."""
        kept = update(MediaRow).where(MediaRow.scheduled_id == scheduled_id)
        await self._session.execute(kept.values(scheduled_id=None))

    async def of_scheduled(self, scheduled_ids: Collection[int]) -> dict[int, list[Attachment]]:
        """What scheduled posts hold, in one query; those without any are absent. Index: ix_media_scheduled_id."""
        if not scheduled_ids:
            return {}
        query = select(MediaRow).where(MediaRow.scheduled_id.in_(scheduled_ids), MediaRow.scheduled_id.is_not(None))
        found: dict[int, list[Attachment]] = {}
        for row in await self._session.scalars(query.order_by(MediaRow.scheduled_id, MediaRow.position)):
            found.setdefault(cast("int", row.scheduled_id), []).append(_attachment(row))
        return found

    async def remove(self, media_id: MediaId, account_id: AccountId, *, now: datetime) -> None:
        """Delete what no post has. Raises MediaUnknown, InUse."""
        found = await self.own(media_id, account_id)
        if found.post_id is not None or found.scheduled_id is not None:
            raise InUse(f"media {media_id} of post {found.post_id or found.scheduled_id}")
        await self._delete([found], now=now)

    async def forget_profile(self, account_id: AccountId, purpose: Purpose, *, now: datetime) -> None:
        """Delete the account's avatar or header, if it has one."""
        former = await self.of_profile(account_id, purpose)
        await self._delete([former] if former is not None else [], now=now)

    async def forget_post(self, post_id: PostId, *, now: datetime) -> None:
        """Part of deleting a post: nobody gets its files any more once this has committed."""
        await self._delete((await self.attachments([post_id])).get(post_id, []), now=now)

    async def forget_account(self, account_id: AccountId, *, now: datetime) -> bool:
        """Delete a batch of an account's media; whether there are more. For a job that repeats until there are none."""
        query = select(MediaRow).where(MediaRow.account_id == account_id).limit(BATCH)
        found = [_attachment(each) for each in await self._session.scalars(query)]
        await self._delete(found, now=now)
        if len(found) == BATCH:
            return True
        await self._session.execute(delete(MediaUsageRow).where(MediaUsageRow.account_id == account_id))
        return False

    async def forget_unattached(self, before: datetime, *, now: datetime) -> int:
        """Delete a batch of what was uploaded before `before` and never posted; how many."""
        free = MediaRow.post_id.is_(None) & MediaRow.scheduled_id.is_(None) & (MediaRow.purpose == Purpose.ATTACHMENT)
        query = select(MediaRow).where(free, MediaRow.created_at < before).limit(BATCH)
        found = [_attachment(each) for each in await self._session.scalars(query)]
        await self._delete(found, now=now)
        return len(found)

    async def _attachable(
        self, account_id: AccountId, media_ids: Sequence[MediaId], post_id: PostId | None
    ) -> list[Attachment]:
        """These media, locked, in this order. post_id: of the post that may have them already. Raises CannotAttach."""
        if len(set(media_ids)) != len(media_ids) or len(media_ids) > MOST_OF_A_POST:
            text = f"Cannot attach more than {MOST_OF_A_POST} files, nor one of them twice"
            raise CannotAttach(f"{len(media_ids)} media", user_message=text)
        mine = (MediaRow.account_id == account_id) & (MediaRow.purpose == Purpose.ATTACHMENT)
        query = select(MediaRow).where(mine, MediaRow.id.in_(media_ids)).with_for_update()
        found = {each.id: _attachment(each) for each in await self._session.scalars(query)} if media_ids else {}
        wanted = [found[each] for each in media_ids if each in found]
        _check_attachable(wanted, media_ids, post_id)
        return wanted

    async def _delete(self, media: Collection[Attachment], *, now: datetime) -> None:
        if not media:
            return
        ids = [each.id for each in media]
        await self._session.execute(delete(MediaFileRow).where(MediaFileRow.media_id.in_(ids)))
        await self._session.execute(delete(MediaRow).where(MediaRow.id.in_(ids)))
        await self.let_go({key for each in media for key in each.files}, now=now)
        for account_id in {each.account_id for each in media}:
            freed = sum(each.size_bytes for each in media if each.account_id == account_id)
            await self._charge(account_id, -freed, quota_bytes=None)

    async def _charge(self, account_id: AccountId, size_bytes: int, *, quota_bytes: int | None) -> None:
        """quota_bytes: None where the bytes are there already, so that counting them cannot be refused."""
        row = {"account_id": account_id, "used_bytes": 0}
        await self._session.execute(self._upsert(MediaUsageRow, row, "account_id", None))
        query = update(MediaUsageRow).where(MediaUsageRow.account_id == account_id)
        if quota_bytes is not None:
            query = query.where(MediaUsageRow.used_bytes <= quota_bytes - size_bytes)
        if await rows_changed(self._session, query.values(used_bytes=MediaUsageRow.used_bytes + size_bytes)) != 1:
            raise QuotaSpent(f"account {account_id}: {size_bytes} more bytes")


def _check_attachable(wanted: Sequence[Attachment], asked: Sequence[MediaId], post_id: PostId | None) -> None:
    taken = [each for each in wanted if each.post_id not in (None, post_id) or each.scheduled_id is not None]
    if len(wanted) < len(asked) or taken:
        text = "Validation failed: Media not found, or not yours, or in another post already"
        raise CannotAttach(f"media {asked} for post {post_id}", user_message=text)
    if any(each.state is State.FAILED for each in wanted):
        raise CannotAttach("failed media", user_message="Validation failed: A file could not be processed; remove it")
    if any(each.state is not State.READY for each in wanted):
        raise NotReady(f"media {asked}")
    if len(wanted) > 1 and any(each.kind is not Kind.IMAGE for each in wanted):
        text = "Cannot attach a video to a post that already contains images"
        raise CannotAttach("a film among others", user_message=text)


def _values(attachment: Attachment) -> dict[str, Any]:
    own = (
        "id",
        "account_id",
        "post_id",
        "scheduled_id",
        "position",
        "purpose",
        "kind",
        "state",
        "source",
        "file",
        "small",
        "size_bytes",
    )
    more = ("blurhash", "description", "progress", "tries", "failure", "created_at", "changed_at")
    values = {name: getattr(attachment, name) for name in (*own, *more)}
    focus = {"focus_x": attachment.focus.x, "focus_y": attachment.focus.y}
    return values | focus | {"meta": _json.encode(attachment.meta).decode()}


def _attachment(row: MediaRow) -> Attachment:
    return Attachment(
        id=MediaId(row.id),
        account_id=AccountId(row.account_id),
        post_id=None if row.post_id is None else PostId(row.post_id),
        scheduled_id=row.scheduled_id,
        position=row.position,
        purpose=Purpose(row.purpose),
        kind=Kind(row.kind),
        state=State(row.state),
        source=row.source,
        file=row.file,
        small=row.small,
        size_bytes=row.size_bytes,
        meta=_meta.decode(row.meta),
        blurhash=row.blurhash,
        description=None if row.description is None else Description(row.description),
        focus=Focus(row.focus_x, row.focus_y),
        progress=row.progress,
        tries=row.tries,
        failure=row.failure,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )
