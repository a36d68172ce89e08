"""What a site does besides answering: it takes in what others tell the bus, and works through what is due."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from email.headerregistry import Address
from functools import partial
from typing import Any, Final, NamedTuple

from rostra.apps.settings import Settings
from rostra.apps.timestamps import authority_of
from rostra.flows.admit_people import forget_expired
from rostra.flows.dump_delay import remember_dump
from rostra.flows.export_data import forget_old_exports
from rostra.flows.fetch_previews import PreviewFetching
from rostra.flows.forget_account import Forgetting
from rostra.flows.forget_media import forget_media
from rostra.flows.forget_pieces import forget_pieces
from rostra.flows.house import House
from rostra.flows.import_data import Importing, forget_old_imports
from rostra.flows.keep_captions import keep_captions
from rostra.flows.keep_cases import CaseClock
from rostra.flows.keep_ledger import sign_ledger, signer_of
from rostra.flows.keep_moment import MomentKeeping
from rostra.flows.keep_rules import RulesFile
from rostra.flows.lookout import Lookout
from rostra.flows.make_export import Exporting
from rostra.flows.make_media import make_media
from rostra.flows.make_media import order_again as order_media_again
from rostra.flows.notify import forget_old_notifications
from rostra.flows.publish_recording import publish_recording
from rostra.flows.publish_replay import order_again
from rostra.flows.push_key import ensure_push_key
from rostra.flows.push_notifications import Pushing
from rostra.flows.rebuild_bus import rebuild_bus
from rostra.flows.restrict import Settling
from rostra.flows.run_schedule import Schedule
from rostra.flows.schedule_post import ScheduledPosting
from rostra.flows.send_digests import send_digests
from rostra.flows.stamp_ledger import Authority, NoStamp, stamp_newest
from rostra.flows.take_made import take_made
from rostra.flows.vote_on_poll import PollEnding
from rostra.flows.watch_posts import Watching
from rostra.media import wire
from rostra.media.jobs import MADE, UPLOADS, UPLOADS_STREAM
from rostra.network.previews import Fetcher
from rostra.network.push import Poster, Sender
from rostra.network.remaking.orders import MEGABYTE
from rostra.platform.log import get_logger
from rostra.platform.mail import Postman, Smtp
from rostra.platform.rounds import in_rounds
from rostra.platform.seal import SealBroken
from rostra.platform.tasks import Tasks

_log = get_logger(__name__)

HOUSEKEEPING_S: Final = 3600.0
UPLOAD_BACK_AFTER_S: Final = 20.0
"""A film whose site was killed comes back so soon; a living one says every few seconds that it is at it."""


class _Intake(NamedTuple):
    """What somebody tells the bus, and the flow that takes it in. worker: the name under which the bus remembers us."""

    name: str
    stream: str
    subject: str
    worker: str
    take: Callable[[House, bytes], Awaitable[None]]
    back_after_s: float = 60.0
    for_the_evening: bool = True


_INTAKES: Final = (
    _Intake("facts", wire.FACTS_STREAM, wire.RECORDED_SUBJECT, "site", publish_recording),
    _Intake("made", wire.FACTS_STREAM, MADE, "made", take_made),
    _Intake("captions", wire.FACTS_STREAM, wire.CAPTIONED_SUBJECT, "site-captions", keep_captions),
    _Intake("dumped", wire.FACTS_STREAM, wire.DUMPED_SUBJECT, "dumped", remember_dump),
    _Intake("uploads", UPLOADS_STREAM, UPLOADS, "uploads", make_media, UPLOAD_BACK_AFTER_S, for_the_evening=False),
)


def start_work(
    settings: Settings,
    house: House,
    lookout: Lookout,
    tasks: Tasks,
    sender: Sender | None,
    rules: RulesFile,
    *,
    backstage: bool = False,
) -> list[asyncio.Task[None]]:
    """Start all of it; a site without one of these tasks is no site. sender: None where no device is told anything.

    rules: read already, so that the first post that is published meets them. backstage: only what an evening hangs on,
    so that it is done on time whatever the public asks of the other site; whichever of the two comes first does it.
    """
    work = {
        "outbox": house.relay.run(),
        "schedule": Schedule(house, lookout.state).run(),
        "restrictions": Settling(house).run(),
        **{intake.name: _take_in(house, intake) for intake in _INTAKES if not backstage or intake.for_the_evening},
    }
    if not backstage:
        work |= _work_for_later(settings, house, sender, rules)
    return [tasks.spawn(name, running) for name, running in work.items()]


def _work_for_later(
    settings: Settings, house: House, sender: Sender | None, rules: RulesFile
) -> dict[str, Coroutine[Any, Any, None]]:
    work = {
        "scheduled_posts": ScheduledPosting(house).run(),
        "deletions": Forgetting(house).run(),
        "polls": PollEnding(house).run(),
        "cases": CaseClock(house).run(),
        "moments": MomentKeeping(house).run(),
        "exports": Exporting(house, most_bytes=settings.exports_mb * MEGABYTE).run(),
        "imports": Importing(house).run(),
        "watching": Watching(house, rules).run(),
        "housekeeping": _keep_house(house, settings),
    }
    if settings.link_previews:
        work["previews"] = PreviewFetching(house, Fetcher()).run()
    if settings.smtp_url:
        work["letters"] = _postman(settings, house).run()
    if sender is not None:
        work["pushes"] = Pushing(house, sender, Poster()).run()
    return work


async def push_sender(house: House) -> Sender | None:
    """None when the key cannot be read: everything else works without, and another one would silence every app."""
    try:
        return await ensure_push_key(house)
    except SealBroken as error:
        _log.error("push_is_off", reason=str(error), hint="bring back secrets.key from a backup")
        return None


def _postman(settings: Settings, house: House) -> Postman:
    sender = Address(house.membership.site_name, addr_spec=settings.sender)
    return Postman(house.database, house.seal, Smtp(settings.smtp_url), sender, house.clock)


async def _stamp(house: House, authority: Authority | None) -> None:
    """Fails open: the ledger goes on without a time stamp, and what is due after it in this hour is done."""
    if authority is None:
        return
    signer = signer_of(house.seal, house.membership.site_url)
    try:
        await stamp_newest(house.database, house.clock, signer, authority)
    except NoStamp as error:
        _log.warning("ledger_not_stamped", reason=str(error))


async def _take_in(house: House, intake: _Intake) -> None:
    async def handle(payload: bytes) -> None:
        await intake.take(house, payload)

    await house.bus.work(intake.stream, intake.subject, intake.worker, handle, back_after_s=intake.back_after_s)


async def _keep_house(house: House, settings: Settings) -> None:
    authority = await authority_of(settings)
    await house.clock.sleep(HOUSEKEEPING_S)
    hour = partial(_keep_house_once, house, authority, tells=bool(settings.smtp_url))
    await in_rounds(hour, house.clock, _log, every_s=HOUSEKEEPING_S)


async def _keep_house_once(house: House, authority: Authority | None, *, tells: bool) -> None:
    """Once an hour: what is past its term leaves bus and disk, and what the bus may have lost comes back.

    tells: letters go out.
    """
    await rebuild_bus(house)
    await order_again(house)
    await forget_pieces(house)
    await forget_expired(house)
    await order_media_again(house)
    await forget_media(house)
    await forget_old_notifications(house)
    await forget_old_exports(house)
    await forget_old_imports(house)
    await sign_ledger(house)
    await _stamp(house, authority)
    if tells:
        await send_digests(house)
