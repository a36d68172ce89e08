"""What a move makes of a broadcast. Pure: times are passed in.

A moderator's end is in force at once and final some minutes later (`TAKE_BACK`). Until then the broadcast is paused, so
the room, the numbers of its parts and its players are held, and taking the end back leads to the phase that it had.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from rostra.broadcast.lifecycle import Act, EndedByModerator, NotEnded, NotPaused, PausedByModerator, after
from rostra.broadcast.schedule import AiringShape, Broadcast
from rostra.media.wire import Phase
from rostra.platform.ids import SpeakerId


def moved(broadcast: Broadcast, act: Act, *, now: datetime, shape: AiringShape) -> Broadcast:
    """The broadcast after `act` of its host or the schedule. The anchor is fixed when the doors open.

    Raises IllegalMove, and PausedByModerator or EndedByModerator for a return to the air that is not theirs.
    """
    phase = after(broadcast.phase, act)
    if act is Act.OPEN_DOORS:
        return replace(
            broadcast,
            phase=phase,
            anchor_at=now,
            part_frames=shape.part_frames,
            parts_per_segment=shape.parts_per_segment,
            captions=shape.captions,
        )
    if act is Act.GO_LIVE:
        return replace(broadcast, phase=phase, live_at=broadcast.live_at or now)
    if act in (Act.END, Act.CANCEL):
        return replace(broadcast, phase=phase, ended_at=_over_at(broadcast, now), moderator_paused_at=None)
    if act is Act.RESUME and broadcast.moderator_ended_at is not None:
        raise EndedByModerator(f"broadcast {broadcast.id}")
    if act is Act.RESUME and broadcast.moderator_paused_at is not None:
        raise PausedByModerator(f"broadcast {broadcast.id}")
    return replace(broadcast, phase=phase)


def moved_by_moderator(broadcast: Broadcast, act: Act, *, now: datetime) -> Broadcast:
    """The broadcast after a moderator's pause, its return to the air, or its end, which can be taken back.

    Raises IllegalMove, NotPaused for a pause of the host, which no moderator lifts, and EndedByModerator.
    """
    if broadcast.moderator_ended_at is not None and not broadcast.is_over:
        raise EndedByModerator(f"broadcast {broadcast.id}")
    if act is Act.END:
        after(broadcast.phase, act)
        return replace(broadcast, phase=Phase.PAUSED, moderator_ended_at=now, moderator_ended_from=broadcast.phase)
    if act is Act.PAUSE and broadcast.phase is Phase.PAUSED and broadcast.moderator_paused_at is None:
        return replace(broadcast, moderator_paused_at=now)  # the host's pause becomes the moderator's
    phase = after(broadcast.phase, act)
    if act is Act.RESUME and broadcast.moderator_paused_at is None:
        raise NotPaused(f"broadcast {broadcast.id}")
    return replace(broadcast, phase=phase, moderator_paused_at=now if act is Act.PAUSE else None)


def end_taken_back(broadcast: Broadcast) -> Broadcast:
    """As it was before a moderator ended it, a pause included. Raises NotEnded when none has, or it is final."""
    if broadcast.moderator_ended_at is None or broadcast.moderator_ended_from is None or broadcast.is_over:
        raise NotEnded(f"broadcast {broadcast.id}")
    return replace(broadcast, phase=broadcast.moderator_ended_from, moderator_ended_at=None, moderator_ended_from=None)


def muted_by_moderator(broadcast: Broadcast, seat: SpeakerId, *, on: bool) -> Broadcast:
    """The broadcast with this seat muted by a moderator, or no longer. Doing it twice changes nothing."""
    others = tuple(each for each in broadcast.moderator_mutes if each != seat)
    return replace(broadcast, moderator_mutes=(*others, seat) if on else others)


def _over_at(broadcast: Broadcast, now: datetime) -> datetime:
    """When its room closes. After a moderator's end nothing is in the delay any more that listeners would wait for."""
    if broadcast.moderator_ended_at is None:
        return now
    return max(broadcast.moderator_ended_at, now - broadcast.delay)
