"""A house to run flows in, and the people in it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from rostra.apps.channels import ensure_channels
from rostra.broadcast import AiringShape, Broadcast, Visibility, Wish
from rostra.flows.house import House, Membership
from rostra.flows.move_broadcast import go_live, open_doors
from rostra.flows.schedule_broadcast import schedule_broadcast
from rostra.flows.sign_in import ensure_owner
from rostra.network.accounts import Role, Viewer
from rostra.platform.bus import Bus
from rostra.platform.clock import Clock
from rostra.platform.database import Database
from rostra.platform.files import FileStore
from rostra.platform.ids import AccountId, IdSource
from rostra.platform.outbox import Relay
from rostra.platform.seal import Seal

ON_LOCALHOST = Membership(site_url="http://localhost:8000")


async def a_house(
    database: Database, bus: Bus, clock: Clock, folder: Path, membership: Membership = ON_LOCALHOST
) -> House:
    await ensure_channels(bus, window=timedelta(seconds=60))
    return House(
        database=database,
        bus=bus,
        files=FileStore(folder / "files"),
        clock=clock,
        ids=IdSource(clock),
        relay=Relay(database, bus, clock),
        shape=AiringShape(),
        stage_url="http://stage.test",
        seal=Seal(bytes(range(32))),
        membership=membership,
        site_url="http://site.test",
    )


async def the_owner(house: House) -> Viewer:
    account = await ensure_owner(house.database, house.clock, house.ids)
    return Viewer(name=account.display_name, account_id=account.id, role=account.role)


def a_stranger() -> Viewer:
    """Another organiser, who has no right over the owner's broadcasts."""
    return Viewer(name="Stranger", account_id=AccountId(7), role=Role.ORGANISER)


def a_wish(
    starts_at: datetime,
    *,
    title: str = "An evening with Ada",
    unlisted: bool = False,
    auto_start: bool = False,
    doors_open_before_min: int = 15,
) -> Wish:
    return Wish(
        title=title,
        description="We talk.\n\nYou listen.",
        host_name="Ada",
        starts_at=starts_at,
        zone="Europe/Berlin",
        visibility=Visibility.UNLISTED if unlisted else Visibility.PUBLIC,
        auto_start=auto_start,
        doors_open_before_min=doors_open_before_min,
    )


async def a_broadcast(house: House, by: Viewer, *, in_minutes: float = 60, auto_start: bool = False) -> Broadcast:
    starts_at = house.clock.now() + timedelta(minutes=in_minutes)
    return await schedule_broadcast(house, a_wish(starts_at, auto_start=auto_start), by=by)


async def on_the_air(house: House, broadcast: Broadcast, by: Viewer) -> Broadcast:
    """The doors are opened, and it goes live at once."""
    await open_doors(house, broadcast.id, by=by)
    return await go_live(house, broadcast.id, by=by)
