"""Posts in the database: adding, editing, restricting, deleting. Stores never commit."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import case, delete, func, insert, or_, select, update

from rostra.network.accounts.tables import AccountRow
from rostra.network.polls import Poll, PollId
from rostra.network.posts.adding import EMPTY, add_original
from rostra.network.posts.findable import Findable, findable
from rostra.network.posts.lookups import PostLookups
from rostra.network.posts.posts import IDEMPOTENCY_LIFETIME, Post, Restricted, TagRef, Written
from rostra.network.posts.quoting import QuotePolicy, QuoteState, settled
from rostra.network.posts.tables import (
    IdempotencyRow,
    PostMentionRow,
    PostRow,
    PostTagRow,
    PostVersionRow,
    PostWordsRow,
)
from rostra.network.visibility import Visibility
from rostra.platform.database import delete_rows, insert_new, rows_changed
from rostra.platform.ids import AccountId, PostId

_json: Final = msgspec.json.Encoder()


class PostStore(PostLookups):
    """What changes posts; what only looks them up is in `PostLookups`."""

    # writing

    async def add(
        self,
        post_id: PostId,
        author: AccountId,
        written: Written,
        parent: Post | None,
        poll_id: PollId | None = None,
        quoted: Post | None = None,
    ) -> Post:
        """Add an original, and count it for its author. parent: what it answers. quoted: what it quotes.

        Raises NoSuchPost where the author is not shown any more.
        """
        draft = written.draft
        is_reply_to_other = parent is not None and parent.author.id != author
        row: dict[str, Any] = {
            "id": post_id,
            "author_id": author,
            "in_reply_to_id": None if parent is None else parent.id,
            "in_reply_to_account_id": None if parent is None else parent.author.id,
            "thread_id": post_id if parent is None else parent.thread_id,
            "visibility": draft.visibility,
            "listed": draft.visibility is Visibility.PUBLIC and not is_reply_to_other,
            "language": draft.language,
            "poll_id": poll_id,
            "quote_of_id": None if quoted is None else quoted.id,
            "quote_state": None if quoted is None else QuoteState.ACCEPTED,
            "quote_policy": settled(draft.quote_policy or QuotePolicy.PUBLIC, draft.visibility),
            "broadcast_id": draft.broadcast_id,
            "app_name": None if draft.app is None else draft.app.name,
            "app_website": None if draft.app is None else draft.app.website,
        }
        post = await add_original(self._session, row | _content(written), _findable(author, written))
        await self._add_references(post_id, written)
        if parent is not None:
            await self.count(parent.id, replies=1)
        if quoted is not None:
            await self.count(quoted.id, quotes=1)
        return post

    async def add_boost(self, boost_id: PostId, author: AccountId, original: Post, visibility: Visibility) -> bool:
        """Add the boost unless there is one already; whether it is new."""
        row = EMPTY | {
            "id": boost_id,
            "author_id": author,
            "boost_of_id": original.id,
            "boost_of_author_id": original.author.id,
            "thread_id": boost_id,
            "visibility": visibility,
            "listed": False,
        }
        return await insert_new(self._session, PostRow, **row)

    async def boost_by(self, author: AccountId, original: PostId) -> PostId | None:
        query = select(PostRow.id).where(PostRow.boost_of_id == original, PostRow.author_id == author)
        found = await self._session.scalar(query)
        return None if found is None else PostId(found)

    async def edit(
        self,
        post: Post,
        written: Written,
        *,
        asked: Poll | None,
        poll_id: PollId | None,
        version_id: int,
        was_made_at: datetime,
        now: datetime,
    ) -> None:
        """Keep what the post said, then say something else. asked: its poll before, poll_id: after."""
        await self._session.execute(
            insert(PostVersionRow).values(
                id=version_id,
                post_id=post.id,
                made_at=was_made_at,
                html=post.html,
                spoiler_text=post.spoiler_text,
                sensitive=post.sensitive,
                media=post.media,
                poll=None if asked is None else _json.encode([each.title for each in asked.options]).decode(),
            )
        )
        values = _content(written) | {"edited_at": now, "language": written.draft.language, "poll_id": poll_id}
        if written.draft.quote_policy is not None:
            values["quote_policy"] = settled(written.draft.quote_policy, post.visibility)
        await self._session.execute(update(PostRow).where(PostRow.id == post.id).values(**values))
        await delete_rows(self._session, PostMentionRow, post_id=post.id)
        await delete_rows(self._session, PostTagRow, post_id=post.id)
        await self._add_references(post.id, written)
        words = update(PostWordsRow).where(PostWordsRow.post_id == post.id)
        await self._session.execute(words.values(words=_findable(post.author.id, written)))

    async def restrict(self, post_id: PostId, restricted: Restricted) -> tuple[AccountId, list[TagRef]]:
        """From this commit on every read follows. Whose post it is, and its hashtags. Raises NoSuchPost."""
        origin = await self.origin(post_id)
        await self._session.execute(update(PostRow).where(PostRow.id == post_id).values(restricted=int(restricted)))
        return origin

    async def demote(self, post_ids: Collection[PostId]) -> None:
        """Keep what is free from who does not look for it; what is hidden stays so."""
        free = update(PostRow).where(PostRow.id.in_(post_ids), PostRow.restricted == Restricted.FREE)
        await self._session.execute(free.values(restricted=int(Restricted.DEMOTED)))

    async def free(self, post_ids: Collection[PostId]) -> None:
        """The opposite of `demote`."""
        demoted = update(PostRow).where(PostRow.id.in_(post_ids), PostRow.restricted == Restricted.DEMOTED)
        await self._session.execute(demoted.values(restricted=int(Restricted.FREE)))

    async def delete(self, post: Post) -> None:
        """Delete a post, its boosts and all that hangs on it, and take them from the accounts that had them.

        Answers and quotes stay and lose what they are of. A fixed number of statements, however many have boosted.
        """
        await self._session.execute(_take_from_accounts(post))
        answers = update(PostRow).where(PostRow.in_reply_to_id == post.id).values(in_reply_to_id=None)
        await self._session.execute(answers)
        gone = {"quote_of_id": None, "quote_state": QuoteState.DELETED}
        await self._session.execute(update(PostRow).where(PostRow.quote_of_id == post.id).values(**gone))
        await self._session.execute(delete(PostRow).where(PostRow.boost_of_id == post.id))
        await self._session.execute(delete(PostRow).where(PostRow.id == post.id))
        if post.in_reply_to_id is not None:
            await self.count(post.in_reply_to_id, replies=-1)
        if post.quote_of_id is not None and post.quote_state is QuoteState.ACCEPTED:
            await self.count(post.quote_of_id, quotes=-1)

    async def delete_boost(self, boost_id: PostId, original: PostId) -> None:
        await self._session.execute(delete(PostRow).where(PostRow.id == boost_id))
        await self.count(original, boosts=-1)

    # quotes

    async def revoke_quote(self, quoted: PostId, quoting: PostId) -> bool:
        """The author of `quoted` takes it out of `quoting`; False when it does not stand there."""
        there = (PostRow.id == quoting) & (PostRow.quote_of_id == quoted) & (PostRow.quote_state == QuoteState.ACCEPTED)
        revoked = update(PostRow).where(there).values(quote_state=QuoteState.REVOKED)
        if await rows_changed(self._session, revoked) == 0:
            return False
        await self.count(quoted, quotes=-1)
        return True

    async def set_quote_policy(self, post: Post, policy: QuotePolicy) -> None:
        changed = update(PostRow).where(PostRow.id == post.id).values(quote_policy=settled(policy, post.visibility))
        await self._session.execute(changed)

    async def count(
        self, post_id: PostId, *, replies: int = 0, boosts: int = 0, favourites: int = 0, quotes: int = 0
    ) -> None:
        """Move the counters by these amounts."""
        changes: dict[str, Any] = {}
        counted = {"replies": replies, "boosts": boosts, "favourites": favourites, "quotes": quotes}
        for name, by in counted.items():
            column = f"{name}_count"
            if by:
                changes[column] = getattr(PostRow, column) + by
        await self._session.execute(update(PostRow).where(PostRow.id == post_id).values(**changes))

    # a key for each wish

    async def claim_key(self, author: AccountId, key: str, post_id: PostId, *, now: datetime) -> PostId:
        """The post that `author` asked for with `key` in the last hour: `post_id`, now, if there was none."""
        old = IdempotencyRow.created_at <= now - IDEMPOTENCY_LIFETIME
        await self._session.execute(delete(IdempotencyRow).where(old))
        row = {"account_id": author, "key": key, "post_id": post_id, "created_at": now}
        if await insert_new(self._session, IdempotencyRow, **row):
            return post_id
        query = select(IdempotencyRow.post_id).where(IdempotencyRow.account_id == author, IdempotencyRow.key == key)
        return PostId((await self._session.scalars(query)).one())

    async def _add_references(self, post_id: PostId, written: Written) -> None:
        if written.mentions:
            mentions = [{"post_id": post_id, "account_id": int(each.id)} for each in written.mentions]
            await self._session.execute(insert(PostMentionRow), mentions)
        if written.tags:
            await self._session.execute(
                insert(PostTagRow), [{"tag": tag.name, "post_id": post_id} for tag in written.tags]
            )


def _take_from_accounts(post: Post) -> Any:
    """Counters and last posts of the author and of everybody who has boosted, as if the post had never been."""
    boosts = select(func.count()).where(PostRow.boost_of_id == post.id, PostRow.author_id == AccountRow.id)
    others = or_(PostRow.boost_of_id.is_(None), PostRow.boost_of_id != post.id)
    last = select(func.max(PostRow.id)).where(PostRow.author_id == AccountRow.id, PostRow.id != post.id, others)
    concerned = select(PostRow.author_id).where(or_(PostRow.boost_of_id == post.id, PostRow.id == post.id))
    own = case((AccountRow.id == post.author.id, 1), else_=0)
    lost = boosts.scalar_subquery() + own
    return (
        update(AccountRow)
        .where(AccountRow.id.in_(concerned))
        .values(posts_count=AccountRow.posts_count - lost, last_post_id=last.scalar_subquery())
        .execution_options(synchronize_session=False)
    )


def _content(written: Written) -> dict[str, Any]:
    draft = written.draft
    return {
        "text": draft.text,
        "html": written.html,
        "spoiler_text": draft.spoiler_text,
        "sensitive": draft.sensitive or bool(draft.spoiler_text),
        "mentions": _json.encode(written.mentions).decode(),
        "tags": _json.encode(written.tags).decode(),
        "media": draft.media,
        "link": written.link,
    }


def _findable(author: AccountId, written: Written) -> Findable:
    draft = written.draft
    return findable(author, (draft.spoiler_text, draft.text), draft.media)
