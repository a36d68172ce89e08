"""Announce a broadcast in a post, which shows from then on where the broadcast stands."""

from __future__ import annotations

from http import HTTPStatus
from zoneinfo import ZoneInfo

from rostra.broadcast import Broadcast, BroadcastStore
from rostra.broadcast import Visibility as BroadcastVisibility
from rostra.flows.house import House
from rostra.flows.permission import account_of, check_may_run
from rostra.flows.publish_post import publish_post
from rostra.media.wire import Phase
from rostra.network.accounts import Viewer
from rostra.network.posts import Draft, Post, PostStore
from rostra.network.text.finding import URL_COUNTS
from rostra.network.visibility import Visibility
from rostra.platform.errors import RostraError
from rostra.platform.ids import BroadcastId


class NothingToAnnounce(RostraError):
    """409: the broadcast was cancelled or is withheld."""

    status, code = HTTPStatus.CONFLICT, "nothing_to_announce"
    user_message = "This broadcast will not be heard any more, so there is nothing to announce."


async def announce_broadcast(house: House, broadcast_id: BroadcastId, *, by: Viewer) -> Post:
    """The post that announces the broadcast: the one that is there, the second time.

    A broadcast that is not listed is announced in a post that is not listed either.
    Raises NotFound, Forbidden, Unauthorized for a guest, NothingToAnnounce.
    """
    author, now = account_of(by), house.clock.now()
    async with house.database.reading() as session:
        broadcast = await BroadcastStore(session).get(broadcast_id)
        check_may_run(by, broadcast)
        posts = PostStore(session)
        if (known := await posts.announcement(author, broadcast_id)) is not None:
            return await posts.get(known, author, now=now)
    if broadcast.phase in (Phase.CANCELLED, Phase.WITHHELD):
        raise NothingToAnnounce(f"broadcast {broadcast_id} is {broadcast.phase}")
    is_public = broadcast.visibility is BroadcastVisibility.PUBLIC
    draft = Draft(
        text=announcement_text(broadcast, f"{house.site_url}/b/{broadcast.slug}", characters=house.post_characters),
        visibility=Visibility.PUBLIC if is_public else Visibility.UNLISTED,
        broadcast_id=broadcast_id,
    )
    # Two presses at once make one post: the key closes the gap between the look above and the post. It holds for a
    # minute, so that a broadcast can be announced anew after its post was deleted.
    return await publish_post(house, author, draft, key=f"announce-{broadcast_id}-{int(now.timestamp()) // 60}")


def announcement_text(broadcast: Broadcast, page_url: str, *, characters: int) -> str:
    """What the post says: title, when, and the page. The time is left out once the broadcast has begun.

    characters: how long a post may be; the title gives way.
    """
    if broadcast.phase in (Phase.SCHEDULED, Phase.DOORS_OPEN):
        local = broadcast.starts_at.astimezone(ZoneInfo(broadcast.zone))
        place = broadcast.zone.rpartition("/")[2].replace("_", " ")
        when = f"Live on {local:%A} {local.day} {local:%B %Y at %H:%M} ({place})."
    elif broadcast.phase is Phase.ENDED:
        when = "To hear again."
    else:
        when = "On the air now."
    room = characters - URL_COUNTS - len(when) - 4
    title = broadcast.title if len(broadcast.title) <= room else f"{broadcast.title[: room - 1].rstrip()}…"
    return f"{title}\n\n{when}\n{page_url}"
