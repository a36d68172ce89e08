"""Whom somebody could follow: who is followed by those they follow, then whom the house offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from rostra.network.accounts import AccountState, Profile, profile_columns, profile_of
from rostra.network.accounts.tables import AccountRow
from rostra.network.follows.tables import BlockRow, DismissalRow, FollowRequestRow, FollowRow, MuteRow
from rostra.platform.database import insert_new
from rostra.platform.ids import AccountId

FRIENDS: Final = 50
THEIRS: Final = 100
"""So many of the viewer's newest follows are asked, and each for so many of theirs."""
_VIEWER: Final[Any] = bindparam("viewer")
_NOW: Final[Any] = bindparam("now", type_=MuteRow.expires_at.type)


class Suggestion(NamedTuple):
    """by_friends: those whom the viewer follows do; else it is among the most followed."""

    profile: Profile
    by_friends: bool


class SuggestionStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def suggestions(
        self, viewer: AccountId, offered: Sequence[AccountId], *, limit: int, now: datetime
    ) -> list[Suggestion]:
        """offered: by the house, the best first. Two queries of bounded cost, the second where the first finds few."""
        parameters = {"viewer": viewer, "now": now, "size": limit}
        rows = (await self._session.execute(_OF_FRIENDS, parameters)).all()
        found = [Suggestion(profile_of(row), by_friends=True) for row in rows]
        missing = [each for each in offered if each not in {known.profile.id for known in found}]
        if len(found) < limit and missing:
            found += await self._offered(missing, parameters)
        return found[:limit]

    async def most_followed(
        self, viewer: AccountId, offered: Sequence[AccountId], *, limit: int, now: datetime
    ) -> list[Suggestion]:
        """Of those that the house offers, in their order: whom the viewer follows says nothing. One query."""
        parameters = {"viewer": viewer, "now": now}
        return (await self._offered(offered, parameters) if offered else [])[:limit]

    async def _offered(self, ids: Sequence[AccountId], parameters: Mapping[str, Any]) -> list[Suggestion]:
        query = select(*profile_columns()).where(AccountRow.id.in_(ids), *_may_be_suggested())
        there = {row[0]: profile_of(row) for row in (await self._session.execute(query, parameters)).all()}
        return [Suggestion(there[each], by_friends=False) for each in ids if each in there]

    async def dismiss(self, by: AccountId, target: AccountId) -> None:
        """Never suggest `target` again."""
        await insert_new(self._session, DismissalRow, account_id=by, target_id=target)


def _may_be_suggested() -> tuple[ColumnElement[bool], ...]:
    """Who wants to be discovered, and is nothing to the viewer yet."""
    target = AccountRow.id
    still = or_(MuteRow.expires_at.is_(None), MuteRow.expires_at > _NOW)
    known = (
        exists().where(FollowRow.follower_id == _VIEWER, FollowRow.followee_id == target),
        exists().where(FollowRequestRow.follower_id == _VIEWER, FollowRequestRow.followee_id == target),
        exists().where(BlockRow.account_id == _VIEWER, BlockRow.target_id == target),
        exists().where(BlockRow.account_id == target, BlockRow.target_id == _VIEWER),
        exists().where(MuteRow.account_id == _VIEWER, MuteRow.target_id == target, still),
        exists().where(DismissalRow.account_id == _VIEWER, DismissalRow.target_id == target),
    )
    offered = and_(AccountRow.discoverable, AccountRow.state == AccountState.ACTIVE)
    return offered, AccountRow.id != _VIEWER, *(~each for each in known)


def _of_friends() -> Any:
    mine = aliased(FollowRow, name="mine")
    friend = select(mine.followee_id.label("id")).where(mine.follower_id == _VIEWER)
    friends = friend.order_by(mine.id.desc()).limit(FRIENDS).subquery("friends")
    theirs, newest = aliased(FollowRow, name="theirs"), aliased(FollowRow, name="newest")
    chosen = (
        select(newest.id)
        .where(newest.follower_id == friends.c.id)
        .order_by(newest.id.desc())
        .limit(THEIRS)
        .correlate(friends)
    )
    counted = (
        select(theirs.followee_id.label("id"), func.count().label("by"))
        .select_from(friends.join(theirs, theirs.follower_id == friends.c.id))
        .where(theirs.id.in_(chosen))
        .group_by(theirs.followee_id)
        .subquery("counted")
    )
    query = select(*profile_columns()).join(counted, counted.c.id == AccountRow.id).where(*_may_be_suggested())
    return query.order_by(counted.c.by.desc(), AccountRow.followers_count.desc(), AccountRow.id).limit(
        bindparam("size")
    )


_OF_FRIENDS: Final = _of_friends()
