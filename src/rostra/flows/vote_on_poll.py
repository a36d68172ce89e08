"""Voting, and telling those concerned when a poll ends."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from rostra.flows.house import House
from rostra.flows.notify import Notifying
from rostra.network.notifications import Kind, News
from rostra.network.polls import VOTERS_TOLD, NoSuchPoll, Poll, PollId, PollStore
from rostra.network.posts import PostStore
from rostra.platform.ids import AccountId, PostId
from rostra.platform.log import get_logger
from rostra.platform.rounds import in_rounds

_log = get_logger(__name__)

EVERY_S: Final = 5.0
AT_ONCE: Final = 20


async def vote_on_poll(house: House, by: AccountId, poll_id: PollId, places: Collection[int]) -> Poll:
    """The poll after the vote. Raises NoSuchPoll, NoSuchPost unless `by` may read its post; VoteRefused."""
    now = house.clock.now()
    async with house.database.transaction() as session:
        polls = PollStore(session)
        poll = await polls.get(poll_id, by)
        await PostStore(session).get(poll.post_id, by, now=now)
        await polls.vote(house.ids.next(), poll_id, by, places, now=now)
        return await polls.get(poll_id, by)


async def vote_on_post(house: House, by: AccountId, post_id: PostId, places: Collection[int]) -> Poll:
    """The same by the post, or a boost of it. Raises as `vote_on_poll`."""
    async with house.database.reading() as session:
        post = (await PostStore(session).get(post_id, by, now=house.clock.now())).original
    if post.poll_id is None:
        raise NoSuchPoll(f"post {post_id} asks nothing")
    return await vote_on_poll(house, by, post.poll_id, places)


class PollEnding:
    """Tells of polls that have ended: the author, and those of the voters who voted last. What is still to be told is
    a column of the poll, so a restart forgets nothing; several sites may run it, and one of them tells.
    """

    def __init__(self, house: House) -> None:
        self._house = house

    async def run(self) -> None:
        """For ever."""
        await in_rounds(self.tick, self._house.clock, _log, every_s=EVERY_S)

    async def tick(self) -> int:
        """Tell of what has ended; how many polls that were."""
        async with self._house.database.reading() as session:
            ended = await PollStore(session).ended(self._house.clock.now(), most=AT_ONCE)
        for poll in ended:
            await self._tell(poll)
        return len(ended)

    async def _tell(self, poll: Poll) -> None:
        """Whatever the author's account is: what may not be seen is left out when notifications are read."""
        notifying = Notifying(self._house)
        async with self._house.database.transaction() as session:
            polls = PollStore(session)
            if not await polls.claim_telling(poll.id, self._house.clock.now()):
                return
            told = [poll.author_id, *await polls.voters(poll.id, most=VOTERS_TOLD)]
            await notifying.several(
                session,
                [News(to=each, kind=Kind.POLL, by=poll.author_id, post_id=poll.post_id) for each in told],
                thread_id=await PostStore(session).thread_of(poll.post_id),
                again=True,
            )
        await notifying.tell()
        _log.info("poll_ended", poll_id=poll.id, post_id=poll.post_id, told=len(told))
