"""Times, sizes and phases in words."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from rostra.broadcast import Act, Broadcast
from rostra.delivery.presence import Shares
from rostra.media.renditions import RENDITIONS
from rostra.media.wire import HeldBy, Phase
from rostra.platform.wording import _, counted
from rostra.web import dates
from rostra.web.frame import Moment, When

_CLOCK: Final = re.compile(r"(?:([0-9]{1,2}):)?([0-9]{1,3}):([0-5]?[0-9])")
_WHEN: Final[dict[Phase, When]] = {
    Phase.SCHEDULED: "before",
    Phase.DOORS_OPEN: "doors_open",
    Phase.LIVE: "live",
    Phase.PAUSED: "paused",
    Phase.ENDED: "after",
    Phase.WITHHELD: "after",
    Phase.CANCELLED: "cancelled",
}
_PHASE_TEXT: Final = {
    Phase.SCHEDULED: _("Scheduled"),
    Phase.DOORS_OPEN: _("Starts soon"),
    Phase.LIVE: _("On the air"),
    Phase.PAUSED: _("Paused"),
    Phase.ENDED: _("Ended"),
    Phase.WITHHELD: _("Withheld"),
    Phase.CANCELLED: _("Cancelled"),
}
_HELD_TEXT: Final = {
    HeldBy.MODERATORS_PAUSE: _("Paused by a moderator"),
    HeldBy.MODERATORS_END: _("Ended by a moderator"),
}
_OVER_TEXT: Final = {Phase.ENDED: _("ended"), Phase.WITHHELD: _("withheld"), Phase.CANCELLED: _("cancelled")}
ACT_LABELS: Final = {
    Act.OPEN_DOORS: _("Open the doors"),
    Act.GO_LIVE: _("Go on the air"),
    Act.PAUSE: _("Pause"),
    Act.RESUME: _("Return to the air"),
    Act.END: _("End"),
    Act.CANCEL: _("Cancel the broadcast"),
}
ACT_QUESTIONS: Final = {
    Act.END: _("End the broadcast? Speakers and listeners are let go, and it cannot be started again."),
    Act.CANCEL: _("Cancel the broadcast? Its page stays and says so. It cannot be scheduled again."),
}


def when_of(phase: Phase) -> When:
    return _WHEN[phase]


def phase_text(phase: Phase) -> str:
    return _PHASE_TEXT[phase]


def run_text(broadcast: Broadcast) -> str:
    """The phase, and whether a moderator keeps it off the air."""
    return _HELD_TEXT.get(broadcast.held_by) or phase_text(broadcast.phase)


def iso(at: datetime) -> str:
    """ "2026-11-24T19:00:00Z"."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_or_none(at: datetime | None) -> str | None:
    return None if at is None else iso(at)


def moment(at: datetime, zone: str) -> Moment:
    local = at.astimezone(ZoneInfo(zone))
    return Moment(
        iso=iso(at),
        date=local.strftime("%Y-%m-%d"),
        time=local.strftime("%H:%M"),
        text=dates.full(local),
        zone=zone,
        offset=_offset(local.utcoffset() or timedelta()),
    )


def moment_or_none(at: datetime | None, zone: str) -> Moment | None:
    return None if at is None else moment(at, zone)


def place_of(zone: str) -> str:
    """ "Berlin" for Europe/Berlin."""
    return zone.rpartition("/")[2].replace("_", " ")


def ago(at: datetime, now: datetime) -> str:
    """How long ago, briefly: "now", "5 min", "3 h"; from a day on the date, with its year when it is another."""
    span_s = (now - at).total_seconds()
    if span_s < 60:
        return _("now")
    if span_s < 3600:
        return _("{n} min", n=int(span_s // 60))
    if span_s < 86_400:
        return _("{n} h", n=int(span_s // 3600))
    month = dates.SHORT_MONTHS[at.month - 1]
    if at.year == now.year:
        return _("{day} {month}", day=at.day, month=month)
    return _("{day} {month} {year}", day=at.day, month=month, year=at.year)


def left(until: datetime, now: datetime) -> str:
    """How long it is to a time, briefly and never too little: "1 min", "3 h", "5 days"."""
    minutes = -((now - until) // timedelta(minutes=1))
    if minutes <= 90:
        return _("{n} min", n=max(minutes, 0))
    hours = -(-minutes // 60)
    return _("{n} h", n=hours) if hours <= 48 else counted("{n} day", "{n} days", -(-hours // 24))


def short_number(count: int) -> str:
    """ "12", "1,234", "12.3k", "4.5M": short, and never more than there is."""
    if count < 10_000:
        return f"{count:,}"
    step, sign = (1000, "k") if count < 1_000_000 else (1_000_000, "M")
    return f"{count * 10 // step / 10:.1f}".removesuffix(".0") + sign


def duration_text(duration: timedelta) -> str:
    """ "1 h 02 min", "59 min 12 s", "12 s"."""
    total_s = max(0, int(duration.total_seconds()))
    hours, rest_s = divmod(total_s, 3600)
    minutes, seconds = divmod(rest_s, 60)
    if hours:
        return _("{hours} h {minutes:02d} min", hours=hours, minutes=minutes)
    return _("{minutes} min {seconds:02d} s", minutes=minutes, seconds=seconds) if minutes else _("{n} s", n=seconds)


def clock_text(ms: int) -> str:
    """ "0:07", "12:34", "1:02:03"."""
    minutes, seconds = divmod(max(0, ms) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def clock_ms(text: str) -> int | None:
    """What `clock_text` has made, typed by somebody: minutes and seconds, with hours or without. None for no time."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    hours, minutes, seconds = (int(each or 0) for each in found.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000


def size_text(size_bytes: int) -> str:
    """ "28.4 MB", "612 kB"."""
    if size_bytes >= 1_000_000_000:
        return f"{size_bytes / 1e9:.1f} GB"
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1_000_000 else f"{max(1, size_bytes // 1000)} kB"


def audience_text(listeners: int, error: float) -> str:
    """ "12 listening"; "about 1,200 listening" when it is an estimate, with the figures that it deserves."""
    if error == 0:
        return _("{n:,} listening", n=listeners)
    return _("about {n:,.0f} listening", n=float(f"{listeners:.2g}"))


def shares_text(found: Shares) -> str:
    """ "64 kbit/s: 60, 24 kbit/s: 12 · DE 40, AT 20, elsewhere 12"; what is known of nobody is left out."""
    names = {name: f"{rendition.bitrate_bps // 1000} kbit/s" for name, rendition in RENDITIONS.items()}
    renditions = ", ".join(f"{names[name]}: {count:,}" for name, count in found.renditions.items() if name in names)
    known = any(found.countries)
    countries = ", ".join(f"{code or 'elsewhere'} {count:,}" for code, count in found.countries.items() if known)
    return " · ".join(part for part in (renditions, countries) if part)


def minute_text(broadcast: Broadcast, now: datetime) -> str:
    """Where a broadcast stands on its way, in words."""
    if broadcast.phase is Phase.LIVE and broadcast.live_at:
        return _("on the air for {span}", span=_minutes(now - broadcast.live_at))
    if broadcast.phase is Phase.PAUSED and broadcast.live_at:
        span = _minutes(now - broadcast.live_at)
        if broadcast.moderator_ended_at is not None:
            return _("first on the air {span} ago", span=span)
        return _("paused, first on the air {span} ago", span=span)
    if broadcast.is_over:
        return _OVER_TEXT[broadcast.phase]
    ahead = broadcast.starts_at - now
    if ahead > timedelta(days=2):
        return _("{days} days to the start", days=ahead.days)
    if ahead > timedelta():
        return _("{span} to the start", span=_minutes(ahead))
    return _("{span} after the planned start", span=_minutes(-ahead))


def _minutes(span: timedelta) -> str:
    total_s = max(0, int(span.total_seconds()))
    if total_s < 60:
        return _("{n} s", n=total_s)
    hours, minutes = divmod(total_s // 60, 60)
    return _("{hours} h {minutes:02d} min", hours=hours, minutes=minutes) if hours else _("{n} min", n=minutes)


def _offset(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes >= 0 else "−"
    return "UTC" if minutes == 0 else f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "")
