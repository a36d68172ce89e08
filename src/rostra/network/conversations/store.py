"""Queries over conversations. Stores never commit.

A direct post writes a row for each account that it concerns, its author included: fifty-one at most. What a
conversation shows is looked for on reading: the newest of its direct posts that the account may and wants to read. So
a deletion, a block, a mute or a suspension needs no repair here, and lifting it brings everything back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from sqlalchemy import Select, and_, delete, exists, literal_column, not_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts import Profile, ProfileStore
from rostra.network.conversations.tables import ConversationRow
from rostra.network.posts import Post
from rostra.network.posts.reading import VIEWER, P, read, readable, viewing, wanted, with_authors
from rostra.network.posts.tables import PostRow, ThreadMuteRow
from rostra.platform.database import delete_some
from rostra.platform.errors import RostraError
from rostra.platform.ids import AccountId, PostId
from rostra.platform.keyset import Page

C: Final = ConversationRow
_DIRECT: Final[Any] = literal_column("'direct'")


class NoSuchConversation(RostraError):
    status, code = HTTPStatus.NOT_FOUND, "no_such_conversation"
    user_message = "Record not found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One that an account takes part in. id: of the post that began it. cursor: its place in the list.

    last: the newest post in it that the account may read. people: whom that post is between, without the account
    itself, unless it is alone.
    """

    id: PostId
    cursor: int
    unread: bool
    last: Post
    people: tuple[Profile, ...]


class ConversationStore:
    """Every conversation is asked for with its account: somebody else's does not exist."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    # reading

    async def page(self, account_id: AccountId, page: Page, *, now: datetime) -> list[Conversation]:
        """Newest first, in three queries: rows, posts, people. Index: ix_conversations_account_id."""
        query = _shown().where(not_(C.hidden))
        found = page.narrow(query, C.last_post_id)
        rows = (await self._session.execute(found, viewing(account_id, now))).all()
        return await self._filled(account_id, page.in_order(rows), now)

    async def get(self, account_id: AccountId, thread_id: PostId, *, now: datetime) -> Conversation:
        """Raises NoSuchConversation."""
        query = _shown().where(C.thread_id == thread_id)
        rows = (await self._session.execute(query, viewing(account_id, now))).all()
        found = await self._filled(account_id, rows, now)
        if not found:
            raise NoSuchConversation(f"conversation {thread_id} of {account_id}")
        return found[0]

    async def unread(self, account_id: AccountId, *, at_most: int, now: datetime) -> int:
        """How many have something new, counted up to `at_most`."""
        query = _shown().where(not_(C.hidden), C.unread, not_(_muted())).limit(at_most)
        return len((await self._session.execute(query, viewing(account_id, now))).all())

    async def is_unread(self, account_id: AccountId, thread_id: PostId) -> bool:
        own = (C.account_id == account_id) & (C.thread_id == thread_id)
        return bool(await self._session.scalar(select(C.unread).where(own)))

    # writing

    async def add(self, post: Post, *, only_new: bool = False) -> list[AccountId]:
        """A direct post of now, for everybody whom it concerns; who they are. only_new: for those alone who were not in
        the conversation yet, after an edit.
        """
        accounts = {post.author.id, *(AccountId(each) for each in post.mentioned_ids)}
        rows = [
            {
                "account_id": account_id,
                "thread_id": post.thread_id,
                "last_post_id": post.id,
                "unread": account_id != post.author.id,
                "hidden": False,
            }
            for account_id in sorted(accounts)
        ]
        dialect: Any = postgresql if self._session.get_bind().dialect.name == "postgresql" else sqlite
        made = dialect.insert(C)
        again = {name: made.excluded[name] for name in ("last_post_id", "unread", "hidden")}
        key = ["account_id", "thread_id"]
        if only_new:
            made = made.on_conflict_do_nothing(index_elements=key)
        else:
            made = made.on_conflict_do_update(index_elements=key, set_=again)
        await self._session.execute(made, rows)
        return sorted(accounts)

    async def mark(self, account_id: AccountId, thread_id: PostId, *, unread: bool) -> None:
        await self._change(account_id, thread_id, unread=unread)

    async def hide(self, account_id: AccountId, thread_id: PostId) -> None:
        """Put it away until somebody writes again. One that is not there is no error."""
        await self._change(account_id, thread_id, hidden=True, unread=False)

    async def drop_empty(self, thread_ids: Collection[int]) -> None:
        """Forget those of these conversations that have no direct post any more. Index: ix_posts_thread_id."""
        left = exists().where(PostRow.thread_id == C.thread_id, PostRow.visibility == _DIRECT)
        gone = delete(C).where(C.thread_id.in_(thread_ids), not_(left))
        await self._session.execute(gone.execution_options(synchronize_session=False))

    async def forget_account(self, account_id: AccountId, *, limit: int) -> int:
        """Remove some of a deleted account's conversations; how many."""
        return await delete_some(self._session, C, C.account_id == account_id, limit=limit)

    async def _change(self, account_id: AccountId, thread_id: PostId, **values: bool) -> None:
        own = (C.account_id == account_id) & (C.thread_id == thread_id)
        await self._session.execute(update(C).where(own).values(**values))

    async def _filled(self, account_id: AccountId, rows: Sequence[Any], now: datetime) -> list[Conversation]:
        if not rows:
            return []
        ids = select(P.id).where(P.id.in_([row.shown for row in rows]))
        posts = {post.id: post for post in await read(self._session, with_authors(ids), viewing(account_id, now))}
        named = {each for post in posts.values() for each in (post.author.id, *post.mentioned_ids)}
        profiles = await ProfileStore(self._session).by_ids(named)
        return [
            Conversation(
                id=PostId(row.thread_id),
                cursor=row.last_post_id,
                unread=row.unread and not row.muted,
                last=post,
                people=_people(account_id, post, profiles),
            )
            for row in rows
            if (post := posts.get(row.shown)) is not None
        ]


def _shown() -> Select[Any]:
    """Rows of the viewer's conversations that have something to read. `shown`: their newest post."""
    newest = (
        select(P.id)
        .where(P.thread_id == C.thread_id, P.visibility == _DIRECT, readable(viewed=True), wanted(viewed=True))
        .order_by(P.id.desc())
        .limit(1)
        .correlate(C)
        .scalar_subquery()
    )
    inner = select(C.thread_id, C.last_post_id, C.unread, newest.label("shown"), _muted().label("muted"))
    return inner.where(C.account_id == VIEWER, newest.is_not(None))


def _muted() -> Any:
    return exists().where(and_(ThreadMuteRow.account_id == VIEWER, ThreadMuteRow.thread_id == C.thread_id))


def _people(account_id: AccountId, post: Post, profiles: Mapping[int, Profile]) -> tuple[Profile, ...]:
    ids = dict.fromkeys((post.author.id, *(AccountId(each) for each in post.mentioned_ids)))
    others = tuple(profiles[each] for each in ids if each != account_id and each in profiles)
    return others or (profiles[account_id],)
