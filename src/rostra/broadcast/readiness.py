"""Readiness: what would make the start late or silent, said before the minute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rostra.broadcast.schedule import Broadcast
from rostra.media.wire import Phase, ProcessBeat, Quality, RoomLease, SpeakerState, StageState, Trouble
from rostra.platform.clock import to_us

BEAT_FRESH: Final = timedelta(seconds=8)
"""A process beats every two seconds; four missed beats and it counts as gone."""
STATE_FRESH: Final = timedelta(seconds=3)
CLAIM_GRACE: Final = timedelta(seconds=4)
"""How long a stage may take to claim a room before that is worth a word."""
FREE_DISK_BYTES: Final = 1_000_000_000
"""An hour of programme is 29 MB; a gigabyte leaves room for the database and the logs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One answer. blocking: the start would be late or silent while this is not ok. fix: what to do, when not ok."""

    code: str
    ok: bool
    blocking: bool
    text: str
    fix: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the site knows of the rest of Rostra. state: the last one heard from the room."""

    bus_connected: bool
    beats: Sequence[ProcessBeat]
    lease: RoomLease | None
    state: StageState | None
    free_disk_bytes: int


def readiness(broadcast: Broadcast, around: Surroundings, *, now: datetime) -> list[Check]:
    """Every check that matters in this phase, most fundamental first; empty when the broadcast is over."""
    if broadcast.is_over:
        return []
    checks = [_bus(around)]
    if not around.bus_connected:
        return [*checks, _disk(around)]  # without the bus nothing else is known, so nothing else is claimed
    checks += [
        _process(around, "stage", now, "Speakers cannot come on stage."),
        _process(around, "edge", now, "Nobody can listen."),
    ]
    if broadcast.phase.has_stage:
        checks += [_room(broadcast, around, now), *_speakers(around, now), *_recording(around, now)]
    return [*checks, *_captions(broadcast, around, now), _disk(around), *_warnings(around, now)]


def late_text(broadcast: Broadcast, checks: Sequence[Check], *, now: datetime) -> str | None:
    """Why the start would be late, or is: one or two sentences; None when it is in time."""
    if broadcast.phase not in (Phase.SCHEDULED, Phase.DOORS_OPEN):
        return None
    obstacle = next((check for check in checks if check.blocking and not check.ok), None)
    if now >= broadcast.starts_at:
        minutes = int((now - broadcast.starts_at).total_seconds()) // 60
        behind = "The start is due." if minutes < 1 else f"The start is {minutes} min late."
        if obstacle is not None:
            return f"{behind} {obstacle.text} {obstacle.fix or ''}".strip()
        if broadcast.phase is Phase.SCHEDULED:
            return f"{behind} The doors are still closed: open them."
        return f"{behind} Press Go on the air when you are ready."
    if obstacle is not None and now >= broadcast.doors_open_at:
        return f"The start would be late. {obstacle.text} {obstacle.fix or ''}".strip()
    return None


def fresh_state(state: StageState | None, now: datetime) -> StageState | None:
    """The state while it is young enough to be shown as the present."""
    return state if state is not None and to_us(now) - state.at_us < STATE_FRESH / timedelta(microseconds=1) else None


def _bus(around: Surroundings) -> Check:
    if around.bus_connected:
        return Check(code="bus", ok=True, blocking=True, text="The message bus answers.")
    return Check(
        code="bus",
        ok=False,
        blocking=True,
        text="The message bus (NATS) does not answer, so the site cannot see stage and edge.",
        fix="Check that nats-server runs and that ROSTRA_NATS_URL is right. Rostra keeps trying.",
    )


def _process(around: Surroundings, kind: str, now: datetime, meaning: str) -> Check:
    alive = [beat for beat in around.beats if beat.kind == kind and _fresh(beat, now)]
    if alive:
        number = "" if len(alive) == 1 else f" ({len(alive)} processes)"
        return Check(code=f"{kind}_process", ok=True, blocking=True, text=f"The {kind} runs{number}.")
    return Check(
        code=f"{kind}_process",
        ok=False,
        blocking=True,
        text=f"No {kind} process runs. {meaning}",
        fix=f"Start `rostra {kind}`, or look into its log if it should be running.",
    )


def _room(broadcast: Broadcast, around: Surroundings, now: datetime) -> Check:
    if around.lease is not None and around.lease.until_us > to_us(now):
        return Check(code="room", ok=True, blocking=True, text="The room is open.")
    opened = broadcast.anchor_at or now
    if now - opened < CLAIM_GRACE:
        return Check(code="room", ok=False, blocking=True, text="The room is being opened.", fix="Wait a few seconds.")
    return Check(
        code="room",
        ok=False,
        blocking=True,
        text="No stage has opened the room.",
        fix="Look into the log of `rostra stage`. If another stage died, the next takes over within 5 seconds.",
    )


def _speakers(around: Surroundings, now: datetime) -> list[Check]:
    state = fresh_state(around.state, now)
    present = [speaker for speaker in state.speakers if speaker.connected] if state else []
    if not present:
        return [
            Check(
                code="nobody",
                ok=False,
                blocking=True,
                text="Nobody is on stage.",
                fix="Go on stage yourself, or send the speakers their links again.",
            )
        ]
    names = ", ".join(speaker.name for speaker in present)
    checks = [Check(code="nobody", ok=True, blocking=True, text=f"On stage: {names}.")]
    if all(speaker.is_silent for speaker in present):
        fix = "Unmute at least one speaker, so that listeners hear something."
        checks.append(Check(code="muted", ok=False, blocking=False, text="Everybody on stage is muted.", fix=fix))
    for speaker in present:
        if speaker.quality in (Quality.POOR, Quality.LOST):
            text = f"The connection of {speaker.name} is poor{_why(speaker)}."
            fix = "Ask them to move closer to the Wi-Fi or to use a cable."
            checks.append(Check(code=f"quality_{speaker.speaker_id}", ok=False, blocking=False, text=text, fix=fix))
    return checks


def _why(speaker: SpeakerState) -> str:
    match speaker.trouble:
        case Trouble.LOSS:
            return f": {speaker.lost_pct:.0f} % of the sound is lost"
        case Trouble.JITTER:
            return ": the sound arrives unevenly"
        case Trouble.NONE:
            return ""


def _recording(around: Surroundings, now: datetime) -> list[Check]:
    state = fresh_state(around.state, now)
    if state is None:
        return []
    if state.recording_error is None:
        return [Check(code="recording", ok=True, blocking=False, text="The programme is being recorded.")]
    fix = "The broadcast itself goes on. Free space or repair the folder; recording resumes by itself."
    return [Check(code="recording", ok=False, blocking=False, text=state.recording_error, fix=fix)]


def _captions(broadcast: Broadcast, around: Surroundings, now: datetime) -> list[Check]:
    """Captions never keep anybody from going on the air."""
    if not (broadcast.captions and broadcast.with_captions):
        return []
    alive = [beat for beat in around.beats if beat.kind == "captions" and _fresh(beat, now)]
    if alive:
        working = any(not beat.warnings for beat in alive)  # what they warn of is said on its own
        text = "Captions are being made." if working else "Captions are not being made, or not in time."
        return [Check(code="captions_process", ok=working, blocking=False, text=text)]
    fix = "The broadcast goes on without them. Start `rostra captions`, or look into its log."
    return [Check(code="captions_process", ok=False, blocking=False, text="No captions process runs.", fix=fix)]


def _disk(around: Surroundings) -> Check:
    free_gb = around.free_disk_bytes / 1e9
    if around.free_disk_bytes >= FREE_DISK_BYTES:
        return Check(code="disk", ok=True, blocking=False, text=f"{free_gb:,.0f} GB of disk are free.")
    fix = "Free some space, or the recording will stop early."
    return Check(code="disk", ok=False, blocking=False, text=f"Only {free_gb:.1f} GB of disk are free.", fix=fix)


def _warnings(around: Surroundings, now: datetime) -> list[Check]:
    """What the processes themselves complain of."""
    said = dict.fromkeys(text for beat in around.beats if _fresh(beat, now) for text in beat.warnings)
    return [
        Check(code=f"warning_{number}", ok=False, blocking=False, text=text, fix=None)
        for number, text in enumerate(said, start=1)
    ]


def _fresh(beat: ProcessBeat, now: datetime) -> bool:
    return to_us(now) - beat.seen_us < BEAT_FRESH / timedelta(microseconds=1)
