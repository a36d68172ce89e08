"""The demonstration: a broadcast that starts now, with links for two voices and a third speaker, and a few posts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from rostra.broadcast import Broadcast, BroadcastStore, Wish
from rostra.flows.edit_profile import edit_profile
from rostra.flows.house import House
from rostra.flows.invite_speaker import invite_speaker
from rostra.flows.move_broadcast import cancel_broadcast, end_broadcast, open_doors
from rostra.flows.publish_post import publish_post
from rostra.flows.schedule_broadcast import schedule_broadcast
from rostra.media.wire import Phase
from rostra.network.accounts import Account, ProfileChange, ProfileStore, Viewer
from rostra.network.posts import Draft

TITLE: Final = "The first hour: a demonstration interview"
DESCRIPTION: Final = (
    "Two machine voices talk about how this broadcast reaches you: one stage, one programme, one link.\n\n"
    "Press play to listen. Everything on this page runs on the machine that you started it on."
)
VOICES: Final = ("First voice", "Second voice")
GUEST: Final = "A third speaker"
NOTE: Final = "I run this Rostra: a live conversation, and a small network around it. #rostra"
POSTS: Final = (
    "This is a house of its own: the broadcast, the posts and the people are on one server. #rostra",
    "A demonstration interview is on the air now: press play on the home page. #live",
)


@dataclass(frozen=True, slots=True)
class Demonstration:
    """tokens: of the two voices' links; third_token: of the link for whoever wants to join them."""

    broadcast: Broadcast
    tokens: tuple[str, ...]
    third_token: str


async def seed_demo(house: House, owner: Account) -> Demonstration:
    """Bring a fresh demonstration to open doors; it goes on the air by itself as soon as a voice is on stage.

    One that a previous run left behind is ended first, so exactly one is on the air.
    """
    by = Viewer(name=owner.display_name, account_id=owner.id, role=owner.role)
    await _end_previous(house, by)
    await _introduce(house, owner)
    now = house.clock.now().replace(microsecond=0)
    wish = Wish(
        title=TITLE,
        description=DESCRIPTION,
        host_name="Rostra",
        starts_at=now - timedelta(seconds=1),
        auto_start=True,
        doors_open_before_min=0,
    )
    broadcast = await schedule_broadcast(house, wish, by=by)
    broadcast = await open_doors(house, broadcast.id, by=by)
    tokens = [(await invite_speaker(house, broadcast.id, name, by=by)).token for name in (*VOICES, GUEST)]
    return Demonstration(broadcast, tuple(tokens[:2]), tokens[2])


async def _introduce(house: House, owner: Account) -> None:
    """A profile and two posts, once: an owner who has posted is left alone."""
    async with house.database.reading() as session:
        own = await ProfileStore(session).own(owner.id, requests_count=0)
    if own.profile.posts_count > 0 or own.note:
        return
    await edit_profile(house, owner.id, ProfileChange(note=NOTE), None)
    for text in POSTS:
        await publish_post(house, owner.id, Draft(text=text, language="en"))


async def _end_previous(house: House, by: Viewer) -> None:
    async with house.database.reading() as session:
        running = await BroadcastStore(session).in_phases((Phase.DOORS_OPEN, Phase.LIVE, Phase.PAUSED))
    for broadcast in running:
        if broadcast.owner_id == by.account_id and broadcast.title == TITLE:
            leave = cancel_broadcast if broadcast.phase is Phase.DOORS_OPEN else end_broadcast
            await leave(house, broadcast.id, by=by)
