"""Closing a post to everybody but its author, and opening it again as it was. Stores never commit.

A closed post is a direct one that mentions nobody. So every way to read posts keeps it to its author without knowing
of it, and none can forget to ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts.tables import AccountRow
from rostra.network.posts.posts import MentionRef, TagRef
from rostra.network.posts.tables import PostMentionRow, PostRow, PostTagRow
from rostra.network.visibility import Visibility
from rostra.platform.database import delete_rows
from rostra.platform.ids import AccountId, PostId

_mentions: Final = msgspec.json.Decoder(list[MentionRef])
_tags: Final = msgspec.json.Decoder(list[TagRef])


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """What of a post is put aside while it is closed. mentions, tags: JSON, as its row has them."""

    visibility: Visibility
    listed: bool
    mentions: str
    tags: str


class ClosingStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def close(self, post_id: PostId) -> Open:
        """What it was. Raises NoResultFound when there is no such post."""
        query = select(PostRow.visibility, PostRow.listed, PostRow.mentions, PostRow.tags).where(PostRow.id == post_id)
        visibility, listed, mentions, tags = (await self._session.execute(query)).one()
        await delete_rows(self._session, PostMentionRow, post_id=post_id)
        await delete_rows(self._session, PostTagRow, post_id=post_id)
        await self._write(post_id, Open(visibility=Visibility.DIRECT, listed=False, mentions="[]", tags="[]"))
        return Open(visibility=Visibility(visibility), listed=listed, mentions=mentions, tags=tags)

    async def reopen(self, post_id: PostId, was: Open) -> list[AccountId]:
        """Make it what it was; whom it mentions, of those that are still there."""
        await self._write(post_id, was)
        wanted = [int(each.id) for each in _mentions.decode(was.mentions)]
        found = await self._session.scalars(select(AccountRow.id).where(AccountRow.id.in_(wanted)))
        mentioned = [AccountId(each) for each in found]
        if mentioned:
            rows = [{"post_id": post_id, "account_id": each} for each in mentioned]
            await self._session.execute(insert(PostMentionRow), rows)
        if tags := _tags.decode(was.tags):
            await self._session.execute(insert(PostTagRow), [{"tag": each.name, "post_id": post_id} for each in tags])
        return mentioned

    async def _write(self, post_id: PostId, what: Open) -> None:
        values = {
            "visibility": what.visibility,
            "listed": what.listed,
            "mentions": what.mentions,
            "tags": what.tags,
        }
        await self._session.execute(update(PostRow).where(PostRow.id == post_id).values(**values))
