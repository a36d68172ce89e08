"""What the processes tell each other about a broadcast: subjects, key-value entries and their structs.

Times are unix microseconds, because these values cross machines. Ids travel as strings: they exceed 2^53,
and pages read the same JSON.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from rostra.media.clock import MediaClock

AIRINGS: Final = "airings"
"""Key-value bucket: broadcast id -> `Airing`. Written by the site alone; watched by stage and edge."""
ROOMS: Final = "rooms"
"""Key-value bucket: broadcast id -> `RoomLease`. Written by the stage that holds the room."""
PROCESSES: Final = "processes"
"""Key-value bucket: "<kind>.<instance>" -> `ProcessBeat`, every 2 s; entries expire after 30 s."""
KEYS: Final = "keys"
"""Key-value bucket: key family ("speaker", "listener") -> `SigningKeys`. Stages read the first, edges the second."""
REVOKED: Final = "revoked"
"""Key-value bucket: speaker id -> b"" for each invitation that no longer counts; "ticket.<jti>" -> `RevokedTicket`."""
REVOKED_TICKETS: Final = "ticket."
"""What keys of REVOKED begin with that name a listener's ticket."""
LEVELS: Final = "levels"
"""Key-value bucket: "operator" -> `LevelSet`, "edge.<instance>" -> `LevelSet` of an edge that is not calm."""
OPERATOR: Final = "operator"
SILENCES: Final = "silences"
"""Key-value bucket: "<broadcast id>.<rendition>.<instance>" -> `ListedSilence` of an edge, kept as long as parts."""
PARTS_STREAM: Final = "PARTS"
"""JetStream stream (memory) over `parts.>`; keeps what a restarted edge needs to refill its window."""
HELD_STREAM: Final = "HELD"
"""JetStream stream (memory) over `held.>`: parts that a delay holds back, so that another stage can release them."""
HELD_KEPT_S: Final = 90.0
"""The longest delay, and a minute in which a stage can be started again."""
FACTS_STREAM: Final = "FACTS"
"""JetStream work queue (file) over `facts.>`: what a stage has to tell the site and must not lose."""
CAPTIONS_STREAM: Final = "CAPTIONS"
"""JetStream stream (memory) over `captions.>`; kept as long as the parts."""
HOUSES: Final = "houses"
"""Key-value bucket (memory): broadcast id -> `rostra.shield.waiting.House`. Written by every edge in its turn; entries
expire an hour after the last one."""
CAPTIONERS: Final = "captioners"
"""Key-value bucket: broadcast id -> `CaptionLease`. Written by the captions process that listens to a broadcast."""


def parts_subject(broadcast_id: str, rendition: str) -> str:
    return f"parts.{broadcast_id}.{rendition}"


def held_subject(broadcast_id: str) -> str:
    """`media.held.Held` in the order in which they happened: parts that wait, and what was dumped of them."""
    return f"held.{broadcast_id}"


def state_subject(broadcast_id: str) -> str:
    """Plain subject, four `StageState` a second as JSON; losing one costs nothing."""
    return f"stage.state.{broadcast_id}"


def command_subject(broadcast_id: str) -> str:
    """Request and reply: `StageCommand` in, `CommandReply` out (both JSON), answered by the room's stage."""
    return f"stage.command.{broadcast_id}"


def here_subject(broadcast_id: str) -> str:
    """Plain subject, an `EdgeAudience` of each edge every two seconds as MessagePack; losing one costs nothing."""
    return f"edge.here.{broadcast_id}"


def revoked_ticket_key(jti: str) -> str:
    """In REVOKED."""
    return f"{REVOKED_TICKETS}{jti}"


def spent_subject(broadcast_id: str) -> str:
    """Plain subject, a `SpentTickets` of an edge that let somebody in from the line; losing one costs nothing."""
    return f"edge.spent.{broadcast_id}"


def captions_subject(broadcast_id: str) -> str:
    """Stream subject, a `Captioned` as JSON for each stretch of sound in which something was said."""
    return f"captions.{broadcast_id}"


RECORDED_SUBJECT: Final = "facts.recorded"
DUMPED_SUBJECT: Final = "facts.dumped"
CAPTIONED_SUBJECT: Final = "facts.captioned"


class Phase(StrEnum):
    """Where a broadcast stands. The moves between them are data in `rostra.broadcast.lifecycle`."""

    SCHEDULED = "scheduled"
    DOORS_OPEN = "doors_open"
    LIVE = "live"
    PAUSED = "paused"
    ENDED = "ended"
    CANCELLED = "cancelled"
    WITHHELD = "withheld"

    @property
    def has_stage(self) -> bool:
        """A room exists, the encoder runs and parts flow. Only LIVE lets voices into the programme."""
        return self in (Phase.DOORS_OPEN, Phase.LIVE, Phase.PAUSED)


class HeldBy(StrEnum):
    """Who keeps a paused broadcast off the air, beside its host."""

    NOBODY = ""
    MODERATORS_PAUSE = "moderators_pause"
    MODERATORS_END = "moderators_end"


class Airing(msgspec.Struct, frozen=True, kw_only=True):
    """A broadcast as stage and edge need to know it.

    anchor_us: media time 0; None until the doors open, fixed from then on.
    delay_s: how much later listeners hear what is said; 0, or 5 to 30, fixed with the anchor. What is said at a moment
    is heard `delay_parts` parts later, and the media clock counts what is heard.
    live_us, ended_us: when listeners hear the beginning and the end, so the delay after the host's press; `phase` is
    what the host has said. The last part is `MediaClock.end_part(ended_us) - 1`.
    captions: language (BCP 47) of the captions that are made of it now, empty for none; captions_us: nothing that is
    heard before has any.
    moderator_mutes: seats that a moderator has muted, whoever sits there and whichever stage holds the room.
    held_by: whether a moderator has paused or ended it. recorded_until_us: where its recording ends, if that is before
    `ended_us`, as for an end that was final only later.
    """

    broadcast_id: str
    slug: str
    title: str
    phase: Phase
    starts_us: int
    anchor_us: int | None = None
    live_us: int | None = None
    ended_us: int | None = None
    part_frames: int = 24
    parts_per_segment: int = 8
    places: int = 13
    host_speaker_id: str | None = None
    delay_s: int = 0
    captions: str = ""
    captions_us: int | None = None
    moderator_mutes: tuple[str, ...] = ()
    held_by: HeldBy = HeldBy.NOBODY
    recorded_until_us: int | None = None

    @property
    def delay_parts(self) -> int:
        """By how many parts listeners are behind the stage."""
        return MediaClock(0, self.part_frames, self.parts_per_segment).parts_of(self.delay_s)

    @property
    def part_s(self) -> float:
        return MediaClock(0, self.part_frames, self.parts_per_segment).part_s

    def clock(self) -> MediaClock | None:
        if self.anchor_us is None:
            return None
        return MediaClock(self.anchor_us, self.part_frames, self.parts_per_segment)


class RoomLease(msgspec.Struct, frozen=True, kw_only=True):
    """Which stage holds the room of a broadcast, until when, and where its speakers go."""

    stage_id: str
    whip_url: str
    until_us: int


class ListedSilence(msgspec.Struct, frozen=True):
    """What an edge has listed as silence because it came late. edge: its public URL; spans: parts, ends exclusive."""

    edge: str
    spans: tuple[tuple[int, int], ...]


class ProcessBeat(msgspec.Struct, frozen=True, kw_only=True):
    """A process says that it is there. `warnings`: sentences for people, e.g. a disk that runs full."""

    kind: str
    instance: str
    url: str
    started_us: int
    seen_us: int
    warnings: list[str] = []


class SigningKeys(msgspec.Struct, frozen=True, kw_only=True):
    """Two live signing keys, base64url: `current` signs, both verify."""

    current: str
    previous: str | None = None


class RevokedTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A listener's ticket that no longer counts. until_s: unix seconds after which none of its name can be valid."""

    until_s: int


class LevelSet(msgspec.Struct, frozen=True, kw_only=True):
    """A level of the shield (0 calm … 3 siege), who wants it and why.

    until_us: from then on it does not count; None: until it is taken back. An edge says its own again and again.
    """

    level: int
    reason: str
    at_us: int
    until_us: int | None = None


class Quality(StrEnum):
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    LOST = "lost"


class Trouble(StrEnum):
    """What keeps a line from being good. Where both do, it is the loss: that is what is heard."""

    NONE = ""
    LOSS = "loss"
    JITTER = "jitter"


class SpeakerState(msgspec.Struct, frozen=True, kw_only=True):
    """One seat on stage.

    level_dbfs: peak of the last 250 ms after decoding, before mute; -100 is silence.
    quality, trouble: what the line is like, and why it is no better.
    lost_pct: packets lost or late in the last 5 s; buffer_ms: depth of the playout buffer.
    """

    speaker_id: str
    name: str
    host: bool
    connected: bool
    muted: bool
    muted_by_host: bool
    level_dbfs: float
    quality: Quality
    lost_pct: float
    buffer_ms: int
    since_us: int
    trouble: Trouble = Trouble.NONE
    muted_by_moderator: bool = False

    @property
    def is_silent(self) -> bool:
        """Muted, by whomever: nothing that is said here reaches anybody."""
        return self.muted or self.muted_by_host or self.muted_by_moderator


class StageState(msgspec.Struct, frozen=True, kw_only=True):
    """The room four times a second. `part` is the last one published, `recording_error` a sentence for people.

    held_by: who keeps a paused one off the air, as the airing says.

    With a delay, all of it is of the stage's present, but for `part`. held_s: what a dump could still remove;
    dumped_s, dumped_us: how much the last dump removed, and when; None when nothing was dumped.
    """

    broadcast_id: str
    phase: Phase
    at_us: int
    part: int
    programme_dbfs: float
    speakers: list[SpeakerState]
    late_ticks: int
    recording_bytes: int
    recording_error: str | None = None
    held_s: float = 0.0
    dumped_s: float = 0.0
    dumped_us: int | None = None
    held_by: HeldBy = HeldBy.NOBODY


class Act(StrEnum):
    MUTE = "mute"
    UNMUTE = "unmute"
    REMOVE = "remove"
    DUMP = "dump"


SEAT_ACTS: Final = frozenset((Act.MUTE, Act.UNMUTE, Act.REMOVE))


class StageCommand(msgspec.Struct, frozen=True, kw_only=True):
    """What the host asks of the room. UNMUTE lifts the host's mute, never the speaker's own, nor a moderator's, which
    is in the airing.

    DUMP has no speaker: it removes what was said in the last `seconds`, as far as nobody has heard it.
    """

    act: Act
    speaker_id: str = ""
    seconds: float = 0.0


class CommandReply(msgspec.Struct, frozen=True, kw_only=True):
    """removed_s: by a dump."""

    ok: bool
    code: str = ""
    message: str = ""
    removed_s: float = 0.0


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """A finished recording, already in the file store.

    kind: "programme", or "track" for the clean track of one speaker, whom `speaker_id` names then.
    file: key in the file store; parts_missing: parts of the programme that are silence because nobody
    had them; a track cannot tell what was lost from what was not said.
    """

    broadcast_id: str
    kind: str
    file: str
    size_bytes: int
    duration_ms: int
    parts_missing: int = 0
    speaker_id: str | None = None


class Dumped(msgspec.Struct, frozen=True, kw_only=True):
    """What was said between `from_us` and `until_us` was removed at `at_us`, before anybody heard it."""

    broadcast_id: str
    at_us: int
    from_us: int
    until_us: int


class EdgeAudience(msgspec.Struct, frozen=True, array_like=True):
    """Who listens at one edge: the sample of `rostra.delivery.presence`, nothing else about anybody.

    numbers: 32 bits each, big endian, one after the other; kinds: rendition and country of what was counted, such as
    "aac64 DE", each once; kind_of: for each number the index of its kind, one byte.
    """

    edge: str
    depth: int
    numbers: bytes
    radios: int
    kinds: list[str] = []
    kind_of: bytes = b""


class SpentTickets(msgspec.Struct, frozen=True, array_like=True):
    """Waiting tickets that became admissions at one edge: their numbers."""

    edge: str
    numbers: list[int]


class Cue(msgspec.Struct, frozen=True, array_like=True):
    """A few words that are shown together. start, end: media time, samples at 48 kHz; text: one line, plain."""

    start: int
    end: int
    text: str


class Captioned(msgspec.Struct, frozen=True, kw_only=True):
    """What was said from `start` to `end` (samples of media time): complete, whatever else comes.

    made_us: when it was recognised, which decides alike on every edge what came in time for a segment.
    """

    broadcast_id: str
    start: int
    end: int
    made_us: int
    cues: list[Cue]


class CaptionLease(msgspec.Struct, frozen=True, kw_only=True):
    """Which captions process listens to a broadcast, and until when."""

    instance: str
    until_us: int
