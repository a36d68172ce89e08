"""Posts for later: scheduling one, moving it, taking it back, and posting it when its time has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from rostra.flows.attach_media import Described
from rostra.flows.house import House
from rostra.flows.limiting import check_may_post
from rostra.flows.notify import Notifying
from rostra.flows.publish_post import add_post, cleaned, mentions_in, quotable
from rostra.network.media import MediaStore
from rostra.network.posts import (
    Draft,
    PostStore,
    Scheduled,
    ScheduledId,
    ScheduledStore,
    check_due,
)
from rostra.network.streaming import Posted
from rostra.platform.errors import RostraError, Unavailable
from rostra.platform.ids import AccountId, PostId
from rostra.platform.log import get_logger
from rostra.platform.rounds import in_rounds

_log = get_logger(__name__)

EVERY_S: Final = 1.0
BATCH: Final = 20
_WENT_WRONG: Final = "Something went wrong here when it was to be posted. Choose another time, or write it anew."


async def schedule_post(
    house: House,
    author: AccountId,
    draft: Draft,
    due_at: datetime,
    *,
    app_id: int | None = None,
    key: str | None = None,
    described: Sequence[Described] = (),
) -> Scheduled:
    """Post `draft` at `due_at`. It is checked now, and its media are held until then.

    key, described: as for `publish_post`. Raises PostInvalid, CannotAttach, NoSuchPost, NoSuchScheduled when `key`
    stood for something that is out or gone.
    """
    check_may_post(house, author)
    draft = cleaned(house, draft)
    mentions_in(house, draft)
    now = house.clock.now()
    check_due(due_at, now=now)
    async with house.database.transaction() as session:
        posts, store = PostStore(session), ScheduledStore(session)
        scheduled_id = ScheduledId(house.ids.next())
        if key is not None:
            known = ScheduledId(await posts.claim_key(author, key, PostId(scheduled_id), now=now))
            if known != scheduled_id:
                return await store.get(known, author)
        if draft.in_reply_to_id is not None:
            answered = (await posts.get(draft.in_reply_to_id, author, now=now)).original
            draft = replace(draft, in_reply_to_id=answered.id)
        if draft.quoted_id is not None:
            draft = replace(draft, quoted_id=(await quotable(house, session, author, draft.quoted_id)).id)
        if draft.media_ids:
            media = MediaStore(session)
            for each in described:
                await media.describe(each.media_id, author, post_id=None, text=each.text, focus=each.focus)
            await media.keep(author, scheduled_id, draft.media_ids)
        scheduled = Scheduled(id=scheduled_id, account_id=author, due_at=due_at, draft=draft, app_id=app_id)
        await store.add(scheduled)
    _log.info("post_scheduled", scheduled_id=scheduled.id, account_id=author, due_at=due_at.isoformat())
    return scheduled


async def reschedule_post(house: House, author: AccountId, scheduled_id: ScheduledId, due_at: datetime) -> Scheduled:
    """Raises NoSuchScheduled, PostInvalid."""
    check_due(due_at, now=house.clock.now())
    async with house.database.transaction() as session:
        store = ScheduledStore(session)
        await store.move(await store.get(scheduled_id, author), due_at)
        return await store.get(scheduled_id, author)


async def unschedule_post(house: House, author: AccountId, scheduled_id: ScheduledId) -> None:
    """It will not be posted; what it held goes within the hour. Raises NoSuchScheduled."""
    async with house.database.transaction() as session:
        await ScheduledStore(session).remove(scheduled_id, author)
        await MediaStore(session).release(scheduled_id)


class ScheduledPosting:
    """Posts what is due, each exactly once: the row goes in the transaction in which the post comes.

    Several sites may run it. A site that is killed in between has done both or neither, and the next tick, wherever,
    finds what is still due.
    """

    def __init__(self, house: House) -> None:
        self._house = house

    async def run(self) -> None:
        """For ever."""
        await in_rounds(self.tick, self._house.clock, _log, every_s=EVERY_S)

    async def tick(self) -> int:
        """Post what is due, a batch; how many are out."""
        async with self._house.database.reading() as session:
            due = await ScheduledStore(session).due(self._house.clock.now(), limit=BATCH)
        return sum([await self._try(each) for each in due])

    async def _try(self, scheduled_id: ScheduledId) -> bool:
        """Whether it is out. What cannot be posted says why, and is in nobody's way."""
        try:
            return await self._post(scheduled_id)
        except Unavailable:
            raise
        except RostraError as error:
            _log.info("scheduled_post_refused", scheduled_id=scheduled_id, reason=str(error))
            problem = error.user_message.removeprefix("Validation failed: ")
        except Exception:  # noqa: BLE001  # one post with a bug must not keep the others from their time
            _log.exception("scheduled_post_failed", scheduled_id=scheduled_id)
            problem = _WENT_WRONG
        async with self._house.database.transaction() as session:
            await ScheduledStore(session).put_problem(scheduled_id, problem, now=self._house.clock.now())
        return False

    async def _post(self, scheduled_id: ScheduledId) -> bool:
        house, now = self._house, self._house.clock.now()
        notifying = Notifying(house)
        async with house.database.transaction() as session:
            taken = await ScheduledStore(session).take(scheduled_id, now=now)
            if taken is None:
                return False
            await MediaStore(session).release(scheduled_id)
            post_id = PostId(house.ids.next())
            draft = cleaned(house, taken.draft)
            post = await add_post(house, session, notifying, taken.account_id, post_id, draft)
        late_ms = round((now - taken.due_at).total_seconds() * 1000)
        _log.info("scheduled_post_out", scheduled_id=scheduled_id, post_id=post.id, late_ms=late_ms)
        await notifying.tell(Posted(post_id=post.id, author_id=taken.account_id))
        return True
