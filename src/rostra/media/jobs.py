"""Work that takes a codec and a while: what the site orders, what the stage answers.

An order is a `Job` on the work queue `JOBS`; whichever stage is free takes it, one at a time. What is only copied has a
queue of its own, `QUICK`: the replay of a broadcast that has just ended is promised within half a minute, and mixing
somebody's tracks anew takes minutes. The answer is a `Made` on `facts.made.<kind>`. A new kind of work is three things:
a `Job` and a `Made` with the same tag here (named in `AnyJob` and `AnyMade`), a maker in `rostra.stage.makers`, and a
reader in `rostra.flows.take_made`. Jobs come at least once, so the same order may be carried out twice: makers write
new files and change nothing else.

What people attach to posts waits on a queue of its own, `UPLOADS`, served by the sites: a film takes minutes, and a
replay shall not wait behind it.
"""

from __future__ import annotations

from typing import Final

import msgspec

JOBS_STREAM: Final = "JOBS"
"""JetStream work queue (file) over `jobs.>`: an order stays until a stage has answered it."""
JOBS: Final = "jobs.>"
QUICK_STREAM: Final = "QUICK"
"""As JOBS, over `quick.>`: orders that take seconds, however long the recording is."""
QUICK: Final = "quick.>"
MADE: Final = "facts.made.>"
UPLOADS_STREAM: Final = "UPLOADS"
"""JetStream work queue (file) over `uploads.>`: a `MakeMedia` stays until a site has made the film or refused it."""
UPLOADS: Final = "uploads.>"
FINISHING: Final = "recording"
"""The id under which a stage tells that it cannot finish a recording; it is no job of the queue."""


def job_subject(job: Job) -> str:
    return f"{'quick' if is_copy(job) else 'jobs'}.{job_kind(job)}"


def is_copy(job: Job) -> bool:
    """Whether the frames of a recording stay as they are: an hour of them is copied in seconds."""
    return isinstance(job, Publish) and not job.mixed and not job.cuts


def made_subject(made: Made) -> str:
    return f"facts.made.{job_kind(made)}"


def upload_subject(media_id: int) -> str:
    return f"uploads.{media_id}"


def progress_subject(broadcast_id: str) -> str:
    """Plain subject, a `Progress` as JSON about once a second; losing one costs nothing."""
    return f"progress.{broadcast_id}"


class Job(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """job_id: chosen by the site; the same order has the same id."""

    job_id: str
    broadcast_id: str


class Made(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """The answer to the job of that id; its files are in the file store."""

    job_id: str
    broadcast_id: str


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """share: 0 … 1 of the work. waiting: why it has to be tried again later, a sentence for people."""

    job_id: str
    broadcast_id: str
    share: float
    waiting: str | None = None


class MakeMedia(msgspec.Struct, frozen=True, kw_only=True):
    """On `uploads.<media_id>`. What is to be done stands in the row of that id."""

    media_id: str


class ChapterMark(msgspec.Struct, frozen=True, array_like=True):
    """A chapter of the published sound, milliseconds."""

    start_ms: int
    end_ms: int
    title: str


class Publish(Job, frozen=True, kw_only=True, tag="publish"):
    """Make a replay: one seekable file and one for HLS, both of the same sound.

    sources: files of the store that begin together; one programme, or the tracks of the speakers, which are levelled,
    mixed and limited as on stage. cuts: [start, end) in milliseconds of recording time, ascending and apart. chapters:
    in published time. silences: what was dumped and stays silent whoever recorded it, like cuts.
    """

    sources: list[str]
    mixed: bool
    cuts: list[tuple[int, int]]
    chapters: list[ChapterMark]
    title: str
    artist: str
    album: str
    date: str
    silences: list[tuple[int, int]] = []


class Published(Made, frozen=True, kw_only=True, tag="publish"):
    """file: the M4A. stream: fragmented MP4; index: its `StreamIndex` as JSON."""

    file: str
    size_bytes: int
    duration_ms: int
    stream: str
    index: str


class StreamIndex(msgspec.Struct, frozen=True, kw_only=True):
    """Where the segments of a fragmented MP4 are: `[0, init_bytes)` is the init segment, the others follow.

    segments: (bytes, samples) of each, in order and without a gap.
    """

    init_bytes: int
    segments: list[tuple[int, int]]
    bandwidth_bps: int


class Measure(Job, frozen=True, kw_only=True, tag="measure"):
    """Draw a recording: its peaks, for a picture of the sound."""

    source: str


class Measured(Made, frozen=True, kw_only=True, tag="measure"):
    """file: one byte for each `every_ms`, the peak amplitude of that stretch, 0 … 255."""

    source: str
    file: str
    every_ms: int


class LocalSound(msgspec.Struct, frozen=True, array_like=True):
    """A piece of a local recording, a FLAC of the store.

    first_sample: its place in the recording, at the recording's own rate. at: where the browser believes that to be, in
    samples of the track; may lie before the track's beginning.
    """

    file: str
    first_sample: int
    samples: int
    at: int


class LocalRun(msgspec.Struct, frozen=True, array_like=True):
    """One run of a browser's recorder: pieces in rising order, not all of them perhaps."""

    rate_hz: int
    pieces: list[LocalSound]


class Align(Job, frozen=True, kw_only=True, tag="align"):
    """Make one clean original of a speaker's local recordings, in step with `track`, the stage's own FLAC of them.

    ordered_us: when the site ordered it; comes back with the answer.
    """

    speaker_id: str
    track: str
    runs: list[LocalRun]
    ordered_us: int


class Aligned(Made, frozen=True, kw_only=True, tag="align"):
    """Members as in `rostra.broadcast.originals.Original`. file: None, and `trouble` a sentence, when it is not to be
    used."""

    speaker_id: str
    file: str | None
    size_bytes: int
    duration_ms: int
    offset_ms: float
    drift_ppm: float
    coverage: float
    pieces: int
    trouble: str
    ordered_us: int


class NotMade(Made, frozen=True, kw_only=True, tag="failed"):
    """The job cannot be done, and trying again would not help. of: the job's kind. message: for people."""

    of: str
    code: str
    message: str


AnyJob = Publish | Measure | Align
AnyMade = Published | Measured | Aligned | NotMade


def job_kind(job: Job | Made | type[Job]) -> str:
    """The tag: what the subject ends with."""
    kind = job if isinstance(job, type) else type(job)
    return str(kind.__struct_config__.tag)
