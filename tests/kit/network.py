"""A small network in which everybody has something to do with everybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from rostra.flows import act_on_post as acts
from rostra.flows import follow_account as edges
from rostra.flows.endorse_account import block_domain, endorse_account
from rostra.flows.follow_tag import feature_tag, follow_tag
from rostra.flows.house import House
from rostra.flows.keep_lists import add_to_list, make_list
from rostra.flows.schedule_post import schedule_post
from rostra.network.accounts import AccountStore
from rostra.network.follows import FollowWish
from rostra.network.lists import ListChange
from rostra.network.media import Attachment, MediaStore, Purpose, State
from rostra.network.posts import Draft, Post
from rostra.network.remaking.orders import Kind
from rostra.network.visibility import Visibility
from rostra.platform.ids import AccountId, MediaId
from tests.kit.members import a_member, a_post, a_token


@dataclass(frozen=True)
class Network:
    ada: AccountId
    ben: AccountId
    cleo: AccountId
    adas: list[Post]
    bens: list[Post]


async def a_network(house: House) -> Network:
    """Ada has every kind of thing that an account can have, in both directions, with Ben, and some with Cleo."""
    ada, ben, cleo = [await a_member(house, name) for name in ("ada", "ben", "cleo")]
    for follower, of in ((ada, ben), (ben, ada), (cleo, ada), (cleo, ben), (ben, cleo)):
        await edges.follow_account(house, follower, of, FollowWish(notify=True))
    adas = [await a_post(house, ada, f"Number {number} for @ben #ada") for number in range(3)]
    bens = [await a_post(house, ben, f"Number {number} for @ada #ben") for number in range(3)]
    adas.append(await a_post(house, ada, "An answer", answers=bens[0].id))
    adas.append(await a_post(house, ada, "An answer to myself", answers=adas[0].id, visibility=Visibility.PRIVATE))
    bens.append(await a_post(house, ben, "An answer", answers=adas[0].id))
    for by, posts in ((ada, bens), (ben, adas), (cleo, adas), (cleo, bens)):
        for post in posts[:2]:
            await acts.favourite_post(house, by, post.id, on=True)
            await acts.bookmark_post(house, by, post.id, on=True)
            await acts.boost_post(house, by, post.id, None)
    await acts.pin_post(house, ada, adas[0].id, on=True)
    await acts.mute_thread(house, ada, bens[1].id, on=True)
    await edges.note_account(house, ada, ben, "A friend")
    await edges.note_account(house, ben, ada, "A friend")
    for one, other in ((ada, cleo), (cleo, ada)):
        await edges.mute_account(house, one, other, notifications=True, for_s=0)
    await keep_lists_and_more(house, ada, ben)
    await keep_lists_and_more(house, ben, ada)
    stranger = await a_member(house, "dora")
    await edges.block_account(house, ada, stranger)
    later = house.clock.now() + timedelta(hours=1)
    await schedule_post(house, ada, Draft(text="Later"), later)
    await a_token(house, ada)
    async with house.database.transaction() as session:
        await AccountStore(session).open_session(ada, now=house.clock.now())
        await MediaStore(session).add(a_medium(house, ada), quota_bytes=10**9)
    return Network(ada, ben, cleo, adas, bens)


async def keep_lists_and_more(house: House, by: AccountId, of: AccountId) -> None:
    """A list with `of`, whom `by` recommends, too; hashtags that `by` shows and follows; a domain."""
    made = await make_list(house, by, ListChange(title="Friends"))
    await add_to_list(house, by, made.id, [of])
    await endorse_account(house, by, of, on=True)
    await feature_tag(house, by, "ada")
    await follow_tag(house, by, "ben", on=True)
    await block_domain(house, by, "spam.example", on=True)


def a_medium(house: House, account_id: AccountId) -> Attachment:
    """A picture that is ready, as a row: its file is not there."""
    now = house.clock.now()
    return Attachment(
        id=MediaId(house.ids.next()),
        account_id=account_id,
        purpose=Purpose.ATTACHMENT,
        kind=Kind.IMAGE,
        state=State.READY,
        created_at=now,
        changed_at=now,
        file=f"ab/{house.ids.next():062x}.jpg",
        size_bytes=1000,
    )
