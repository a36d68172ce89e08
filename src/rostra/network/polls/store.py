"""Queries over polls and votes. Stores never commit.

Votes on one poll wait for each other at its row: SQLite has one writer at a time, PostgreSQL locks the row when it is
read for a change. So counters and votes agree, and two votes of one person at once are one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Select, and_, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.polls.polls import NoSuchPoll, Option, Poll, PollId, PollWish, chosen
from rostra.network.polls.tables import PollRow, PollVoteRow
from rostra.platform.database import delete_some, rows_changed
from rostra.platform.ids import AccountId, PostId

_COLUMNS: Final[tuple[Any, ...]] = (
    PollRow.id,
    PollRow.post_id,
    PollRow.author_id,
    PollRow.options,
    PollRow.expires_at,
    PollRow.multiple,
    PollRow.hide_totals,
    PollRow.voters_count,
)
_IDS: Final[Any] = bindparam("ids", expanding=True)
_PLAIN: Final = select(*_COLUMNS).where(PollRow.id.in_(_IDS))
_VOTED: Final = (
    select(*_COLUMNS, PollVoteRow.choices)
    .outerjoin(PollVoteRow, and_(PollVoteRow.poll_id == PollRow.id, PollVoteRow.account_id == bindparam("viewer")))
    .where(PollRow.id.in_(_IDS))
)
_options: Final = msgspec.json.Decoder(tuple[Option, ...])
_json: Final = msgspec.json.Encoder()


class PollStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def by_ids(self, ids: Collection[int], viewer: AccountId | None) -> dict[int, Poll]:
        """Polls with the viewer's own votes, by id: one query for a whole page of posts, none without a poll.

        Whether the viewer may read their posts is asked elsewhere. Indexes: the primary key, uq_poll_votes_voter.
        """
        if not ids:
            return {}
        connection = await self._session.connection()
        if viewer is None:
            rows = (await connection.execute(_PLAIN, {"ids": list(ids)})).all()
        else:
            rows = (await connection.execute(_VOTED, {"ids": list(ids), "viewer": viewer})).all()
        return {row[0]: _poll(row, viewer) for row in rows}

    async def get(self, poll_id: PollId, viewer: AccountId | None) -> Poll:
        """Raises NoSuchPoll."""
        found = await self.by_ids([poll_id], viewer)
        if poll_id not in found:
            raise NoSuchPoll(f"poll {poll_id}")
        return found[poll_id]

    async def add(self, poll_id: PollId, post_id: PostId, author: AccountId, wish: PollWish, *, now: datetime) -> None:
        """Raises PollInvalid."""
        values = _asked(wish, now) | {"id": poll_id, "post_id": post_id, "author_id": author}
        await self._session.execute(insert(PollRow).values(**values, options=_fresh(wish), voters_count=0))

    async def change(self, poll_id: PollId, wish: PollWish, *, now: datetime) -> None:
        """Ask something else, or for longer. Votes stay while they answer the same question. Raises PollInvalid."""
        values = _asked(wish, now)
        if not (await self._locked(poll_id)).asks_the_same(wish):
            await self._session.execute(delete(PollVoteRow).where(PollVoteRow.poll_id == poll_id))
            values |= {"options": _fresh(wish), "voters_count": 0}
        await self._session.execute(update(PollRow).where(PollRow.id == poll_id).values(**values))

    async def remove(self, poll_id: PollId) -> None:
        await self._session.execute(delete(PollRow).where(PollRow.id == poll_id))

    async def vote(
        self, vote_id: int, poll_id: PollId, voter: AccountId, places: Collection[int], *, now: datetime
    ) -> None:
        """Count the vote. Raises NoSuchPoll, VoteRefused."""
        poll = await self._locked(poll_id)
        own = (PollVoteRow.poll_id == poll_id) & (PollVoteRow.account_id == voter)
        before = await self._session.scalar(select(PollVoteRow.choices).where(own)) or 0
        new = chosen(poll, voter, places, before=before, now=now)
        if before:
            await self._session.execute(update(PollVoteRow).where(own).values(choices=before | new))
        else:
            row = {"id": vote_id, "poll_id": poll_id, "account_id": voter, "choices": new}
            await self._session.execute(insert(PollVoteRow).values(**row))
        counted = tuple(
            Option(option.title, option.votes + (new >> place & 1)) for place, option in enumerate(poll.options)
        )
        values = {"options": _encoded(counted), "voters_count": poll.voters + (0 if before else 1)}
        await self._session.execute(update(PollRow).where(PollRow.id == poll_id).values(**values))

    # the end

    async def ended(self, now: datetime, *, most: int) -> list[Poll]:
        """Polls that have ended and nobody was told of, the first ones first. Index: ix_polls_untold."""
        query = select(*_COLUMNS).where(PollRow.told.is_(False), PollRow.expires_at <= now)
        rows = (await self._session.execute(query.order_by(PollRow.expires_at).limit(most))).all()
        return [_poll(row, None) for row in rows]

    async def claim_telling(self, poll_id: PollId, now: datetime) -> bool:
        """Whether it is this transaction that tells of the end: of several at once, one; none of a prolonged poll."""
        untold = (PollRow.id == poll_id) & PollRow.told.is_(False) & (PollRow.expires_at <= now)
        return await rows_changed(self._session, update(PollRow).where(untold).values(told=True)) == 1

    async def voters(self, poll_id: PollId, *, most: int) -> list[AccountId]:
        """Who has voted, the last ones first. Index: ix_poll_votes_poll_id."""
        query = select(PollVoteRow.account_id).where(PollVoteRow.poll_id == poll_id)
        found = (await self._session.scalars(query.order_by(PollVoteRow.id.desc()).limit(most))).all()
        return [AccountId(each) for each in found]

    async def forget_account(self, account_id: AccountId, *, limit: int) -> int:
        """Remove some of a deleted account's votes; how many. They stay counted, and nobody knows any more whose."""
        return await delete_some(self._session, PollVoteRow, PollVoteRow.account_id == account_id, limit=limit)

    async def forget_votes_on(self, post_ids: Collection[int], *, limit: int) -> int:
        """Remove some of the votes on the polls of these posts; how many."""
        polls = select(PollRow.id).where(PollRow.post_id.in_(post_ids))
        return await delete_some(self._session, PollVoteRow, PollVoteRow.poll_id.in_(polls), limit=limit)

    async def _locked(self, poll_id: PollId) -> Poll:
        """The poll, which nobody else can change until the transaction ends. Raises NoSuchPoll."""
        query: Select[Any] = select(*_COLUMNS).where(PollRow.id == poll_id).with_for_update()
        row = (await self._session.execute(query)).first()
        if row is None:
            raise NoSuchPoll(f"poll {poll_id}")
        return _poll(row, None)


def _asked(wish: PollWish, now: datetime) -> dict[str, Any]:
    """The columns that a wish settles, but for the options. Raises PollInvalid."""
    expires_at = now + wish.check()
    return {"expires_at": expires_at, "multiple": wish.multiple, "hide_totals": wish.hide_totals, "told": False}


def _fresh(wish: PollWish) -> str:
    return _encoded(tuple(Option(title) for title in wish.options))


def _encoded(options: tuple[Option, ...]) -> str:
    return _json.encode(options).decode()


def _poll(row: Sequence[Any], viewer: AccountId | None) -> Poll:
    poll_id, post_id, author_id, options, expires_at, multiple, hide_totals, voters = row[:8]
    return Poll(
        id=PollId(poll_id),
        post_id=PostId(post_id),
        author_id=AccountId(author_id),
        options=_options.decode(options),
        expires_at=expires_at,
        multiple=multiple,
        hide_totals=hide_totals,
        voters=voters,
        viewer=viewer,
        own_choices=row[8] or 0 if len(row) > 8 else 0,
    )
