"""What one account does to another: follow, block, mute, and the answers to requests."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from rostra.flows.house import House
from rostra.network.accounts import ProfileStore
from rostra.network.follows import FollowStore, FollowWish, NotAllowed, Relationship
from rostra.platform.errors import Invalid, NotFound
from rostra.platform.ids import AccountId

NOTE_CHARACTERS: Final = 2000


async def follow_account(house: House, by: AccountId, of: AccountId, wish: FollowWish) -> Relationship:
    """Follow, ask a locked account, or change how one follows. Raises NoSuchAccount, NotAllowed."""
    async with house.database.transaction() as session:
        follows = FollowStore(session)
        profile = await ProfileStore(session).get(of)
        if by == of or await follows.are_apart(by, of):
            raise NotAllowed(f"{by} follows {of}")
        if profile.locked and not await follows.follows(by, of):
            await follows.request(house.ids.next(), by, of, wish)
        else:
            await follows.follow(house.ids.next(), by, of, wish)
        return await _relationship(house, follows, by, of)


async def unfollow_account(house: House, by: AccountId, of: AccountId) -> Relationship:
    async with house.database.transaction() as session:
        follows = FollowStore(session)
        await ProfileStore(session).get(of)
        await follows.unfollow(by, of)
        return await _relationship(house, follows, by, of)


async def remove_follower(house: House, by: AccountId, follower: AccountId) -> Relationship:
    """`follower` no longer follows `by`."""
    async with house.database.transaction() as session:
        follows = FollowStore(session)
        await ProfileStore(session).get(follower)
        await follows.unfollow(follower, by)
        return await _relationship(house, follows, by, follower)


async def answer_request(house: House, by: AccountId, follower: AccountId, *, accept: bool) -> Relationship:
    """Raises NotFound when `follower` has not asked."""
    async with house.database.transaction() as session:
        follows = FollowStore(session)
        await ProfileStore(session).get(follower)
        done = await follows.accept(house.ids.next(), follower, by) if accept else await follows.reject(follower, by)
        if not done:
            raise NotFound(f"no request of {follower} to {by}")
        return await _relationship(house, follows, by, follower)


async def block_account(house: House, by: AccountId, target: AccountId) -> Relationship:
    """Raises NoSuchAccount, NotAllowed for oneself."""
    async with house.database.transaction() as session:
        follows = FollowStore(session)
        await _another(ProfileStore(session), by, target)
        await follows.block(house.ids.next(), by, target)
        return await _relationship(house, follows, by, target)


async def unblock_account(house: House, by: AccountId, target: AccountId) -> Relationship:
    async with house.database.transaction() as session:
        follows = FollowStore(session)
        await follows.unblock(by, target)
        return await _relationship(house, follows, by, target)


async def mute_account(
    house: House, by: AccountId, target: AccountId, *, notifications: bool, for_s: int
) -> Relationship:
    """for_s: seconds until the mute ends by itself; 0 for never. Raises NoSuchAccount, NotAllowed for oneself."""
    now = house.clock.now()
    until = now + timedelta(seconds=for_s) if for_s > 0 else None
    async with house.database.transaction() as session:
        follows = FollowStore(session)
        await _another(ProfileStore(session), by, target)
        await follows.mute(house.ids.next(), by, target, notifications=notifications, expires_at=until)
        return await _relationship(house, follows, by, target)


async def unmute_account(house: House, by: AccountId, target: AccountId) -> Relationship:
    async with house.database.transaction() as session:
        follows = FollowStore(session)
        await follows.unmute(by, target)
        return await _relationship(house, follows, by, target)


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


async def _relationship(house: House, follows: FollowStore, by: AccountId, other: AccountId) -> Relationship:
    (found,) = await follows.relationships(by, [other], now=house.clock.now())
    return found
