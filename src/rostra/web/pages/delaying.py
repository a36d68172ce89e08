"""The delay of a broadcast, for its host. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from rostra.broadcast import Broadcast, Dump
from rostra.media.clock import SAMPLE_RATE_HZ
from rostra.media.wire import Phase
from rostra.platform.clock import from_us
from rostra.platform.wording import _
from rostra.safety.restrictions import Restriction
from rostra.web.pages.views.delay import DelayView, DumpButton, DumpView

SHORTER_S: Final = (5, 10)
"""Beside everything that is held, what a slip of the tongue takes."""
KEYS: Final = ("F8", "Shift+F8")
"""For the shortest and for everything: no letters, which somebody may be typing (WCAG 2.1.4)."""


def delay_view(
    broadcast: Broadcast, dumps: Sequence[Dump], now: datetime, *, silences: Sequence[Restriction] = ()
) -> DelayView | None:
    """None without a delay, and when nothing can be removed any more. silences: what moderators have withheld of it."""
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
        dumps=(
            *(_withheld(broadcast, each) for each in reversed(silences)),
            *(_dump(broadcast, dump) for dump in reversed(dumps)),
        ),
    )


def removed_text(seconds: float) -> str:
    """ "5 s removed": what people read after a dump."""
    return f"{max(1, round(seconds))} s removed"


def _withheld(broadcast: Broadcast, restriction: Restriction) -> DumpView:
    at = from_us(restriction.from_us).astimezone(ZoneInfo(broadcast.zone))
    span = restriction.span
    seconds = 0 if span is None or span.end is None else round((span.end - span.start) / SAMPLE_RATE_HZ)
    text = _("{n} s withheld by a moderator", n=seconds) if seconds else _("withheld by a moderator")
    return DumpView(at_text=at.strftime("%H:%M:%S"), text=text)


def _dump(broadcast: Broadcast, dump: Dump) -> DumpView:
    at = dump.at.astimezone(ZoneInfo(broadcast.zone))
    return DumpView(at_text=at.strftime("%H:%M:%S"), text=removed_text((dump.until_at - dump.from_at).total_seconds()))
