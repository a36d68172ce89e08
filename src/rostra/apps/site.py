"""The site process: pages, API, schedule, outbox and facts, all on one event loop."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from pathlib import Path
from typing import Final

import msgspec
from granian.server.embed import Server

from rostra.apps.level_watch import LevelWatch
from rostra.apps.opening import open_house
from rostra.apps.ports import require_free
from rostra.apps.settings import Settings
from rostra.apps.site_work import push_sender, start_work
from rostra.apps.stopping import asked_to_stop
from rostra.broadcast import BroadcastStore
from rostra.flows.house import House
from rostra.flows.keep_brakes import Braking
from rostra.flows.keep_rules import RulesFile
from rostra.flows.keep_trends import keep_trends
from rostra.flows.lookout import Lookout
from rostra.flows.rebuild_bus import rebuild_bus as rebuild
from rostra.flows.seed_demo import seed_demo
from rostra.flows.sign_in import ensure_owner, make_link
from rostra.media import wire
from rostra.network.accounts import FIRST_LINK_LIFETIME, Account
from rostra.network.streaming import CONNECTIONS_MAX
from rostra.platform.bus import Bus, BusUnavailable
from rostra.platform.clock import Clock
from rostra.platform.errors import NotFound, RostraError
from rostra.platform.garbage import settle
from rostra.platform.ids import BroadcastId
from rostra.platform.log import get_logger
from rostra.platform.randomness import token
from rostra.platform.tasks import Tasks
from rostra.safety.restrictions import follow
from rostra.shield.addresses import Proxies
from rostra.web.application import application, backstage_application, metrics_application, streams_application
from rostra.web.mastodon.streaming import Feed, StreamBounds, StreamServer
from rostra.web.rendering import Renderer
from rostra.web.serving import Bounds, server
from rostra.web.site import STATIC, TEMPLATES, Limits, Site
from rostra.web.territory import territory

_log = get_logger(__name__)

BEAT_S: Final = 2.0
REQUESTS_MAX: Final = 1024
KNOWS_SOON_S: Final = 0.02
"""Between looks at whether this site knows already what is restricted: before that it answers nobody."""
SITE_FILE: Final = "site.json"


class SiteStopped(RostraError):
    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "site_stopped"
    user_message = "The site stopped because of a fault; the log has its traceback."


class DemoLinks(msgspec.Struct, frozen=True, kw_only=True):
    """invitations: links of the two voices."""

    broadcast_id: str
    slug: str
    invitations: list[str]
    third_speaker_url: str


class SiteFile(msgspec.Struct, frozen=True, kw_only=True):
    """What `site.json` tells whoever started the site. It holds secrets, so its mode is 600."""

    sign_in_url: str
    demo: DemoLinks | None = None


async def run_site(settings: Settings, *, backstage: bool = False) -> None:
    """Serve until SIGTERM or SIGINT. backstage: speakers, hosts and moderators alone (ADR 74).

    Raises at once, with what to do, when it cannot work: NoBus, BusUnavailable, DatabaseUnavailable, PortTaken,
    FolderUnwritable. Raises SiteStopped when a task that must not end has ended.
    """
    name, port = ("backstage", settings.backstage_port) if backstage else ("site", settings.site_port)
    require_free(name, settings.bind_host, port)
    if settings.streaming_port and not backstage:
        require_free("site", settings.bind_host, settings.streaming_port)
    async with open_house(settings) as house:
        lookout = Lookout(house.bus, house.files, house.clock)
        tasks = Tasks()
        try:
            if not backstage:
                await rebuild(house)
            await lookout.start(tasks)
            sender = await push_sender(house) if settings.web_push else None
            rules = RulesFile(house, settings.rules)
            await rules.look()
            essential = start_work(settings, house, lookout, tasks, sender, rules, backstage=backstage)
            if not backstage:
                await _write_site_file(settings, house)
            push_key = "" if sender is None else sender.public
            site = _site(settings, house, lookout, push_key)
            if backstage:
                await _serve_backstage(settings, site, tasks, essential)
            else:
                await _serve_public(settings, site, tasks, essential)
        finally:
            await tasks.close()


def _site(settings: Settings, house: House, lookout: Lookout, push_key: str) -> Site:
    return Site(
        house=house,
        lookout=lookout,
        limits=Limits.new(house.clock, api_requests=settings.api_requests),
        renderer=Renderer(TEMPLATES, STATIC),
        url=settings.site,
        privacy_file=settings.privacy,
        terms_file=settings.terms,
        backstage_url=settings.backstage_url,
        edge_url=settings.edge,
        more_edge_urls=settings.more_edge_urls,
        stage_url=settings.stage,
        standby_urls=settings.standby_urls,
        demo=settings.demo,
        push_key=push_key,
        territory=territory(settings.trusted_proxies, header=settings.country_header, file=settings.country_database),
        proxies=Proxies(settings.proxy_networks),
    )


async def _serve_public(settings: Settings, site: Site, tasks: Tasks, essential: list[asyncio.Task[None]]) -> None:
    house, feed = site.house, Feed(site)
    following = follow(house.bus, house.restrictions, changed=feed.restricted)
    essential = [*essential, tasks.spawn("streams", feed.run()), tasks.spawn("restricted", following)]
    essential.append(tasks.spawn("brakes", Braking(house, site.trends).run()))
    if settings.streaming_port:
        streams = StreamServer(streams_application(site, feed), house.clock, StreamBounds(CONNECTIONS_MAX))
        essential.append(tasks.spawn("stream_port", streams.run(settings.bind_host, settings.streaming_port)))
    tasks.spawn("trends", keep_trends(house, site.trends))
    bounds = Bounds(connections=CONNECTIONS_MAX + REQUESTS_MAX)  # an open stream is a connection
    public = server(application(site, feed), settings.bind_host, settings.site_port, bounds=bounds, websockets=True)
    await _serve(settings, site, tasks, essential, public)


async def _serve_backstage(settings: Settings, site: Site, tasks: Tasks, essential: list[asyncio.Task[None]]) -> None:
    following = tasks.spawn("restricted", follow(site.house.bus, site.house.restrictions))
    bounds = Bounds(connections=REQUESTS_MAX)
    behind = server(backstage_application(site), settings.bind_host, settings.backstage_port, bounds=bounds)
    await _serve(settings, site, tasks, [*essential, following], behind)


async def _serve(
    settings: Settings, site: Site, tasks: Tasks, essential: list[asyncio.Task[None]], answering: Server
) -> None:
    house, stop = site.house, asked_to_stop()
    while not house.restrictions.complete:
        await house.clock.sleep(KNOWS_SOON_S)
    servers = [answering]
    if settings.metrics_port:
        servers.append(server(metrics_application(), "127.0.0.1", settings.metrics_port))
    serving = [tasks.spawn(f"http_{number}", each.serve()) for number, each in enumerate(servers)]
    stopping = tasks.spawn("stop", stop.wait())
    tasks.spawn("level_watch", LevelWatch(site.gate, house.bus, house.clock).run(tasks))
    tasks.spawn("beat", _beat(settings, house.bus, house.clock, site.renderer))
    settle()
    _log.info("site_started", url=settings.site, database="sqlite" if house.database.is_sqlite else "postgresql")
    try:
        done, _ = await asyncio.wait([stopping, *serving, *essential], return_when=asyncio.FIRST_COMPLETED)
        if stopping not in done:
            raise SiteStopped(f"{', '.join(task.get_name() for task in done)} ended")
    finally:
        site.stopping.set()
        for each in servers:
            each.stop()  # type: ignore[no-untyped-call]
        await asyncio.wait(serving, timeout=3)
        _log.info("site_stopped")


async def _beat(settings: Settings, bus: Bus, clock: Clock, renderer: Renderer) -> None:
    """Say every two seconds that this site is there."""
    instance, started_us = token(6), clock.now_us()
    missing = [] if renderer.assets.is_built else ["The pages have no style and no player: run `make setup`."]
    while True:
        beat = wire.ProcessBeat(
            kind="site",
            instance=instance,
            url=settings.site,
            started_us=started_us,
            seen_us=clock.now_us(),
            warnings=missing,
        )
        try:
            await bus.put(wire.PROCESSES, f"site.{instance}", beat)
        except BusUnavailable as error:
            _log.warning("beat_not_sent", error=str(error))
        await clock.sleep(BEAT_S)


async def _write_site_file(settings: Settings, house: House) -> None:
    """Tell `rostra up` the organiser's link and the demonstration's links.

    A site that comes back after a crash finds its demonstration still running and keeps its links.
    """
    place = settings.data_dir / SITE_FILE
    owner = await ensure_owner(house.database, house.clock, house.ids)
    secret = await make_link(house.database, house.clock, owner, lifetime=FIRST_LINK_LIFETIME)
    demo = None
    if settings.demo:
        demo = await _running_demo(house, place) or await _new_demo(settings, house, owner)
    beside = place.with_suffix(".new")
    beside.unlink(missing_ok=True)
    beside.touch(mode=0o600)
    beside.write_bytes(msgspec.json.encode(SiteFile(sign_in_url=f"{settings.backstage}/sign-in/{secret}", demo=demo)))
    beside.replace(place)


async def _new_demo(settings: Settings, house: House, owner: Account) -> DemoLinks:
    made = await seed_demo(house, owner)
    return DemoLinks(
        broadcast_id=str(made.broadcast.id),
        slug=made.broadcast.slug,
        invitations=[f"{settings.backstage}/i/{each}" for each in made.tokens],
        third_speaker_url=f"{settings.backstage}/i/{made.third_token}",
    )


async def _running_demo(house: House, place: Path) -> DemoLinks | None:
    try:
        demo = msgspec.json.decode(await asyncio.to_thread(place.read_bytes), type=SiteFile).demo
    except (OSError, msgspec.DecodeError):
        return None
    if demo is None:
        return None
    try:
        async with house.database.reading() as session:
            broadcast = await BroadcastStore(session).get(BroadcastId(int(demo.broadcast_id)))
    except NotFound:
        return None
    return demo if broadcast.phase.has_stage else None
