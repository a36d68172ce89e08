"""`rostra publish`: the operator has a replay made anew. Needs the database; a running site and stage do the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from rostra.apps.opening import open_database
from rostra.apps.settings import Settings
from rostra.broadcast import BroadcastStore
from rostra.broadcast.replays import Edit, EditState, EditStore, Source
from rostra.flows.publish_replay import order_publication
from rostra.platform.clock import SystemClock
from rostra.platform.database import Database
from rostra.platform.errors import RostraError
from rostra.platform.ids import IdSource
from rostra.web.pages.editing import parse_cuts
from rostra.web.pages.words import duration_text

ASK_EVERY_S: Final = 0.5
SAY_EVERY_S: Final = 10.0


class NotPublished(RostraError):
    status, code = HTTPStatus.CONFLICT, "not_published"


async def publish(
    settings: Settings, slug: str, source: Source, cuts: Sequence[str], print_line: Callable[[str], None]
) -> None:
    """Order an edit and wait until it is published. cuts: "1:02.5 - 1:10", in recording time.

    Raises NotFound, Invalid, NothingRecorded, NoTracks, BeingMade, and NotPublished when it could not be made.
    """
    clock = SystemClock()
    async with open_database(settings) as database:
        async with database.transaction() as session:
            broadcast = await BroadcastStore(session).by_slug(slug)
            wanted = parse_cuts("\n".join(cuts))
            edit = await order_publication(session, broadcast, source, wanted, clock=clock, ids=IdSource(clock))
        print_line("Ordered. A stage makes it; you can stop waiting with Ctrl-C, it goes on.")
        began = said = clock.monotonic()
        while (made := await _edit(database, edit)).state is EditState.MAKING:
            await clock.sleep(ASK_EVERY_S)
            if clock.monotonic() - said >= SAY_EVERY_S:
                said = clock.monotonic()
                print_line(f"Still being made, for {duration_text(timedelta(seconds=said - began))}.")
    if made.state is EditState.FAILED:
        raise NotPublished(f"edit {edit.id}", user_message=made.error)
    print_line(f"Published: {settings.site}/b/{slug} ({duration_text(timedelta(milliseconds=made.duration_ms))})")


async def _edit(database: Database, edit: Edit) -> Edit:
    async with database.reading() as session:
        return await EditStore(session).get(edit.id) or edit
