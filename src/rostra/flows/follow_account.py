"""What one account does to another: follow, block, mute, and the answers to requests."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.house import House
from rostra.flows.notify import Notifying
from rostra.flows.telling import tell
from rostra.network.accounts import ProfileStore
from rostra.network.follows import FollowStore, FollowWish, NotAllowed, Relationship, SuggestionStore
from rostra.network.lists import ListStore
from rostra.network.notifications import Kind, News, NotificationStore
from rostra.network.streaming import EdgesChanged
from rostra.platform.errors import Invalid, NotFound
from rostra.platform.ids import AccountId

NOTE_CHARACTERS: Final = 2000
MUTE_MAX: Final = timedelta(days=3650)
"""Whoever names a longer time means for good; dates have an end."""


async def follow_account(house: House, by: AccountId, of: AccountId, wish: FollowWish) -> Relationship:
    """Follow, ask a locked account, or change how one follows. Raises NoSuchAccount, NotAllowed."""
    notifying = Notifying(house)
    async with house.database.transaction() as session:
        follows = FollowStore(session)
        profile = await ProfileStore(session).get(of)
        if by == of or await follows.are_apart(by, of):
            raise NotAllowed(f"{by} follows {of}")
        if profile.locked and not await follows.follows(by, of):
            if await follows.request(house.ids.next(), by, of, wish):
                await notifying.one(session, News(to=of, kind=Kind.FOLLOW_REQUEST, by=by))
        elif await follows.follow(house.ids.next(), by, of, wish):
            await notifying.one(session, News(to=of, kind=Kind.FOLLOW, by=by))
        found = await _relationship(house, follows, by, of)
        await _set_bell(house, session, by, found)
    await notifying.tell(EdgesChanged(account_ids=[by]))
    return found


async def unfollow_account(house: House, by: AccountId, of: AccountId) -> Relationship:
    async with house.database.transaction() as session:
        follows = FollowStore(session)
        await ProfileStore(session).get(of)
        await follows.unfollow(by, of)
        await _over(session, by, of)
        found = await _relationship(house, follows, by, of)
        await _set_bell(house, session, by, found)
    await tell(house, EdgesChanged(account_ids=[by]))
    return found


async def remove_follower(house: House, by: AccountId, follower: AccountId) -> Relationship:
    """`follower` no longer follows `by`."""
    async with house.database.transaction() as session:
        follows = FollowStore(session)
        await ProfileStore(session).get(follower)
        await follows.unfollow(follower, by)
        await _over(session, follower, by)
        found = await _relationship(house, follows, by, follower)
    await tell(house, EdgesChanged(account_ids=[follower]))
    return found


async def answer_request(house: House, by: AccountId, follower: AccountId, *, accept: bool) -> Relationship:
    """Raises NotFound when `follower` has not asked."""
    notifying = Notifying(house)
    async with house.database.transaction() as session:
        follows = FollowStore(session)
        await ProfileStore(session).get(follower)
        done = await follows.accept(house.ids.next(), follower, by) if accept else await follows.reject(follower, by)
        if not done:
            raise NotFound(f"no request of {follower} to {by}")
        await _unknown(session, follower, by)
        if accept:
            await notifying.one(session, News(to=by, kind=Kind.FOLLOW, by=follower))
            (theirs,) = await follows.relationships(follower, [by], now=house.clock.now())
            await _set_bell(house, session, follower, theirs)
        found = await _relationship(house, follows, by, follower)
    await notifying.tell(EdgesChanged(account_ids=[follower]))
    return found


async def block_account(house: House, by: AccountId, target: AccountId) -> Relationship:
    """Raises NoSuchAccount, NotAllowed for oneself."""
    async with house.database.transaction() as session:
        follows = FollowStore(session)
        await _another(ProfileStore(session), by, target)
        await follows.block(house.ids.next(), by, target)
        for follower, of in ((by, target), (target, by)):
            await _over(session, follower, of)
        found = await _relationship(house, follows, by, target)
    await tell(house, EdgesChanged(account_ids=[by, target]))
    return found


async def unblock_account(house: House, by: AccountId, target: AccountId) -> Relationship:
    async with house.database.transaction() as session:
        follows = FollowStore(session)
        await follows.unblock(by, target)
        found = await _relationship(house, follows, by, target)
    await tell(house, EdgesChanged(account_ids=[by, target]))
    return found


async def mute_account(
    house: House, by: AccountId, target: AccountId, *, notifications: bool, for_s: int
) -> Relationship:
    """for_s: seconds until the mute ends by itself; 0 for never, as is what is longer than MUTE_MAX.

    Raises NoSuchAccount, NotAllowed for oneself.
    """
    now = house.clock.now()
    until = now + timedelta(seconds=for_s) if 0 < for_s <= MUTE_MAX.total_seconds() else None
    async with house.database.transaction() as session:
        follows = FollowStore(session)
        await _another(ProfileStore(session), by, target)
        await follows.mute(house.ids.next(), by, target, notifications=notifications, expires_at=until)
        found = await _relationship(house, follows, by, target)
    await tell(house, EdgesChanged(account_ids=[by]))
    return found


async def unmute_account(house: House, by: AccountId, target: AccountId) -> Relationship:
    async with house.database.transaction() as session:
        follows = FollowStore(session)
        await follows.unmute(by, target)
        found = await _relationship(house, follows, by, target)
    await tell(house, EdgesChanged(account_ids=[by]))
    return found


async def dismiss_suggestion(house: House, by: AccountId, target: AccountId) -> None:
    """Raises NoSuchAccount."""
    async with house.database.transaction() as session:
        await ProfileStore(session).get(target)
        await SuggestionStore(session).dismiss(by, target)


async def note_account(house: House, by: AccountId, target: AccountId, comment: str) -> Relationship:
    """Raises NoSuchAccount, Invalid."""
    if len(comment) > NOTE_CHARACTERS:
        text = f"Validation failed: Comment is too long (maximum is {NOTE_CHARACTERS} characters)"
        raise Invalid("note too long", user_message=text, field="comment")
    async with house.database.transaction() as session:
        follows = FollowStore(session)
        await ProfileStore(session).get(target)
        await follows.note(by, target, comment)
        return await _relationship(house, follows, by, target)


async def _another(profiles: ProfileStore, by: AccountId, target: AccountId) -> None:
    await profiles.get(target)
    if by == target:
        raise NotAllowed(f"{by} on itself")


async def _over(session: AsyncSession, follower: AccountId, of: AccountId) -> None:
    """Whoever followed no longer does: `of` is in none of their lists."""
    await _unknown(session, follower, of)
    await ListStore(session).part(follower, of)


async def _unknown(session: AsyncSession, follower: AccountId, of: AccountId) -> None:
    """A follow or a request is over: `of` is no longer told of it."""
    store = NotificationStore(session)
    for kind in (Kind.FOLLOW, Kind.FOLLOW_REQUEST):
        await store.withdraw(News(to=of, kind=kind, by=follower))


async def _set_bell(house: House, session: AsyncSession, by: AccountId, found: Relationship) -> None:
    """A bell that rings from now on, or none: as the follow says."""
    store = NotificationStore(session)
    if found.notifying:
        await store.ring(by, found.id, since_id=house.ids.next())
    else:
        await store.silence(by, found.id)


async def _relationship(house: House, follows: FollowStore, by: AccountId, other: AccountId) -> Relationship:
    (found,) = await follows.relationships(by, [other], now=house.clock.now())
    return found
