"""The stage page of one speaker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rostra.media.wire import Phase
from rostra.web.frame import Moment, When


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationPage:
    """`invitation.html` at /i/{token}: the stage page of one speaker.

    state: open (may come in; the doors may still be closed), revoked, expired, over (ended or cancelled), withheld
        (nobody may hear it, by a decision).
    state_text: a sentence for the last four, and for `open` before the doors ("The doors open at 19:45.").
    name: as the host wrote it; the speaker may change it. control_url: POST target that opens the control page for
    whoever holds the host's seat, shown only to them (it needs no csrf; the token in it is the credential).
    data: for the script, `data-stage="{{ page.data | tojson | forceescape }}"`, members broadcast_id, speaker_id,
    name, host, phase, starts_at, doors_open_at, ticket_url (POST {"name"}), recording_url
    (local recordings), status_url. An ended broadcast's page has them too, to send what is left.
    """

    state: Literal["open", "revoked", "expired", "over", "withheld"]
    state_text: str | None
    title: str
    host_name: str
    name: str
    host: bool
    phase: Phase
    when: When
    starts: Moment
    page_url: str
    control_url: str | None
    data: Mapping[str, object]
