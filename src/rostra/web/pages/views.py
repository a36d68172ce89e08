"""What every page is given: one frozen dataclass a page, named like its template.

A template sees two names, `page` (one of the classes below; `HomePage` goes to `home.html` and so on) and `frame`
(the rest of the window). It may call `asset("src/player.ts")` for the URL of a built file (and `asset_css(...)` for
the list of its stylesheets), `_("text")` for words, and `| tojson` for data that a script reads.

Every absolute URL ends up here ready to use; templates never join URLs. Lists are tuples. Text is plain and is
escaped by Jinja. The dataclasses of the control page are also the JSON of the API, member by member.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rostra.media.wire import Phase, StageState

When = Literal["before", "doors_open", "live", "paused", "after", "cancelled"]
"""The form that the broadcast page takes. `after` covers ended and withheld."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A time, twice: exact for machines, in words for people, always with its zone.

    iso: UTC, for `<time datetime>`, e.g. "2026-11-24T19:00:00Z". date, time: in the broadcast's zone, "2026-11-24",
    "20:00". text: "Tuesday 24 November 2026, 20:00". zone: IANA name, "Europe/Berlin". offset: "UTC+1".
    """

    iso: str
    date: str
    time: str
    text: str
    zone: str
    offset: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerView:
    """Who is signed in. `guest`: somebody who holds the host's seat by invitation, without an account."""

    name: str
    guest: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What surrounds a page.

    viewer and csrf are None on pages that are the same for everybody (home, broadcast, errors): those are cached.
    csrf: goes into each POST form as the hidden field `csrf`, and for scripts into `<meta name="csrf-token">`;
    scripts send it back as the header `X-Rostra-CSRF`. notice: a sentence about what was just done, or None.
    path: of this page. canonical: its absolute URL. organiser_url: list of one's own broadcasts (asks to sign in).
    """

    site_name: str
    site_url: str
    path: str
    canonical: str
    home_url: str
    organiser_url: str
    schedule_url: str
    sign_out_url: str
    viewer: ViewerView | None = None
    csrf: str | None = None
    notice: str | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastCard:
    """A broadcast in a list."""

    title: str
    url: str
    phase: Phase
    when: When
    phase_text: str
    starts: Moment
    host_name: str
    summary: str
    picture_url: str | None
    unlisted: bool
    control_url: str
    edit_url: str | None
    """None when nothing can be edited any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    """`home.html`: on the air now, next (soonest first), latest recordings. Each list may be empty.

    podcast_url: feed of everything public.
    """

    on_air: tuple[BroadcastCard, ...]
    coming: tuple[BroadcastCard, ...]
    past: tuple[BroadcastCard, ...]
    podcast_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingView:
    """url: the download. size_text: "28.4 MB". duration_text: "59 min 12 s".

    missing_text: a sentence about silence in the recording, or None when it is whole.
    """

    url: str
    size_text: str
    duration_text: str
    missing_text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChapterView:
    """start_text: "1:02:03". url: of the page, playing from there."""

    start_s: int
    start_text: str
    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayView:
    """The player of a recording. audio_url: with `#t=` when a link names a moment; chapters_url: WebVTT, if any.

    data: for the script, `data-replay="{{ page.replay.data | tojson | forceescape }}"`, members id, url (the page's
    path), duration_s.
    """

    audio_url: str
    chapters_url: str | None
    chapters: tuple[ChapterView, ...]
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackView:
    """What one speaker said. url: the download. size_text: "28.4 MB"."""

    name: str
    url: str
    size_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkView:
    """A moment that was marked. at_text: into the recording. kind: mark, pause or resume."""

    id: str
    at_text: str
    title: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastPage:
    """`broadcast.html`: the permanent page, before, during and after. The same for everybody.

    description: paragraphs. speakers: names in the order of invitation, the host first.
    playlist_url: for `<link rel="alternate" type="application/vnd.apple.mpegurl" href=…>`, present in every phase.
    radio_url: progressive AAC. status_url: JSON of the site to poll before the doors open (`status` below is its
    first answer). state_url: JSON of the edge while there is a stage.
    player: data for the script, put into `data-player="{{ page.player | tojson | forceescape }}"`; members:
    id, slug, phase, starts_at, doors_open_at, live_at, ended_at, edge_url, playlist_url, radio_url, state_url,
    status_url. Times are ISO strings in UTC or null.
    early_text: for the hour before: a sentence such as "The doors open at 19:45."; None otherwise.
    """

    id: str
    slug: str
    title: str
    description: tuple[str, ...]
    phase: Phase
    when: When
    phase_text: str
    starts: Moment
    doors_open: Moment
    live: Moment | None
    ended: Moment | None
    duration_text: str | None
    host_name: str
    speakers: tuple[str, ...]
    picture_url: str | None
    page_url: str
    calendar_url: str
    playlist_url: str
    radio_url: str
    state_url: str
    status_url: str
    unlisted: bool
    recording: RecordingView | None
    recording_pending: bool
    """Ended, and the recording is still being finished."""
    player: Mapping[str, object]
    early_text: str | None = None
    replay: ReplayView | None = None
    podcast_url: str | None = None
    """Feed of the host's series; None for what is not listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusView:
    """`/b/{slug}/status.json`: what a page asks every few seconds before the doors open. Cacheable for 2 s."""

    id: str
    phase: Phase
    title: str
    starts_at: str
    doors_open_at: str
    anchor_at: str | None
    live_at: str | None
    ended_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganiserPage:
    """`organiser.html` at /broadcasts: one's own broadcasts, next first, then the past."""

    current: tuple[BroadcastCard, ...]
    past: tuple[BroadcastCard, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleForm:
    """Values of the form as typed, so that a mistake never empties a field. Names are the fields' `name`s.

    `host_name` is the organiser's name as listeners see it. `picture` is a file field (JPEG, PNG or WebP, up to
    10 MB); `remove_picture` a checkbox while editing.
    """

    title: str = ""
    description: str = ""
    host_name: str = ""
    date: str = ""
    time: str = ""
    zone: str = ""
    visibility: Literal["public", "unlisted"] = "public"
    auto_start: bool = False
    doors_open_before_min: str = "15"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulePage:
    """`schedule.html`: to schedule (`editing` False) or to edit. Posts multipart/form-data to `action_url`.

    errors: field name -> sentence; "" is the key of an error that belongs to no field. zones: IANA names, sorted.
    locked: field names that cannot change any more (the time of a broadcast whose doors are open). version: goes into
    the hidden field `version` while editing, so that two people do not overwrite each other; None otherwise.
    """

    editing: bool
    version: int | None
    action_url: str
    back_url: str
    form: ScheduleForm
    errors: Mapping[str, str]
    zones: tuple[str, ...]
    locked: frozenset[str]
    picture_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActView:
    """One move of the lifecycle as a button.

    act: open_doors, go_live, pause, resume, end or cancel. label: "Go on the air". allowed: whether the phase
    permits it now; buttons that are not allowed are left out or disabled with `why_not`. primary: the one move that
    comes next. confirm: a question to ask first, for what cannot be undone; None: no question.
    """

    act: str
    label: str
    allowed: bool
    primary: bool
    why_not: str | None
    confirm: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckView:
    """One line of readiness. text: what is so; fix: what to do, None when ok.

    blocking: it would make the start late or silent; else it is only good to know.
    """

    code: str
    ok: bool
    blocking: bool
    text: str
    fix: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationView:
    """One seat. state: waiting, on_stage, expired or revoked. expires_at: ISO, UTC.

    url: only in the answer that made the link (links are stored hashed); None later, then `new_link` makes another.
    """

    speaker_id: str
    name: str
    host: bool
    state: Literal["waiting", "on_stage", "expired", "revoked"]
    expires_at: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlView:
    """The control page's living part, and the JSON of `GET /api/v1/broadcasts/{id}/control`.

    minute_text: where we are, in words: "12 min to the start", "on the air for 3 min". late_text: why a start would
    be late or is late, None when all is well. seconds_to_start: negative after it. stage: the room as the bus says it
    (levels in dBFS), None when there is no room or nothing was heard for 3 s. audience: how many listen, None when
    nobody knows; audience_error: half the 95 % interval as a share of it; audience_text: both in words.
    version: grows with each change of the broadcast; send it back as `version` to be told about a conflict.
    """

    id: str
    slug: str
    title: str
    version: int
    phase: Phase
    when: When
    phase_text: str
    at: str
    starts_at: str
    doors_open_at: str
    anchor_at: str | None
    live_at: str | None
    ended_at: str | None
    auto_start: bool
    seconds_to_start: int
    minute_text: str
    late_text: str | None
    acts: tuple[ActView, ...]
    ready: bool
    readiness: tuple[CheckView, ...]
    stage: StageState | None
    invitations: tuple[InvitationView, ...]
    audience: int | None
    audience_error: float
    audience_text: str
    recording: RecordingView | None
    marks: tuple[MarkView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPage:
    """`control.html`. Without a script, forms POST to `form_url` with `csrf`, `act`, and what the act needs:

    the moves of ActView (`version`); `invite` (`name`); `mark` (`title`); `unmark` (`mark_id`); `new_link`, `revoke`,
    `mute`, `unmute`, `remove`, `hand_over` (`speaker_id`). The answer is this page again, with `fresh` set after
    `invite` and `new_link`. `join_url` is posted to (with `csrf`) and leads to the host's own stage page.

    With a script: `data-control="{{ page.data | tojson | forceescape }}"`, members id, control_url (GET), events_url
    (server-sent events: `control` with a ControlView when anything changed and every 5 s, `stage` with a StageState
    4x a second), act_url (POST {"act", "version"}), invitations_url (POST {"name"} -> InvitationView with url),
    marks_url (POST {"title"}; below it /{id}: PATCH {"title"}, DELETE), and templates for one seat with `{speaker_id}`
    in them: new_link_url (POST), revoke_url (DELETE), seat_url
    (POST {"act": mute|unmute|remove|hand_over}). Every write carries `X-Rostra-CSRF`.
    """

    control: ControlView
    tracks: tuple[TrackView, ...]
    page_url: str
    edit_url: str | None
    form_url: str
    join_url: str
    starts: Moment
    fresh: InvitationView | None
    error: str | None
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationPage:
    """`invitation.html` at /i/{token}: the stage page of one speaker.

    state: open (may come in; the doors may still be closed), revoked, expired, over (ended or cancelled).
    state_text: a sentence for the last three, and for `open` before the doors ("The doors open at 19:45.").
    name: as the host wrote it; the speaker may change it. control_url: POST target that opens the control page for
    whoever holds the host's seat, shown only to them (it needs no csrf; the token in it is the credential).
    data: for the script, `data-stage="{{ page.data | tojson | forceescape }}"`, members broadcast_id, speaker_id,
    name, host, phase, starts_at, doors_open_at, ticket_url (POST {"name"}), status_url.
    """

    state: Literal["open", "revoked", "expired", "over"]
    state_text: str | None
    title: str
    host_name: str
    name: str
    host: bool
    phase: Phase
    when: When
    starts: Moment
    doors_open: Moment
    page_url: str
    control_url: str | None
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage:
    """`sign_in.html`: how to get a link. reason: needed, used (link spent or expired), signed_out."""

    reason: Literal["needed", "used", "signed_out"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage:
    """`error.html`. title: "Not found". text: what happened and what to do. code: for a report, "not_found"."""

    status: int
    title: str
    text: str
    code: str
    retry_after_s: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleguidePage:
    """`styleguide.html` at /styleguide, only with `demo` on: every part in every state."""
