"""A post and its media: attached, exchanged or deleted in the post's own transaction."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.house import House
from rostra.network.media import MediaStore, media_attachment
from rostra.platform.ids import AccountId, MediaId, PostId


async def attach_media(
    house: House, session: AsyncSession, account_id: AccountId, post_id: PostId, media_ids: Sequence[MediaId], site: str
) -> str:
    """Make these the media of the post and of no other, in this order; the JSON that the post's row keeps for readers.

    Part of posting, and of editing: what the post had and is not named is deleted with its files. site: the site's
    address, without a slash at its end. Raises CannotAttach, NotReady.
    """
    attached = await MediaStore(session).attach(account_id, post_id, media_ids, now=house.clock.now())
    return msgspec.json.encode([media_attachment(each, site) for each in attached]).decode()


async def forget_media_of_post(house: House, session: AsyncSession, post_id: PostId) -> None:
    """Part of deleting a post: from its commit on nobody gets the files."""
    await MediaStore(session).forget_post(post_id, now=house.clock.now())
