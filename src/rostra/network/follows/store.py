"""Queries over follows, requests, blocks, mutes and notes. Stores never commit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, String, cast, false, literal, null, or_, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts import ProfileStore
from rostra.network.follows.edges import FollowWish, Relationship
from rostra.network.follows.tables import (
    AccountNoteRow,
    BlockRow,
    EndorsementRow,
    FollowRequestRow,
    FollowRow,
    MuteRow,
)
from rostra.platform.database import delete_rows, insert_new
from rostra.platform.ids import AccountId

_NOTHING: Final = cast(null(), String(2000))


class FollowStore:
    """Counters of both accounts move with the edges."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._profiles = ProfileStore(session)

    # follows

    async def follow(self, edge_id: int, by: AccountId, of: AccountId, wish: FollowWish) -> bool:
        """Add the follow, or change the one that is there to `wish`; whether it is new."""
        new = await insert_new(self._session, FollowRow, **_new_edge(edge_id, by, of, wish))
        if new:
            await self._count(by, of, 1)
        else:
            await self._change(FollowRow, by, of, wish)
        return new

    async def unfollow(self, by: AccountId, of: AccountId) -> bool:
        """Remove the follow with what hangs on it, and an open request; whether there was a follow."""
        await delete_rows(self._session, FollowRequestRow, follower_id=by, followee_id=of)
        gone = await delete_rows(self._session, FollowRow, follower_id=by, followee_id=of)
        if gone:
            await delete_rows(self._session, EndorsementRow, account_id=by, target_id=of)
            await self._count(by, of, -1)
        return gone

    async def request(self, edge_id: int, by: AccountId, of: AccountId, wish: FollowWish) -> bool:
        """Ask a locked account; whether the request is new."""
        new = await insert_new(self._session, FollowRequestRow, **_new_edge(edge_id, by, of, wish))
        if not new:
            await self._change(FollowRequestRow, by, of, wish)
        return new

    async def accept(self, edge_id: int, by: AccountId, of: AccountId) -> bool:
        """Turn the request of `by` into a follow of `of`; False when there is none."""
        query = select(FollowRequestRow).where(FollowRequestRow.follower_id == by, FollowRequestRow.followee_id == of)
        if (request := await self._session.scalar(query)) is None:
            return False
        languages = None if request.languages is None else tuple(request.languages.split(","))
        wish = FollowWish(boosts=request.boosts, notify=request.notify, languages=languages)
        await self.follow(edge_id, by, of, wish)
        await self.reject(by, of)
        return True

    async def reject(self, by: AccountId, of: AccountId) -> bool:
        """Drop the request of `by`; False when there is none."""
        return await delete_rows(self._session, FollowRequestRow, follower_id=by, followee_id=of)

    async def follows(self, by: AccountId, of: AccountId) -> bool:
        query = select(FollowRow.id).where(FollowRow.follower_id == by, FollowRow.followee_id == of)
        return await self._session.scalar(query) is not None

    # blocks, mutes, notes

    async def block(self, edge_id: int, by: AccountId, target: AccountId) -> None:
        """Also ends what connects the two in either direction."""
        await insert_new(self._session, BlockRow, id=edge_id, account_id=by, target_id=target)
        await self.unfollow(by, target)
        await self.unfollow(target, by)

    async def unblock(self, by: AccountId, target: AccountId) -> None:
        await delete_rows(self._session, BlockRow, account_id=by, target_id=target)

    async def are_apart(self, one: AccountId, other: AccountId) -> bool:
        """Whether either has blocked the other."""
        query = select(BlockRow.id).where(
            or_(
                (BlockRow.account_id == one) & (BlockRow.target_id == other),
                (BlockRow.account_id == other) & (BlockRow.target_id == one),
            )
        )
        return await self._session.scalar(query.limit(1)) is not None

    async def mute(
        self, edge_id: int, by: AccountId, target: AccountId, *, notifications: bool, expires_at: datetime | None
    ) -> None:
        """Mute, or change the mute that is there."""
        values: dict[str, Any] = {"notifications": notifications, "expires_at": expires_at}
        if not await insert_new(self._session, MuteRow, id=edge_id, account_id=by, target_id=target, **values):
            there = (MuteRow.account_id == by) & (MuteRow.target_id == target)
            await self._session.execute(update(MuteRow).where(there).values(**values))

    async def unmute(self, by: AccountId, target: AccountId) -> None:
        await delete_rows(self._session, MuteRow, account_id=by, target_id=target)

    async def note(self, by: AccountId, target: AccountId, comment: str) -> None:
        """Write down `comment`; an empty one removes the note."""
        await delete_rows(self._session, AccountNoteRow, account_id=by, target_id=target)
        if comment:
            await insert_new(self._session, AccountNoteRow, account_id=by, target_id=target, comment=comment)

    # relationships

    async def relationships(
        self, viewer: AccountId, others: Sequence[AccountId], *, now: datetime
    ) -> list[Relationship]:
        """What the viewer and each of `others` are to each other, in the given order. One query for all."""
        found = {other: Relationship(id=other) for other in others}
        if found:
            for row in (await self._session.execute(_relations(viewer, list(found), now))).all():
                _note(found[AccountId(row.other)], row)
        return list(found.values())

    async def _count(self, follower: AccountId, followee: AccountId, by: int) -> None:
        """In the order of the ids, so that two who follow each other at once do not lock each other out."""
        moves = sorted(
            [(int(follower), {"following": by}), (int(followee), {"followers": by})], key=lambda each: each[0]
        )
        for account_id, change in moves:
            await self._profiles.count(account_id, **change)

    async def _change(self, table: type[FollowRow | FollowRequestRow], by: int, of: int, wish: FollowWish) -> None:
        values = {name: value for name, value in _options(wish).items() if value is not None}
        if values:
            there = (table.follower_id == by) & (table.followee_id == of)
            await self._session.execute(update(table).where(there).values(**values))


def _options(wish: FollowWish) -> dict[str, Any]:
    languages = None if wish.languages is None else ",".join(wish.languages) or None
    return {"boosts": wish.boosts, "notify": wish.notify, "languages": languages}


def _new_edge(edge_id: int, by: AccountId, of: AccountId, wish: FollowWish) -> dict[str, Any]:
    boosts, notify = wish.boosts is not False, bool(wish.notify)
    return {"id": edge_id, "follower_id": by, "followee_id": of} | _options(wish) | {"boosts": boosts, "notify": notify}


def _relations(viewer: AccountId, others: Collection[AccountId], now: datetime) -> Any:
    """Rows (kind, other, one, two, text), where the last three are what the kind of edge says."""

    def part(kind: str, table: Any, mine: str, theirs: str, *more: Any) -> Select[Any]:
        said: list[Any] = [*more, *(false(), false(), _NOTHING)[len(more) :]]
        one, two, text = said
        other = getattr(table, theirs)
        query = select(
            literal(kind).label("kind"), other.label("other"), one.label("one"), two.label("two"), text.label("text")
        )
        return query.where(getattr(table, mine) == viewer, other.in_(others))

    still = or_(MuteRow.expires_at.is_(None), MuteRow.expires_at > now)
    follow = (FollowRow.boosts, FollowRow.notify, cast(FollowRow.languages, String(2000)))
    return union_all(
        part("following", FollowRow, "follower_id", "followee_id", *follow),
        part("followed_by", FollowRow, "followee_id", "follower_id"),
        part("requested", FollowRequestRow, "follower_id", "followee_id"),
        part("requested_by", FollowRequestRow, "followee_id", "follower_id"),
        part("blocking", BlockRow, "account_id", "target_id"),
        part("blocked_by", BlockRow, "target_id", "account_id"),
        part("muting", MuteRow, "account_id", "target_id", MuteRow.notifications).where(still),
        part("endorsed", EndorsementRow, "account_id", "target_id"),
        part("note", AccountNoteRow, "account_id", "target_id", false(), false(), AccountNoteRow.comment),
    )


def _note(relationship: Relationship, row: Any) -> None:
    if row.kind == "note":
        relationship.note = row.text
        return
    setattr(relationship, row.kind, True)
    if row.kind == "following":
        relationship.showing_boosts, relationship.notifying = bool(row.one), bool(row.two)
        relationship.languages = None if row.text is None else tuple(row.text.split(","))
    elif row.kind == "muting":
        relationship.muting_notifications = bool(row.one)
