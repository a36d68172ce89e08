"""A post and its media: attached, described anew or exchanged in the post's own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.house import House
from rostra.network.media import Description, Focus, MediaStore, media_attachment
from rostra.platform.ids import AccountId, MediaId, PostId


@dataclass(frozen=True, slots=True)
class Described:
    """New words for something that is attached. focus: None leaves it."""

    media_id: MediaId
    text: Description | None
    focus: Focus | None


async def attach_media(
    house: House,
    session: AsyncSession,
    account_id: AccountId,
    post_id: PostId,
    media_ids: Sequence[MediaId],
    described: Sequence[Described] = (),
) -> str:
    """Make these the media of the post and of no other, in this order; the JSON that the post's row keeps for readers.

    What the post had and is not named is deleted with its files. Raises CannotAttach, NotReady, MediaUnknown.
    """
    store = MediaStore(session)
    attached = {each.id: each for each in await store.attach(account_id, post_id, media_ids, now=house.clock.now())}
    await session.flush()
    for each in described:
        found = await store.describe(each.media_id, account_id, post_id=post_id, text=each.text, focus=each.focus)
        attached[found.id] = found
    return msgspec.json.encode([media_attachment(attached[each], house.site_url) for each in media_ids]).decode()
