"""Posts of accounts whose bell somebody has rung (`notify`). Nothing is written when they post: whoever asked for it
takes the new ones in when they look, so a post costs the same however many wait for it.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import or_, select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts import is_shown
from rostra.network.accounts.tables import AccountRow
from rostra.network.follows.tables import FollowRow
from rostra.network.notifications.notifications import Kind, News
from rostra.network.notifications.tables import BellRow, NotificationGroupRow, NotificationRow
from rostra.network.posts.tables import PostRow
from rostra.network.visibility import Visibility
from rostra.platform.ids import AccountId, PostId

TAKEN_AT_ONCE: Final = 40
"""Of what was posted since the last look, the newest so many become notifications."""


class BellStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._sqlite = session.get_bind().dialect.name == "sqlite"

    async def waiting(self, account_id: AccountId) -> list[News]:
        """What was posted since the last look, oldest first. Index: ix_posts_author_id, for those with news only."""
        bells = (
            select(BellRow.author_id, BellRow.since_id)
            .join(
                FollowRow, (FollowRow.follower_id == BellRow.account_id) & (FollowRow.followee_id == BellRow.author_id)
            )
            .join(AccountRow, AccountRow.id == BellRow.author_id)
            .where(
                BellRow.account_id == account_id,
                FollowRow.notify,
                is_shown(AccountRow.state),
                AccountRow.last_post_id > BellRow.since_id,
            )
            .subquery("rung")
        )
        posts = select(PostRow.id, PostRow.author_id).where(
            PostRow.author_id == bells.c.author_id,
            PostRow.id > bells.c.since_id,
            PostRow.boost_of_id.is_(None),
            PostRow.visibility != Visibility.DIRECT.value,
            or_(PostRow.in_reply_to_account_id.is_(None), PostRow.in_reply_to_account_id == PostRow.author_id),
        )
        rows = (await self._session.execute(self._newest(bells, posts))).all()
        return [
            News(to=account_id, kind=Kind.STATUS, by=AccountId(author), post_id=PostId(post)) for post, author in rows
        ][::-1]

    async def take_in(self, waiting: list[News]) -> None:
        """Make notifications of them, under the ids of the posts; twice is no more than once."""
        account_id = waiting[0].to
        rows = [_keyed(each) | {"id": each.post_id, "slot": 0, "from_id": each.by} for each in waiting]
        groups = [_keyed(each) | {"newest_id": each.post_id, "count": 1, "turns": 1} for each in waiting]
        dialect: Any = sqlite if self._sqlite else postgresql
        await self._session.execute(dialect.insert(NotificationGroupRow).on_conflict_do_nothing(), groups)
        await self._session.execute(dialect.insert(NotificationRow).on_conflict_do_nothing(), rows)
        newest = max(row["id"] for row in rows)
        own = (BellRow.account_id == account_id) & (BellRow.since_id < newest)
        await self._session.execute(update(BellRow).where(own).values(since_id=newest))

    def _newest(self, bells: Any, posts: Any) -> Any:
        """SQLite seeks once per author by itself; PostgreSQL is told to (ADR 23)."""
        if self._sqlite:
            return posts.order_by(PostRow.id.desc()).limit(TAKEN_AT_ONCE)
        each = posts.correlate(bells).order_by(PostRow.id.desc()).limit(TAKEN_AT_ONCE).lateral("newest")
        merged = select(each.c.id, each.c.author_id).select_from(bells.join(each, true()))
        return merged.order_by(each.c.id.desc()).limit(TAKEN_AT_ONCE)


def _keyed(news: News) -> dict[str, Any]:
    return {
        "account_id": news.to,
        "key": f"{news.kind}-{news.post_id}",
        "kind": news.kind.value,
        "post_id": news.post_id,
    }
