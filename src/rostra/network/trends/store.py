"""Reading what a tally counts, a few posts at a time, and the posts that it chose. Stores never commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import and_, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts import AccountState
from rostra.network.accounts.tables import AccountRow
from rostra.network.posts import Post, TagRef
from rostra.network.posts.reading import P, is_free, read, readable, viewing, wanted, with_authors
from rostra.network.posts.tables import PostRow
from rostra.network.trends.tally import Use
from rostra.platform.ids import AccountId, PostId

BATCH: Final = 500
_tags: Final = msgspec.json.Decoder(list[TagRef])
_OFFERED: Final = and_(AccountRow.discoverable, AccountRow.state == AccountState.ACTIVE)


class TrendStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def uses(self, *, above: int, below: int | None) -> list[Use]:
        """The next BATCH public posts of accounts that want to be discovered, newest first. Index: ix_posts_listed."""
        columns = (PostRow.id, PostRow.author_id, PostRow.tags, PostRow.boosts_count + PostRow.favourites_count)
        query = (
            select(*columns, PostRow.sensitive, AccountRow.followers_count)
            .join(AccountRow, AccountRow.id == PostRow.author_id)
            .where(PostRow.listed, is_free(PostRow), PostRow.id > above, _OFFERED)
            .order_by(PostRow.id.desc())
            .limit(BATCH)
        )
        if below is not None:
            query = query.where(PostRow.id < below)
        return [Use(row[0], row[1], _names(row[2]), *row[3:]) for row in (await self._session.execute(query)).all()]

    async def posts(self, ids: Sequence[PostId], viewer: AccountId | None, *, now: datetime) -> list[Post]:
        """Those of the posts, in this order, that the viewer may still come across."""
        if not ids:
            return []
        viewed = viewer is not None
        offered = exists().where(AccountRow.id == P.author_id, _OFFERED)
        chosen = select(P.id).where(P.id.in_(ids), is_free(), readable(viewed=viewed), wanted(viewed=viewed), offered)
        found = {post.id: post for post in await read(self._session, with_authors(chosen), viewing(viewer, now))}
        return [found[each] for each in ids if each in found]


def _names(tags: str) -> list[str]:
    return [] if tags == "[]" else [each.name for each in _tags.decode(tags)]
