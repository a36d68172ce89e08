"""What a poll asks, how it stands, and which votes count. Pure.

An option is known by its place, from 0. What somebody has chosen is a number with the bit of each chosen place set,
so a voter is one row whatever they chose.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final, NewType

import msgspec

from rostra.platform.errors import Invalid, RostraError
from rostra.platform.ids import AccountId, PostId

PollId = NewType("PollId", int)

OPTIONS_MIN: Final = 2
OPTIONS_MAX: Final = 4
OPTION_CHARACTERS: Final = 50
EXPIRES_MIN: Final = timedelta(minutes=5)
EXPIRES_MAX: Final = timedelta(seconds=2_629_746)
"""Mastodon's limits, which apps know: a month of 30.4 days at most."""
VOTERS_TOLD: Final = 1000
"""When a poll ends, its author and so many of those who voted last are told."""


class NoSuchPoll(RostraError):
    """404: no such poll, or one of a post that the asker may not read; which of them stays unsaid."""

    status, code = HTTPStatus.NOT_FOUND, "no_such_poll"
    user_message = "Record not found"


class PollInvalid(Invalid):
    """422, in the words that apps know. `details` follow "Validation failed: "."""

    def __init__(self, details: str) -> None:
        super().__init__(details, user_message=f"Validation failed: {details}", field="poll")


class VoteRefused(PollInvalid):
    """422: a vote that does not count."""

    code = "vote_refused"


class Option(msgspec.Struct, frozen=True):
    """An option as it lies in the poll's row."""

    title: str
    votes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PollWish:
    """The poll that somebody wants with their post. options: cleaned, without empty ones. expires_in: None is missing.

    hide_totals: until the end nobody sees how it stands.
    """

    options: tuple[str, ...]
    expires_in: timedelta | None
    multiple: bool = False
    hide_totals: bool = False

    def check(self) -> timedelta:
        """How long the poll is open. Raises PollInvalid with everything that is wrong."""
        faults = []
        if self.expires_in is None:
            faults.append("Poll expires at can't be blank")
        elif self.expires_in > EXPIRES_MAX:
            faults.append("Poll expires at is too far into the future")
        elif self.expires_in < EXPIRES_MIN:
            faults.append("Poll expires at is too soon")
        if len(self.options) < OPTIONS_MIN:
            faults.append("Poll options must have more than one item")
        if len(self.options) > OPTIONS_MAX:
            faults.append(f"Poll options can't contain more than {OPTIONS_MAX} items")
        if any(len(option) > OPTION_CHARACTERS for option in self.options):
            faults.append(f"Poll options cannot be longer than {OPTION_CHARACTERS} characters each")
        if len(set(self.options)) < len(self.options):
            faults.append("Poll options contain duplicate items")
        if faults or self.expires_in is None:
            raise PollInvalid(", ".join(faults))
        return self.expires_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """A poll and how it stands. own_choices: of the viewer; None for readers without an account.

    voters: people who have voted; votes can be more where several options may be chosen.
    """

    id: PollId
    post_id: PostId
    author_id: AccountId
    options: tuple[Option, ...]
    expires_at: datetime
    multiple: bool
    hide_totals: bool
    voters: int
    viewer: AccountId | None = None
    own_choices: int = 0

    @property
    def votes(self) -> int:
        return sum(option.votes for option in self.options)

    @property
    def own_votes(self) -> list[int]:
        return [place for place in range(len(self.options)) if self.own_choices >> place & 1]

    @property
    def has_voted(self) -> bool:
        """The author counts as somebody who has: they see how it stands and may not vote."""
        return self.viewer == self.author_id or self.own_choices != 0

    def has_ended(self, now: datetime) -> bool:
        return self.expires_at <= now

    def shows_totals(self, now: datetime) -> bool:
        return not self.hide_totals or self.has_ended(now)

    def asks_the_same(self, wish: PollWish) -> bool:
        """Whether votes on this poll are answers to what `wish` asks."""
        return self.multiple == wish.multiple and tuple(option.title for option in self.options) == wish.options


def chosen(poll: Poll, voter: AccountId, places: Collection[int], *, before: int, now: datetime) -> int:
    """The vote of `voter` as a number. before: what they have chosen already, which only adds up where several options
    may be chosen.

    Raises VoteRefused with the first reason of Mastodon's order: ended, no such option, one's own poll, voted already.
    """
    if poll.has_ended(now):
        raise VoteRefused("The poll has already ended")
    if not places or any(not 0 <= place < len(poll.options) for place in places):
        raise VoteRefused("The chosen vote option does not exist")
    if voter == poll.author_id:
        raise VoteRefused("You cannot vote in your own polls")
    vote = 0
    for place in places:
        vote |= 1 << place
    again = before & vote if poll.multiple else before or len(set(places)) > 1
    if again:
        raise VoteRefused("You have already voted on this poll")
    return vote
