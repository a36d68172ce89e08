"""Withholding what a delay still holds: a span of media time that nobody has heard becomes silence for everybody.

It is a restriction like that on any other span, so it acts on every edge, radio stream, caption and on the replay, and
lifting it gives everything back: to listeners too, as far as they have not heard the silence yet. What a host removes
(`dump_delay`) is gone for good; what a moderator takes away has to be there for a complaint that is right.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import Broadcast
from rostra.broadcast.schedule import airing
from rostra.flows.command_stage import NoRoom
from rostra.flows.dump_delay import NoDelay
from rostra.flows.enforce_decision import SAMPLES_PER_MS
from rostra.flows.house import House
from rostra.flows.restrict import impose
from rostra.platform.clock import to_us
from rostra.platform.errors import Conflict, Invalid
from rostra.safety.restrictions import Kind, Measure, Span
from rostra.safety.restrictions import Subject as Restricted
from rostra.safety.subjects import Subject, SubjectKind

WITHHOLD_S_MIN: Final = 2
"""Nobody aims better. Fails closed."""


class NothingAhead(Conflict):
    """409: nothing that was on the air is in the delay. Nothing has happened."""

    code = "nothing_ahead"
    user_message = "The delay holds nothing of it: listeners have heard it, or it was not on the air yet."


def heard_ms(house: House, broadcast: Broadcast) -> int:
    """The media time that listeners hear now, in ms. Raises NoRoom before the doors open."""
    if (clock := airing(broadcast, house.shape).clock()) is None:
        raise NoRoom(f"{broadcast.phase}")
    return clock.sample_at(to_us(house.clock.now())) // SAMPLES_PER_MS


def ahead(house: House, broadcast: Broadcast, seconds: float) -> Subject:
    """What was said in the last `seconds`, as far as nobody has heard it; all that is held when it is the whole delay.

    Raises NoDelay, NoRoom, Invalid for no such number of seconds, NothingAhead.
    """
    if broadcast.delay_s == 0:
        raise NoDelay(f"broadcast {broadcast.id}")
    if not WITHHOLD_S_MIN <= seconds <= broadcast.delay_s:
        text = f"Choose between {WITHHOLD_S_MIN} and {broadcast.delay_s} seconds: so much can be held."
        raise Invalid(f"{seconds} s", user_message=text, field="seconds")
    told, heard = airing(broadcast, house.shape), heard_ms(house, broadcast)
    clock = told.clock()
    assert clock is not None
    end = heard + told.delay_parts * clock.part_samples // SAMPLES_PER_MS
    if told.ended_us is not None:
        end = min(end, clock.sample_at(told.ended_us) // SAMPLES_PER_MS)
    first = end if told.live_us is None else max(heard, clock.sample_at(told.live_us) // SAMPLES_PER_MS)
    if seconds < broadcast.delay_s:
        first = max(first, end - round(seconds * 1000))
    if first >= end:
        raise NothingAhead(f"broadcast {broadcast.id}: nothing in [{first}, {end}) ms")
    return Subject(SubjectKind.SPAN, broadcast.id, first, end)


async def withhold(house: House, session: AsyncSession, span: Subject, *, reason: str) -> None:
    """Where no decision does it. reason: for everybody who meets the silence."""
    assert span.from_ms is not None
    assert span.to_ms is not None
    await impose(
        session,
        Restricted(Kind.BROADCAST, span.id),
        Measure.SILENCE,
        restriction_id=house.ids.next(),
        now=house.clock.now(),
        reason=reason,
        span=Span(span.from_ms * SAMPLES_PER_MS, span.to_ms * SAMPLES_PER_MS),
    )
