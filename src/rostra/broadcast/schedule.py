"""A broadcast as it is scheduled, and what may be asked for."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from http import HTTPStatus
from typing import Final, TypedDict
from zoneinfo import ZoneInfo, available_timezones

from rostra.broadcast.lifecycle import FINAL, TAKE_BACK
from rostra.media.clock import MediaClock
from rostra.media.wire import Airing, HeldBy, Phase
from rostra.platform.clock import to_us
from rostra.platform.errors import Invalid, RostraError
from rostra.platform.ids import AccountId, BroadcastId, SpeakerId

TITLE_CHARS: Final = 120
DESCRIPTION_CHARS: Final = 5_000
DOORS_OPEN_BEFORE_MIN: Final = 15
DOORS_OPEN_BEFORE_MAX_MIN: Final = 240
DELAY_MIN_S: Final = 5
DELAY_MAX_S: Final = 30
FURTHEST: Final = timedelta(days=730)
LATE_GRACE: Final = timedelta(minutes=5)
"""How far in the past a start may lie when it is asked for: forms take a minute to fill in."""
_AREAS: Final = frozenset(
    ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
)


class Visibility(StrEnum):
    PUBLIC = "public"
    UNLISTED = "unlisted"


class TooLateToEdit(RostraError):
    """409: the doors are open, so times are promises now; or the broadcast is over."""

    status, code = HTTPStatus.CONFLICT, "too_late_to_edit"
    user_message = "The doors are open, so the time stays. Title, description and picture can still be changed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to broadcast, not checked yet.

    starts_at: aware; zone: the IANA name in which the host thinks of it; host_name: who speaks as the host; delay_s:
    how much later listeners hear it, so that something can be removed before; 0 is not at all; with_captions: where
    the operator has an engine for them.
    """

    title: str
    description: str = ""
    host_name: str
    starts_at: datetime
    zone: str = "UTC"
    visibility: Visibility = Visibility.PUBLIC
    auto_start: bool = False
    doors_open_before_min: int = DOORS_OPEN_BEFORE_MIN
    delay_s: int = 0
    with_captions: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast:
    """A broadcast as stored. `version` grows by one with each change; a stale writer gets Conflict.

    anchor_at: when the doors opened; media time 0 is one segment before (`MediaClock.opened_at`).
    live_at: first moment on the air. ended_at: set by end and cancel; both are the stage's time, listeners hear it
    `delay` later. part_frames, parts_per_segment, delay_s: fixed with the anchor. host_name: the name on the host's
    seat. hold_replay: no replay until the host publishes one.
    captions: language (BCP 47) in which this broadcast can have captions, empty for none; fixed with the anchor.
    with_captions: whether the host wants them; captions_at: when they were last turned on with the doors open, None
    for at the beginning. moderator_mutes: seats that only a moderator lets speak again.
    moderator_paused_at: since when a moderator keeps it paused, None while none does. moderator_ended_at: when a
    moderator has ended it, whether that is final or can be taken back; moderator_ended_from: the phase that it had, to
    which taking back leads.
    """

    id: BroadcastId
    owner_id: AccountId
    slug: str
    title: str
    description: str
    picture: str | None
    starts_at: datetime
    zone: str
    visibility: Visibility
    auto_start: bool
    doors_open_before_min: int
    phase: Phase
    host_speaker_id: SpeakerId | None
    host_name: str
    anchor_at: datetime | None = None
    live_at: datetime | None = None
    ended_at: datetime | None = None
    part_frames: int | None = None
    parts_per_segment: int | None = None
    hold_replay: bool = False
    delay_s: int = 0
    captions: str = ""
    with_captions: bool = True
    captions_at: datetime | None = None
    moderator_mutes: tuple[SpeakerId, ...] = ()
    moderator_paused_at: datetime | None = None
    moderator_ended_at: datetime | None = None
    moderator_ended_from: Phase | None = None
    version: int = 1

    @property
    def delay(self) -> timedelta:
        """How much later listeners hear what is said: `delay_s`, rounded up to whole parts."""
        clock = MediaClock(0, self.part_frames) if self.part_frames else MediaClock(0)
        return timedelta(microseconds=clock.parts_us(clock.parts_of(self.delay_s)))

    def still_heard(self, now: datetime) -> bool:
        """The host has ended it, and a delay still holds what was said."""
        return self.phase is Phase.ENDED and self.ended_at is not None and now < self.ended_at + self.delay

    def heard_phase(self, now: datetime) -> Phase:
        """The phase as listeners hear it: beginning and end reach them a delay later."""
        if self.still_heard(now):
            return Phase.LIVE
        on_air = self.phase in (Phase.LIVE, Phase.PAUSED)
        if on_air and self.live_at is not None and now < self.live_at + self.delay:
            return Phase.DOORS_OPEN
        return self.phase

    def as_heard(self, now: datetime) -> Broadcast:
        """The broadcast as its listeners know it: what the delay still holds has not happened yet."""
        if self.delay_s == 0:
            return self
        live_at = self.live_at + self.delay if self.live_at else None
        ended_at = self.ended_at + self.delay if self.ended_at and self.live_at else self.ended_at
        return replace(
            self,
            phase=self.heard_phase(now),
            live_at=live_at if live_at is not None and live_at <= now else None,
            ended_at=ended_at if ended_at is not None and ended_at <= now else None,
            moderator_ended_at=self.moderator_ended_at + self.delay if self.moderator_ended_at else None,
        )

    @property
    def over_at(self) -> datetime | None:
        """Since when nothing is said any more, of one that is over: its end, or the press of a moderator's end."""
        return None if self.ended_at is None else self.moderator_ended_at or self.ended_at

    @property
    def final_at(self) -> datetime | None:
        """Until when a moderator's end can be taken back; None where there is none, or it is final."""
        return self.moderator_ended_at + TAKE_BACK if self.moderator_ended_at and not self.is_over else None

    @property
    def held_by(self) -> HeldBy:
        """Whether a moderator keeps it off the air, and how."""
        if self.phase is not Phase.PAUSED:
            return HeldBy.NOBODY
        if self.moderator_ended_at is not None:
            return HeldBy.MODERATORS_END
        return HeldBy.MODERATORS_PAUSE if self.moderator_paused_at is not None else HeldBy.NOBODY

    @property
    def doors_open_at(self) -> datetime:
        """When the doors open by schedule; when they did, if they are open."""
        return self.anchor_at or self.starts_at - timedelta(minutes=self.doors_open_before_min)

    @property
    def is_over(self) -> bool:
        return self.phase in FINAL

    @property
    def is_listed(self) -> bool:
        return self.visibility is Visibility.PUBLIC


@dataclass(frozen=True, slots=True, kw_only=True)
class AiringShape:
    """What the settings say about every airing."""

    part_frames: int = 24
    parts_per_segment: int = 8
    places: int = 13
    captions: str = ""


class _Captions(TypedDict):
    with_captions: bool
    captions_at: datetime | None


def check_wish(wish: Wish, *, now: datetime) -> Wish:
    """The wish, tidied. Raises Invalid with the field at fault."""
    title = one_line(wish.title)
    description = _clean(wish.description)
    if not title:
        raise Invalid("empty title", user_message="Give the broadcast a title.", field="title")
    if len(title) > TITLE_CHARS:
        raise Invalid("long title", user_message=f"The title can have {TITLE_CHARS} characters.", field="title")
    if len(description) > DESCRIPTION_CHARS:
        text = f"The description can have {DESCRIPTION_CHARS:,} characters; this one has {len(description):,}."
        raise Invalid("long description", user_message=text, field="description")
    if wish.zone not in zones():
        text = "Choose a time zone from the list, such as Europe/Berlin."
        raise Invalid(f"unknown zone {wish.zone!r}", user_message=text, field="zone")
    if wish.starts_at.tzinfo is None:
        raise Invalid("naive time", user_message="Say in which time zone the broadcast starts.", field="starts_at")
    if not 0 <= wish.doors_open_before_min <= DOORS_OPEN_BEFORE_MAX_MIN:
        text = f"The doors can open 0 to {DOORS_OPEN_BEFORE_MAX_MIN} minutes before the start."
        raise Invalid("doors", user_message=text, field="doors_open_before_min")
    if wish.delay_s != 0 and not DELAY_MIN_S <= wish.delay_s <= DELAY_MAX_S:
        text = f"The delay can be {DELAY_MIN_S} to {DELAY_MAX_S} seconds, or 0 for none."
        raise Invalid(f"delay {wish.delay_s}", user_message=text, field="delay_s")
    starts_at = wish.starts_at.astimezone(UTC)
    if starts_at < now - LATE_GRACE:
        raise Invalid("past", user_message="This time has passed. Choose one in the future.", field="starts_at")
    if starts_at > now + FURTHEST:
        raise Invalid("far", user_message="Choose a time within the next two years.", field="starts_at")
    host_name = display_name(wish.host_name, field="host_name")
    return replace(wish, title=title, description=description, host_name=host_name, starts_at=starts_at)


def edited(broadcast: Broadcast, wish: Wish, *, now: datetime) -> Broadcast:
    """The broadcast with the wish applied. The slug stays, since links to it are out in the world.

    Raises Invalid, or TooLateToEdit when the doors are open and time or delay would change, or when it is over.
    """
    if broadcast.is_over:
        raise TooLateToEdit(f"{broadcast.phase}", user_message="This broadcast is over and cannot be changed.")
    same_time = wish.starts_at == broadcast.starts_at and wish.doors_open_before_min == broadcast.doors_open_before_min
    if not same_time and broadcast.phase is not Phase.SCHEDULED:
        raise TooLateToEdit(f"{broadcast.phase}")
    if wish.delay_s != broadcast.delay_s and broadcast.phase is not Phase.SCHEDULED:
        text = "The doors are open, so the delay stays: listeners already hear by it."
        raise TooLateToEdit(f"delay in {broadcast.phase}", user_message=text)
    if wish.visibility is Visibility.UNLISTED and broadcast.visibility is Visibility.PUBLIC:
        text = "A public broadcast cannot become unlisted: its address is known. Cancel it and schedule a new one."
        raise Invalid("public to unlisted", user_message=text, field="visibility")
    # A time that stays needs no check against now: the start may have passed while the doors are open.
    checked = check_wish(wish if not same_time else replace(wish, starts_at=now), now=now)
    return replace(
        broadcast,
        title=checked.title,
        description=checked.description,
        host_name=checked.host_name,
        starts_at=broadcast.starts_at if same_time else checked.starts_at,
        zone=checked.zone,
        visibility=checked.visibility,
        auto_start=checked.auto_start,
        doors_open_before_min=checked.doors_open_before_min,
        delay_s=checked.delay_s,
        **_captions(broadcast, wish.with_captions, now),
    )


def captioned(broadcast: Broadcast, *, on: bool, now: datetime) -> Broadcast:
    """The broadcast with its captions turned on or off. Raises TooLateToEdit when it is over."""
    if broadcast.is_over:
        raise TooLateToEdit(f"{broadcast.phase}", user_message="This broadcast is over and cannot be changed.")
    return replace(broadcast, **_captions(broadcast, on, now))


def _captions(broadcast: Broadcast, on: bool, now: datetime) -> _Captions:
    """What was said while they were off stays without: turned on again, they begin with what is said from now on."""
    began_at = now if on and not broadcast.with_captions and broadcast.anchor_at else broadcast.captions_at
    return {"with_captions": on, "captions_at": began_at}


def airing(broadcast: Broadcast, shape: AiringShape) -> Airing:
    """What stage and edge need to know. Beginning and end are when listeners hear them."""
    part_frames = broadcast.part_frames or shape.part_frames
    parts_per_segment = broadcast.parts_per_segment or shape.parts_per_segment
    opened = broadcast.anchor_at
    clock = MediaClock.opened_at(to_us(opened), part_frames, parts_per_segment) if opened else None
    return Airing(
        broadcast_id=str(broadcast.id),
        slug=broadcast.slug,
        title=broadcast.title,
        phase=broadcast.phase,
        starts_us=to_us(broadcast.starts_at),
        anchor_us=clock.anchor_us if clock else None,
        live_us=to_us(broadcast.live_at + broadcast.delay) if broadcast.live_at else None,
        ended_us=to_us(broadcast.ended_at + broadcast.delay) if broadcast.ended_at else None,
        part_frames=part_frames,
        parts_per_segment=parts_per_segment,
        places=shape.places,
        host_speaker_id=str(broadcast.host_speaker_id) if broadcast.host_speaker_id else None,
        delay_s=broadcast.delay_s,
        captions=broadcast.captions if broadcast.with_captions else "",
        captions_us=to_us(broadcast.captions_at + broadcast.delay) if broadcast.captions_at else None,
        moderator_mutes=tuple(str(seat) for seat in broadcast.moderator_mutes),
        held_by=broadcast.held_by,
        recorded_until_us=None
        if broadcast.moderator_ended_at is None
        else to_us(broadcast.moderator_ended_at + broadcast.delay),
    )


@cache
def zones() -> frozenset[str]:
    """IANA names that a host may choose: UTC and the places, without the aliases of old."""
    named = {name for name in available_timezones() if name.partition("/")[0] in _AREAS and "/" in name}
    return frozenset(named | {"UTC"})


def local_start(date: str, time: str, zone: str) -> datetime:
    """The moment that a form's date ("2026-11-24") and time ("20:00") mean in `zone`, in UTC.

    Raises Invalid, also for a time that the zone skips when its clocks go forward. Of a time that comes twice
    the first is meant.
    """
    if zone not in zones():
        text = "Choose a time zone from the list, such as Europe/Berlin."
        raise Invalid(f"unknown zone {zone!r}", user_message=text, field="zone")
    try:
        naive = datetime.strptime(f"{date} {time[:5]}", "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(zone))
        moment = naive.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        text = "Give the date as 2026-11-24 and the time as 20:00."
        raise Invalid(f"{error}", user_message=text, field="date") from error
    if moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != naive.replace(tzinfo=None):
        text = f"This time does not exist in {zone}: the clocks go forward then. Choose an hour later."
        raise Invalid("skipped hour", user_message=text, field="time")
    return moment


def display_name(text: str, *, field: str = "name") -> str:
    """A name as listeners see it: 1 to 80 characters, one line. Raises Invalid."""
    name = one_line(text)
    if not 1 <= len(name) <= 80:
        raise Invalid("name length", user_message="Give a name of 1 to 80 characters.", field=field)
    return name


def _clean(text: str) -> str:
    """Text in Unicode's composed form, without control characters and marks that turn the direction of others."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = (
        letter
        for letter in text
        if letter in "\n\t" or (unicodedata.category(letter) not in _HIDDEN and letter not in _TURNING)
    )
    return "".join(kept).strip()


def one_line(text: str) -> str:
    """What somebody typed as one line: composed letters, no control characters, single spaces."""
    return " ".join(_clean(text).split())


_HIDDEN: Final = frozenset({"Cc", "Cs", "Co"})
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e")
