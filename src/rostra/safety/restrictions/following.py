"""Keeping a view true: the bucket first as it is, then each change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from rostra.platform.bus import Bus
from rostra.platform.bus_watch import Change
from rostra.platform.log import get_logger
from rostra.safety.restrictions.restrictions import BUCKET, Standing, Subject
from rostra.safety.restrictions.view import View

_log = get_logger(__name__)
_standing: Final = msgspec.json.Decoder(Standing)


async def follow(bus: Bus, view: View, *, keys: str = ">", changed: Callable[[Subject], None] | None = None) -> None:
    """Follow the bucket for ever. keys: which of its keys (`broadcast.*`); changed: called after each change.

    An entry that cannot be read leaves what was known of its subject as it is: a newer site may write what an older
    edge does not know, and forgetting would show what is withheld. Fails closed.
    """
    async for change in bus.watch(BUCKET, keys):
        if change is None:
            view.complete = True
        elif (subject := take(view, change)) is not None and changed is not None:
            changed(subject)


def take(view: View, change: Change) -> Subject | None:
    """Put one change into the view; whose it was, None for an entry that cannot be read."""
    try:
        subject = Subject.of_key(change.key)
        standing = None if change.value is None else _standing.decode(change.value)
    except (ValueError, msgspec.DecodeError) as error:
        _log.error("restriction_unreadable", key=change.key, error=str(error))
        return None
    view.put(subject, standing)
    return subject
