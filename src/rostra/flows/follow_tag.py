"""Following and featuring hashtags."""

from __future__ import annotations

from rostra.flows.house import House
from rostra.network.tagging import Featured, TagStore
from rostra.network.text import tag_key
from rostra.platform.errors import Invalid, NotFound
from rostra.platform.ids import AccountId


class TagInvalid(Invalid):
    code = "tag_invalid"
    user_message = "Validation failed: Tag is invalid"


async def follow_tag(house: House, by: AccountId, name: str, *, on: bool) -> str:
    """The tag's key. Raises TagInvalid, TooManyTags."""
    tag = key_of(name)
    async with house.database.transaction() as session:
        if on:
            await TagStore(session).follow(house.ids.next(), by, tag)
        else:
            await TagStore(session).unfollow(by, tag)
    return tag


async def feature_tag(house: House, by: AccountId, name: str) -> Featured:
    """Raises TagInvalid, TooManyTags."""
    tag = key_of(name)
    async with house.database.transaction() as session:
        return await TagStore(session).feature(house.ids.next(), by, tag)


async def unfeature_tag(house: House, by: AccountId, edge_id: int) -> None:
    """Raises NotFound for what is not featured, or by somebody else."""
    async with house.database.transaction() as session:
        if not await TagStore(session).unfeature(by, edge_id):
            raise NotFound(f"featured tag {edge_id} of {by}")


async def unfeature_tag_named(house: House, by: AccountId, name: str) -> str:
    """The tag's key; one that is not featured is no error. Raises TagInvalid."""
    tag = key_of(name)
    async with house.database.transaction() as session:
        await TagStore(session).unfeature_tag(by, tag)
    return tag


def key_of(name: str) -> str:
    """What a hashtag is found by. Raises TagInvalid."""
    if (key := tag_key(name.strip().removeprefix("#"))) is None:
        raise TagInvalid(f"tag {name[:80]!r}")
    return key
