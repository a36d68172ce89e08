"""Whose acts somebody wants to be told of at once, whose to look at first, and whose not at all.

Like blocks and mutes a policy counts when notifications are read, never when they are written: an act costs the same
whatever its receiver wants, and a changed policy holds for what came before it, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, exists, literal_column, not_, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from rostra.network.accounts import AccountState
from rostra.network.accounts.tables import AccountRow
from rostra.network.follows.tables import FollowRow, MuteRow
from rostra.network.notifications.notifications import Kind
from rostra.network.notifications.tables import NotificationPermissionRow, NotificationPolicyRow, NotificationRow
from rostra.network.posts.reading import VIEWER, P
from rostra.platform.database import insert_new
from rostra.platform.ids import AccountId

N: Final = aliased(NotificationRow, name="n")
NEW_ACCOUNT: Final = timedelta(days=30)
NEW_FOLLOWER: Final = timedelta(days=3)
"""Mastodon's: who follows only to get through is no follower yet."""
FILTERABLE: Final = (Kind.MENTION, Kind.QUOTE, Kind.REBLOG, Kind.FAVOURITE, Kind.FOLLOW, Kind.FOLLOW_REQUEST)
"""What somebody does to the reader. What one has asked for (bells, polls, edits) and decisions come through always."""
NEW_SINCE: Final[Any] = bindparam("new_since", type_=MuteRow.expires_at.type)
FRESH_EDGE: Final[Any] = bindparam("fresh_edge", type_=FollowRow.id.type)


class Verdict(StrEnum):
    """filter: waits among the requests. drop: is not shown at all."""

    ACCEPT = "accept"
    FILTER = "filter"
    DROP = "drop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What becomes of acts of accounts that the reader does not follow; that do not follow the reader, or for less than
    NEW_FOLLOWER; that are younger than NEW_ACCOUNT; of direct posts that answer nothing; of limited accounts. The last
    three only concern whom the reader does not follow. The hardest verdict counts. Nothing is held until somebody says
    so.
    """

    for_not_following: Verdict = Verdict.ACCEPT
    for_not_followers: Verdict = Verdict.ACCEPT
    for_new_accounts: Verdict = Verdict.ACCEPT
    for_private_mentions: Verdict = Verdict.ACCEPT
    for_limited_accounts: Verdict = Verdict.ACCEPT


NAMES: Final = tuple(each.name for each in fields(Policy))


class PolicyStore:
    """Stores never commit."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, account_id: AccountId) -> Policy:
        columns: list[Any] = [getattr(NotificationPolicyRow, name) for name in NAMES]
        query = select(*columns).where(NotificationPolicyRow.account_id == account_id)
        row = (await self._session.execute(query)).first()
        return Policy() if row is None else Policy(**{name: Verdict(row[at]) for at, name in enumerate(NAMES)})

    async def change(self, account_id: AccountId, change: Mapping[str, Verdict]) -> None:
        """change: by the names of Policy; what is not named stays as it is."""
        dialect: Any = postgresql if self._session.get_bind().dialect.name == "postgresql" else sqlite
        values = {name: change.get(name, Verdict.ACCEPT).value for name in NAMES}
        made = dialect.insert(NotificationPolicyRow).values(account_id=account_id, **values)
        changed = {name: verdict.value for name, verdict in change.items()}
        if changed:
            made = made.on_conflict_do_update(index_elements=["account_id"], set_=changed)
        else:
            made = made.on_conflict_do_nothing()
        await self._session.execute(made)

    async def permit(self, account_id: AccountId, sender: AccountId) -> None:
        """Whatever the policy, acts of `sender` come through. Twice counts once."""
        await insert_new(self._session, NotificationPermissionRow, account_id=account_id, from_id=sender)


def held(*verdicts: Verdict) -> ColumnElement[bool]:
    """Whether the viewer's policy has one of these verdicts for N, whose post is P.

    Parameters: viewer, new_since, fresh_edge. One look by key for a viewer who has no policy.
    """
    permitted = _sender(NotificationPermissionRow.account_id == VIEWER, NotificationPermissionRow.from_id == N.from_id)
    wanted: list[Any] = [literal_column(f"'{each.value}'") for each in verdicts]
    meant = (
        and_(getattr(NotificationPolicyRow, name).in_(wanted), circumstance)
        for name, circumstance in _circumstances().items()
    )
    kinds: list[Any] = [literal_column(f"'{each.value}'") for each in FILTERABLE]
    return exists().where(NotificationPolicyRow.account_id == VIEWER, N.kind.in_(kinds), or_(*meant), not_(permitted))


def _circumstances() -> dict[str, ColumnElement[bool]]:
    """What each member of a policy is about."""
    following = _sender(FollowRow.follower_id == VIEWER, FollowRow.followee_id == N.from_id)
    follower = _sender(FollowRow.follower_id == N.from_id, FollowRow.followee_id == VIEWER, FollowRow.id < FRESH_EDGE)
    is_new = _sender(AccountRow.id == N.from_id, AccountRow.created_at > NEW_SINCE)
    is_limited = _sender(AccountRow.id == N.from_id, AccountRow.state == AccountState.LIMITED)
    unasked = or_(P.in_reply_to_account_id.is_(None), P.in_reply_to_account_id != VIEWER)
    private = and_(
        N.kind == literal_column(f"'{Kind.MENTION.value}'"), P.visibility == literal_column("'direct'"), unasked
    )
    return {
        "for_not_following": not_(following),
        "for_not_followers": not_(follower),
        "for_new_accounts": and_(is_new, not_(following)),
        "for_private_mentions": and_(private, not_(following)),
        "for_limited_accounts": and_(is_limited, not_(following)),
    }


def _sender(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether there is something of N's sender. N is two statements further out, where nothing is found by itself."""
    return exists().where(*conditions).correlate(N)
