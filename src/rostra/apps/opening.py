"""Opening a house: its database, brought up to date, its bus and its files, for the site and for the command line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from rostra.apps.channels import ensure_channels
from rostra.apps.settings import Settings
from rostra.broadcast import AiringShape
from rostra.flows.house import House, Membership
from rostra.flows.upgrade_database import upgrade_database
from rostra.network.credentials import Registration
from rostra.platform.bus import Bus
from rostra.platform.clock import SystemClock
from rostra.platform.database import Database
from rostra.platform.errors import RostraError
from rostra.platform.files import FileStore
from rostra.platform.ids import IdSource
from rostra.platform.outbox import Relay
from rostra.platform.seal import Seal
from rostra.safety.attention import Budget
from rostra.safety.deadlines import SafetyRules
from rostra.safety.watching.watch import Watch

KEY_FILE: Final = "secrets.key"


class NoBus(RostraError):
    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "no_bus"
    user_message = "A site needs a NATS server: set ROSTRA_NATS_URL, or start everything with `rostra up`."


class FolderUnwritable(RostraError):
    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "folder_unwritable"


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """The database, brought up to date. Raises FolderUnwritable, DatabaseUnavailable."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        text = f"The data folder {settings.data_dir} cannot be made ({error.strerror}). Set data_dir to another."
        raise FolderUnwritable(str(error), user_message=text) from error
    database = Database(settings.database)
    try:
        await upgrade_database(database)
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncIterator[House]:
    if not settings.nats_url:
        raise NoBus
    async with open_database(settings) as database:
        bus = await Bus.connect(settings.nats_url, name="site")
        try:
            await ensure_channels(bus, window=timedelta(seconds=settings.window_s))
            clock = SystemClock()
            yield House(
                database=database,
                bus=bus,
                files=FileStore(settings.data_dir / "files"),
                clock=clock,
                ids=IdSource(clock),
                relay=Relay(database, bus, clock),
                shape=AiringShape(
                    part_frames=settings.part_frames,
                    parts_per_segment=settings.parts_per_segment,
                    places=settings.places,
                    captions="" if settings.captions == "off" else settings.captions_language,
                ),
                stage_url=settings.stage,
                pieces_kept=timedelta(days=settings.local_recordings_days),
                seal=await asyncio.to_thread(Seal.at, settings.data_dir / KEY_FILE),
                membership=Membership(
                    registration=Registration(settings.registration),
                    site_url=settings.site,
                    has_mail=bool(settings.smtp_url),
                    rules_url=settings.rules_url,
                    backstage_url=settings.backstage_url,
                ),
                site_url=settings.site,
                post_characters=settings.post_characters,
                media=settings.media_limits,
                moderator_day=Budget(
                    items=settings.moderator_items,
                    time=timedelta(hours=settings.moderator_hours),
                    hard_items=settings.moderator_hard_items,
                    break_after=timedelta(minutes=settings.moderator_break_minutes),
                ),
                safety=safety_rules(settings),
                watch=Watch(hold_for=timedelta(hours=settings.hold_hours)),
            )
        finally:
            await bus.close()


def safety_rules(settings: Settings) -> SafetyRules:
    return SafetyRules(
        zone=settings.legal_zone,
        outside_reviewer=settings.outside_reviewer,
        four_eyes=frozenset(settings.four_eyes),
    )
