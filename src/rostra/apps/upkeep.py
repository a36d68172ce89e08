"""What an operator does to a house from outside of its site: a way in, the bus written anew, new keys."""

from __future__ import annotations

from dataclasses import replace

from rostra.apps.embedded_nats import running_url
from rostra.apps.opening import open_database, open_house
from rostra.apps.run_file import read_run
from rostra.apps.settings import Settings
from rostra.flows.publish_replay import order_again
from rostra.flows.rebuild_bus import rebuild_bus as rebuild
from rostra.flows.sign_in import ensure_owner, make_link
from rostra.flows.signing_keys import rotate_keys
from rostra.platform.clock import SystemClock
from rostra.platform.ids import IdSource
from rostra.shield.admission import LISTENER_FAMILY


async def make_sign_in_link(settings: Settings) -> str:
    """A new one-time link for the owner, good for 15 minutes. Needs the database only.

    It leads to the house that runs in the data folder, whatever its ports, unless the settings name the site.
    """
    run = None if settings.site_url else read_run(settings.data_dir)
    address = settings.backstage if run is None else run.backstage or run.site
    async with open_database(settings) as database:
        clock = SystemClock()
        owner = await ensure_owner(database, clock, IdSource(clock))
        return f"{address}/sign-in/{await make_link(database, clock, owner)}"


async def rebuild_bus(settings: Settings) -> None:
    """Write airings, keys and revoked seats to the bus again, from the database."""
    async with open_house(settings) as house:
        await rebuild(house)
        await order_again(house)


async def change_listener_keys(settings: Settings) -> None:
    """Give the tickets of listeners a new key. Needs database and bus."""
    url = settings.nats_url or running_url(settings.data_dir / "nats") or ""
    async with open_house(replace(settings, nats_url=url)) as house:
        await rotate_keys(house, LISTENER_FAMILY)
