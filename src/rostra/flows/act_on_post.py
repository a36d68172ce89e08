"""What people do with posts: boost, favourite, bookmark, pin, mute a conversation. Doing it twice counts once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.house import House
from rostra.flows.limiting import check_interaction, check_may_post
from rostra.flows.notify import Notifying
from rostra.flows.publish_post import own_original
from rostra.flows.telling import tell
from rostra.network.accounts import ProfileStore
from rostra.network.notifications import Kind, News, NotificationStore
from rostra.network.posts import MarkStore, NoSuchPost, NotYours, Post, PostInvalid, PostStore, QuotePolicy
from rostra.network.streaming import Deleted, Edited, Posted
from rostra.network.visibility import Visibility
from rostra.platform.ids import AccountId, PostId
from rostra.platform.log import get_logger

_log = get_logger(__name__)


@dataclass(slots=True)
class _Acting:
    """A post in the transaction that changes it; an act on a boost is one on the original."""

    session: AsyncSession
    posts: PostStore
    marks: MarkStore
    post: Post


@asynccontextmanager
async def _acting(house: House, by: AccountId, post_id: PostId) -> AsyncIterator[_Acting]:
    async with house.database.transaction(brief=True) as session:
        posts = PostStore(session)
        post = (await posts.get(post_id, by, now=house.clock.now())).original
        yield _Acting(session, posts, MarkStore(session), post)


async def boost_post(house: House, by: AccountId, post_id: PostId, visibility: Visibility | None) -> Post:
    """The boost; the one that is there, the second time. visibility: None for that of the original.

    Others' posts can be boosted when everybody may read them; one's own also when followers may.
    Raises NoSuchPost, NotYours, InteractionLimited, ServiceSuspended.
    """
    check_may_post(house, by)
    notifying = Notifying(house)
    events = []
    async with _acting(house, by, post_id) as acting:
        post, posts = acting.post, acting.posts
        check_interaction(house, post)
        may = post.visibility.is_open or (post.author.id == by and post.visibility is Visibility.PRIVATE)
        if not may or visibility is Visibility.DIRECT:
            raise NotYours(f"{by} boosts the {post.visibility} post {post.id}")
        shown_to = visibility if visibility is not None and post.visibility.is_open else post.visibility
        boost_id = PostId(house.ids.next())
        if await posts.add_boost(boost_id, by, post, shown_to):
            await posts.count(post.id, boosts=1)
            await ProfileStore(acting.session).posted(by, boost_id)
            news = News(to=post.author.id, kind=Kind.REBLOG, by=by, post_id=post.id)
            await notifying.one(acting.session, news, thread_id=post.thread_id)
            events = [Posted(post_id=boost_id, author_id=by)]
        else:
            boost_id = await posts.boost_by(by, post.id) or boost_id
        boost = await posts.get(boost_id, by, now=house.clock.now())
    await notifying.tell(*events)
    return boost


async def unboost_post(house: House, by: AccountId, post_id: PostId) -> Post:
    """The original, without the boost."""
    async with _acting(house, by, post_id) as acting:
        boost_id = await acting.posts.boost_by(by, acting.post.id)
        if boost_id is not None:
            await acting.posts.delete_boost(boost_id, acting.post.id)
            last = await acting.posts.last_of(by)
            await ProfileStore(acting.session).unposted(by, posts=1, last_post_id=last)
            news = News(to=acting.post.author.id, kind=Kind.REBLOG, by=by, post_id=acting.post.id)
            await NotificationStore(acting.session).withdraw(news)
        post = await _again(house, acting, by)
    if boost_id is not None:
        await tell(house, Deleted(post_id=boost_id, author_id=by, tags=[]))
    return post


async def favourite_post(house: House, by: AccountId, post_id: PostId, *, on: bool) -> Post:
    notifying = Notifying(house)
    async with _acting(house, by, post_id) as acting:
        marks, post = acting.marks, acting.post
        if on:
            check_interaction(house, post)
        news = News(to=post.author.id, kind=Kind.FAVOURITE, by=by, post_id=post.id)
        if on and await marks.favourite(house.ids.next(), by, post.id):
            await acting.posts.count(post.id, favourites=1)
            await notifying.one(acting.session, news, thread_id=post.thread_id)
        elif not on and await marks.unfavourite(by, post.id):
            await acting.posts.count(post.id, favourites=-1)
            await NotificationStore(acting.session).withdraw(news)
        post = await _again(house, acting, by)
    await notifying.tell()
    return post


async def bookmark_post(house: House, by: AccountId, post_id: PostId, *, on: bool) -> Post:
    async with _acting(house, by, post_id) as acting:
        if on:
            await acting.marks.bookmark(house.ids.next(), by, acting.post.id)
        else:
            await acting.marks.unbookmark(by, acting.post.id)
        return acting.post


async def pin_post(house: House, by: AccountId, post_id: PostId, *, on: bool) -> Post:
    """Raises PostInvalid for others' posts, boosts, direct posts, and above the number of pins."""
    async with house.database.transaction(brief=True) as session:
        try:
            post = await own_original(PostStore(session), by, post_id, house)
        except NotYours as error:
            raise PostInvalid("Someone else's post cannot be pinned") from error
        if post.visibility is Visibility.DIRECT:
            raise PostInvalid("Posts that are only visible to mentioned users cannot be pinned")
        if on:
            await MarkStore(session).pin(house.ids.next(), by, post.id)
        else:
            await MarkStore(session).unpin(by, post.id)
        return post


async def mute_thread(house: House, by: AccountId, post_id: PostId, *, on: bool) -> Post:
    async with _acting(house, by, post_id) as acting:
        if on:
            await acting.marks.mute_thread(by, acting.post.thread_id)
        else:
            await acting.marks.unmute_thread(by, acting.post.thread_id)
        return acting.post


async def revoke_quote(house: House, by: AccountId, quoted_id: PostId, quoting_id: PostId) -> Post | None:
    """Take one's own post out of another that quotes it, for good; that post stays. The post that has quoted, or None
    if `by` may not read it. Raises NoSuchPost, NotYours.
    """
    async with house.database.transaction(brief=True) as session:
        posts = PostStore(session)
        quoted = await own_original(posts, by, quoted_id, house)
        if not await posts.revoke_quote(quoted.id, quoting_id):
            raise NoSuchPost(f"post {quoting_id} quotes no {quoted.id}")
        author = await posts.author_of(quoting_id)
        shown = (await posts.by_ids([quoting_id], by, now=house.clock.now())).get(quoting_id)
    _log.info("quote_revoked", post_id=quoted_id, quoting_id=quoting_id, account_id=by)
    if author is not None:
        await tell(house, Edited(post_id=quoting_id, author_id=author))
    return shown


async def set_quote_policy(house: House, by: AccountId, post_id: PostId, policy: QuotePolicy) -> Post:
    """Who may quote the post from now on; quotes that are there stay. Raises NoSuchPost, NotYours."""
    async with house.database.transaction(brief=True) as session:
        posts = PostStore(session)
        post = await own_original(posts, by, post_id, house)
        await posts.set_quote_policy(post, policy)
        changed = await posts.get(post_id, by, now=house.clock.now())
    await tell(house, Edited(post_id=post_id, author_id=by))
    return changed


async def _again(house: House, acting: _Acting, by: AccountId) -> Post:
    """The post as it is now, with the new counters."""
    return await acting.posts.get(acting.post.id, by, now=house.clock.now())
