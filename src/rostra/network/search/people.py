"""The statement that finds people by the beginnings of their names."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Select, and_, bindparam, case, exists, or_, select, union

from rostra.network.accounts import AccountState, is_shown, profile_columns
from rostra.network.accounts.tables import AccountNameRow, AccountRow
from rostra.network.follows.tables import BlockRow, FollowRow
from rostra.network.posts.reading import VIEWER

CANDIDATES: Final = 400
"""So many names are looked at, in the order of their letters: a whole name comes before what begins with it."""
_HANDLE: Final[Any] = bindparam("handle")


@lru_cache(maxsize=4)
def found_people(*, viewed: bool, followed: bool) -> Select[Any]:
    """Columns of profiles. Parameters: start, end, handle, size; viewer where it is viewed by somebody.

    Who does not want to be discovered, or is limited, is found by the whole handle and by who follows them. Who has
    blocked the viewer is not found.
    """
    name = AccountNameRow.name
    begins = and_(name >= bindparam("start"), name < bindparam("end"))
    named = select(AccountNameRow.account_id.label("id")).where(begins).order_by(name).limit(CANDIDATES).subquery()
    legs: list[Any] = []
    friend: Any = None
    if viewed:
        friend = exists().where(FollowRow.follower_id == VIEWER, FollowRow.followee_id == AccountRow.id)
        friends = select(FollowRow.followee_id.label("id")).where(FollowRow.follower_id == VIEWER)
        legs.append(friends.where(exists().where(AccountNameRow.account_id == FollowRow.followee_id, begins)))
    if not followed:
        legs += [select(named.c.id), select(AccountRow.id).where(AccountRow.handle == _HANDLE)]
    candidates = union(*legs).subquery("candidates") if len(legs) > 1 else legs[0].subquery("candidates")
    exact = AccountRow.handle == _HANDLE
    offered = and_(AccountRow.discoverable, AccountRow.state == AccountState.ACTIVE)
    query = select(*profile_columns()).join(candidates, candidates.c.id == AccountRow.id)
    query = query.where(is_shown(AccountRow.state), or_(exact, offered, *([] if friend is None else [friend])))
    order = [case((exact, 0), else_=1), AccountRow.followers_count.desc(), AccountRow.id]
    if friend is not None:
        blocked = exists().where(BlockRow.account_id == AccountRow.id, BlockRow.target_id == VIEWER)
        query = query.where(~blocked)
        order.insert(1, case((friend, 0), else_=1))
    return query.order_by(*order).limit(bindparam("size"))
