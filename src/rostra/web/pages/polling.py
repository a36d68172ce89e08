"""Polls on a page: how one is shown, and what the forms bring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from rostra.network.polls import OPTION_CHARACTERS, OPTIONS_MAX, Poll, PollWish
from rostra.platform.ids import PostId
from rostra.platform.wording import _
from rostra.web.pages import words
from rostra.web.pages.views.posts import ComposePollView, PollOptionView, PollView, PostTime

DURATIONS: Final = {
    "5": _("5 minutes"),
    "30": _("30 minutes"),
    "60": _("1 hour"),
    "360": _("6 hours"),
    "720": _("12 hours"),
    "1440": _("1 day"),
    "4320": _("3 days"),
    "10080": _("7 days"),
    "20160": _("14 days"),
}
"""Minutes → words."""
_A_DAY: Final = "1440"
_TYPED_MAX: Final = 500


def poll_view(poll: Poll, ends: PostTime, *, now: datetime) -> PollView:
    """A poll for whoever it was read for. ends: when it ends."""
    has_ended = poll.has_ended(now)
    of = poll.voters if poll.multiple else poll.votes
    own = set(poll.own_votes)
    return PollView(
        options=tuple(
            PollOptionView(
                place=place,
                title=option.title,
                votes=words.short_number(option.votes),
                share=round(100 * option.votes / of) if of else 0,
                own=place in own,
            )
            for place, option in enumerate(poll.options)
        ),
        field=field_of(poll.post_id),
        multiple=poll.multiple,
        may_vote=poll.viewer is not None and not poll.has_voted and not has_ended,
        shows_totals=poll.shows_totals(now),
        has_voters=poll.voters > 0,
        voters=words.short_number(poll.voters),
        has_ended=has_ended,
        ends=ends if has_ended else replace(ends, brief=words.left(poll.expires_at, now)),
    )


def field_of(post_id: PostId) -> str:
    """The name of the inputs of a post's poll; a page has one form for all its posts."""
    return f"poll-{post_id}"


def places_in(form: Mapping[str, str], post_id: PostId) -> list[int]:
    """What was chosen: one radio button, or the boxes that were ticked."""
    field = field_of(post_id)
    names = (field, *(f"{field}-{place}" for place in range(OPTIONS_MAX)))
    return [int(value) for name in names if (value := form.get(name, "")).isdecimal() and len(value) == 1]


def wish_in(form: Mapping[str, str]) -> PollWish | None:
    """The poll that a compose form asks for; None while all its options are empty."""
    asked = compose_poll(form)
    if not asked.is_begun:
        return None
    return PollWish(
        options=tuple(option for option in asked.options if option.strip()),
        expires_in=timedelta(minutes=int(asked.minutes)),
        multiple=asked.multiple,
        hide_totals=asked.hide_totals,
    )


def poll_fields(poll: Poll) -> dict[str, str]:
    """A poll as the fields of a compose form, for a post that is written anew."""
    found = {f"poll-{place + 1}": option.title for place, option in enumerate(poll.options)}
    return (
        found | ({"poll-multiple": "1"} if poll.multiple else {}) | ({"poll-hidden": "1"} if poll.hide_totals else {})
    )


def compose_poll(form: Mapping[str, str]) -> ComposePollView:
    """The part of the compose form, with what was typed so far."""
    minutes = form.get("poll-minutes", _A_DAY)
    return ComposePollView(
        options=tuple(form.get(f"poll-{number}", "")[:_TYPED_MAX] for number in range(1, OPTIONS_MAX + 1)),
        option_characters=OPTION_CHARACTERS,
        multiple="poll-multiple" in form,
        hide_totals="poll-hidden" in form,
        minutes=minutes if minutes in DURATIONS else _A_DAY,
        durations=DURATIONS,
    )
