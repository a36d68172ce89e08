"""The delay of a broadcast, for its host. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from rostra.broadcast import Broadcast, Dump
from rostra.media.wire import Phase
from rostra.platform.wording import _
from rostra.web.pages.views.delay import DelayView, DumpButton, DumpView

SHORTER_S: Final = (5, 10)
"""Beside everything that is held, what a slip of the tongue takes."""
KEYS: Final = ("F8", "Shift+F8")
"""For the shortest and for everything: no letters, which somebody may be typing (WCAG 2.1.4)."""


def delay_view(broadcast: Broadcast, dumps: Sequence[Dump], now: datetime) -> DelayView | None:
    """None without a delay, and when nothing can be removed any more."""
    delay_s = broadcast.delay_s
    heard_still = broadcast.still_heard(now)
    if delay_s == 0 or not (broadcast.phase is Phase.SCHEDULED or broadcast.phase.has_stage or heard_still):
        return None
    shorter = [seconds for seconds in SHORTER_S if seconds < delay_s]
    labels = [(seconds, _("Remove the last {seconds} s", seconds=seconds)) for seconds in shorter]
    labels.append(
        (
            delay_s,
            _("Remove all {delay_s} s", delay_s=delay_s)
            if shorter
            else _("Remove the last {delay_s} s", delay_s=delay_s),
        )
    )
    keys = {labels[-1][0]: KEYS[1], labels[0][0]: KEYS[0]}
    text = _("Listeners hear this {delay_s} s later.", delay_s=delay_s)
    if heard_still:
        text = _("The broadcast has ended. Listeners still hear its last seconds.")
    return DelayView(
        seconds=delay_s,
        text=text,
        open=broadcast.phase in (Phase.LIVE, Phase.PAUSED) or heard_still,
        buttons=tuple(DumpButton(seconds=each, label=label, keys=keys.get(each, "")) for each, label in labels),
        dumps=tuple(_dump(broadcast, dump) for dump in reversed(dumps)),
    )


def removed_text(seconds: float) -> str:
    """ "5 s removed": what people read after a dump."""
    return f"{max(1, round(seconds))} s removed"


def _dump(broadcast: Broadcast, dump: Dump) -> DumpView:
    at = dump.at.astimezone(ZoneInfo(broadcast.zone))
    return DumpView(at_text=at.strftime("%H:%M:%S"), text=removed_text((dump.until_at - dump.from_at).total_seconds()))
