"""Looking posts up: one, several, conversations, versions, and what is asked about them besides."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import msgspec
from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.posts.posts import NoSuchPost, Post, Restricted, TagRef, Version
from rostra.network.posts.quoting import QuoteState
from rostra.network.posts.reading import P, quoted_by, read, readable, viewing, with_authors
from rostra.network.posts.tables import PostRow, PostVersionRow
from rostra.platform.ids import AccountId, BroadcastId, PostId
from rostra.platform.prepared import Prepared

THREAD_MAX: Final = 4096
"""Posts of one conversation that are looked at; a longer one is shown in part."""
_tags: Final = msgspec.json.Decoder(list[TagRef])
_titles: Final = msgspec.json.Decoder(tuple[str, ...])


class PostLookups:
    """The half of `PostStore` that changes nothing."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    # for who may read them

    async def get(self, post_id: PostId, viewer: AccountId | None, *, now: datetime) -> Post:
        """Raises NoSuchPost unless the viewer may read it."""
        parameters = viewing(viewer, now) | {"post_id": post_id}
        found = await read(self._session, _one(viewed=viewer is not None), parameters)
        if not found:
            raise NoSuchPost(f"post {post_id}")
        return found[0]

    async def hidden(self, post_id: PostId, viewer: AccountId | None, *, now: datetime) -> Post | None:
        """A post that the viewer could read if no restriction hid it; None for every other."""
        chosen = select(P.id).where(P.id == post_id, P.restricted == Restricted.HIDDEN)
        found = await self._read(chosen.where(readable(viewed=viewer is not None, even_hidden=True)), viewer, now)
        return found[0] if found else None

    async def by_ids(self, ids: Collection[int], viewer: AccountId | None, *, now: datetime) -> dict[int, Post]:
        """Those that the viewer may read, by id."""
        if not ids:
            return {}
        found = await self._read(select(P.id).where(P.id.in_(ids), readable(viewed=viewer is not None)), viewer, now)
        return {post.id: post for post in found}

    async def quoted(self, posts: Iterable[Post], viewer: AccountId | None, *, now: datetime) -> dict[int, Post]:
        """What these posts, or what they boost, quote, by the ids of those that quote; as far as it is shown beside
        them. One query; none where nothing is quoted.
        """
        quoting = {post.original.id for post in posts if post.original.quote_state is QuoteState.ACCEPTED}
        return await quoted_by(self._session, quoting, viewer, now)

    async def thread(self, post: Post, viewer: AccountId | None, *, now: datetime) -> tuple[list[Post], list[Post]]:
        """Ancestors of `post`, the first one first, and its descendants, each after what it answers.

        Two queries, whatever the shape: the ids of the conversation, then those that belong here. A post between two
        that the viewer may not read is left out, and what hangs below it stays.
        """
        query = select(PostRow.id, PostRow.in_reply_to_id).where(PostRow.thread_id == post.thread_id)
        rows = (await self._session.execute(query.order_by(PostRow.id).limit(THREAD_MAX))).all()
        parents: dict[int, int | None] = {row[0]: row[1] for row in rows}
        above, below = _ancestors(parents, post.id), _descendants(parents, post.id)
        readable_posts = await self.by_ids([*above, *below], viewer, now=now)
        return [readable_posts[id_] for id_ in above if id_ in readable_posts], [
            readable_posts[id_] for id_ in below if id_ in readable_posts
        ]

    # whoever asks

    async def source(self, post_id: PostId) -> tuple[str, str]:
        """Text and warning as they were typed."""
        query = select(PostRow.text, PostRow.spoiler_text).where(PostRow.id == post_id)
        text, spoiler = (await self._session.execute(query)).one()
        return text, spoiler

    async def sources(self, post_ids: Collection[int]) -> dict[int, str]:
        """Texts as they were typed, by id."""
        query = select(PostRow.id, PostRow.text).where(PostRow.id.in_(post_ids))
        return {row.id: row.text for row in await self._session.execute(query)}

    async def author_of(self, post_id: PostId) -> AccountId | None:
        """Whoever may read it; None when there is no such post."""
        found = await self._session.scalar(select(PostRow.author_id).where(PostRow.id == post_id))
        return None if found is None else AccountId(found)

    async def thread_of(self, post_id: PostId) -> PostId | None:
        """The conversation that a post belongs to, whoever may read it; None when there is no such post."""
        found = await self._session.scalar(select(PostRow.thread_id).where(PostRow.id == post_id))
        return None if found is None else PostId(found)

    async def versions(self, post_id: PostId) -> list[Version]:
        """What the post said before, oldest first. Index: ix_post_versions_post_id."""
        return (await self.versions_of([post_id])).get(post_id, [])

    async def versions_of(self, post_ids: Collection[int]) -> dict[int, list[Version]]:
        """The same of several posts, by id; those that were never edited are absent."""
        query = select(PostVersionRow).where(PostVersionRow.post_id.in_(post_ids)).order_by(PostVersionRow.id)
        found: dict[int, list[Version]] = {}
        for row in await self._session.scalars(query):
            version = Version(
                made_at=row.made_at,
                html=row.html,
                spoiler_text=row.spoiler_text,
                sensitive=row.sensitive,
                media=row.media,
                poll=None if row.poll is None else _titles.decode(row.poll),
            )
            found.setdefault(row.post_id, []).append(version)
        return found

    async def is_free(self, post_id: PostId) -> bool:
        """Whether nothing keeps it from those who do not look for it."""
        query = select(PostRow.id).where(PostRow.id == post_id, PostRow.restricted == Restricted.FREE)
        return await self._session.scalar(query) is not None

    async def origin(self, post_id: PostId) -> tuple[AccountId, list[TagRef]]:
        """Whose post it is, and its hashtags, whoever may read it. Raises NoSuchPost."""
        query = select(PostRow.author_id, PostRow.tags).where(PostRow.id == post_id)
        if (row := (await self._session.execute(query)).first()) is None:
            raise NoSuchPost(f"post {post_id}")
        return AccountId(row.author_id), _tags.decode(row.tags)

    async def last_of(self, author: AccountId) -> PostId | None:
        """The newest post or boost of an account. Index: ix_posts_author_id."""
        found = await self._session.scalar(select(func.max(PostRow.id)).where(PostRow.author_id == author))
        return None if found is None else PostId(found)

    async def count_since(self, author: AccountId, first: int) -> int:
        """Posts and boosts of an account with ids from `first` on. Index: ix_posts_author_id."""
        query = select(func.count()).where(PostRow.author_id == author, PostRow.id >= first)
        return await self._session.scalar(query) or 0

    async def newest(self, before: int, *, limit: int) -> list[PostId]:
        """Ids of originals below `before`, newest first, whoever may read them: for the operator's own commands."""
        query = select(PostRow.id).where(PostRow.id < before, PostRow.boost_of_id.is_(None))
        found = await self._session.scalars(query.order_by(PostRow.id.desc()).limit(limit))
        return [PostId(each) for each in found]

    async def announcement(self, author: AccountId, broadcast: BroadcastId) -> PostId | None:
        """The post by which `author` has announced `broadcast`. Index: ix_posts_broadcast_id."""
        query = select(func.max(PostRow.id)).where(PostRow.broadcast_id == broadcast, PostRow.author_id == author)
        found = await self._session.scalar(query)
        return None if found is None else PostId(found)

    async def quoters(self, quoted: PostId, *, limit: int) -> list[tuple[PostId, AccountId]]:
        """The newest posts that quote this one, with their authors. Index: ix_posts_quote_of_id."""
        query = select(PostRow.id, PostRow.author_id).where(
            PostRow.quote_of_id == quoted, PostRow.quote_state == QuoteState.ACCEPTED
        )
        rows = (await self._session.execute(query.order_by(PostRow.id.desc()).limit(limit))).all()
        return [(PostId(row[0]), AccountId(row[1])) for row in rows]

    async def _read(self, ids: Select[Any], viewer: AccountId | None, now: datetime) -> list[Post]:
        return await read(self._session, with_authors(ids), viewing(viewer, now))


@lru_cache(maxsize=2)
def _one(*, viewed: bool) -> Prepared:
    return Prepared(with_authors(select(P.id).where(P.id == bindparam("post_id"), readable(viewed=viewed))))


def _ancestors(parents: dict[int, int | None], post_id: int) -> list[int]:
    """Parents have smaller ids than children, so this ends."""
    chain: list[int] = []
    at = parents.get(post_id)
    while at is not None and at < (chain[-1] if chain else post_id):
        chain.append(at)
        at = parents.get(at)
    return chain[::-1]


def _descendants(parents: dict[int, int | None], post_id: int) -> list[int]:
    """Depth first, siblings by age."""
    children: dict[int, list[int]] = {}
    for child, parent in parents.items():
        if parent is not None:
            children.setdefault(parent, []).append(child)
    found: list[int] = []
    waiting = children.get(post_id, [])[::-1]
    while waiting:
        at = waiting.pop()
        found.append(at)
        waiting.extend(children.get(at, [])[::-1])
    return found
