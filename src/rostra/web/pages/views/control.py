"""The host's page; its dataclasses are also the JSON of the API, member by member."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rostra.media.wire import Phase, StageState
from rostra.web.frame import Moment, When
from rostra.web.pages.views.delay import DelayView
from rostra.web.pages.views.replay import RecordingView, TrackView

OriginalState = Literal["none", "recording", "sending", "aligning", "ready", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalView:
    """One speaker's own recording. text: where it stands, a sentence or less. url: the download, when it can be used.

    may_make: the host may have it made of what is here, without waiting for the rest.
    """

    speaker_id: str
    name: str
    state: OriginalState
    text: str
    url: str | None
    may_make: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkView:
    """A moment that was marked. at_text: into the recording. kind: mark, pause or resume."""

    id: str
    at_text: str
    title: str
    kind: str


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
    nobody knows; audience_error: half the 95 % interval as a share of it; audience_text: both in words;
    shares_text: the same by rendition and country.
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
    shares_text: str
    recording: RecordingView | None
    originals: tuple[OriginalView, ...]
    marks: tuple[MarkView, ...]
    delay: DelayView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPage:
    """`control.html`. Without a script, forms POST to `form_url` with `csrf`, `act`, and what the act needs:

    the moves of ActView (`version`); `invite` (`name`); `mark` (`title`); `unmark` (`mark_id`); `dump` (`seconds`);
    `hold` and `publish_by_itself` (the replay); `captions_on` and `captions_off`; `announce`; `new_link`, `revoke`,
    `mute`, `unmute`, `remove`, `hand_over`, `make_original` (`speaker_id`). The answer is this page again, with `fresh`
    set after `invite` and `new_link`. `join_url` is posted to (with `csrf`) and leads to the host's own stage page.
    captions: whether they are on, None where there is nothing to switch. originals_text: until when the pieces of local
    recordings stay, empty when there are none. is_stand_in: whoever reads it runs somebody else's broadcast.

    With a script: `data-control="{{ page.data | tojson | forceescape }}"`, members id, control_url (GET), events_url
    (server-sent events: `control` with a ControlView when anything changed and every 5 s, `stage` with a StageState
    4x a second), act_url (POST {"act", "version"}), invitations_url (POST {"name"} -> InvitationView with url),
    marks_url (POST {"title"}; below it /{id}: PATCH {"title"}, DELETE), dumps_url (POST {"seconds"} -> {"removed_s",
    "text"}), and templates for one seat with `{speaker_id}` in them: new_link_url (POST), revoke_url (DELETE), seat_url
    (POST {"act": mute|unmute|remove|hand_over}). Every write carries `X-Rostra-CSRF`.
    """

    control: ControlView
    tracks: tuple[TrackView, ...]
    hold_replay: bool
    captions: bool | None
    originals_text: str
    replay_text: str
    edit_replay_url: str | None
    page_url: str
    edit_url: str | None
    form_url: str
    join_url: str
    starts: Moment
    fresh: InvitationView | None
    error: str | None
    announcement_url: str | None
    may_announce: bool
    is_stand_in: bool
    data: Mapping[str, object]
