"""Polls: asked with a post, voted on once, told of when they end."""

from rostra.network.polls.polls import (
    EXPIRES_MAX,
    EXPIRES_MIN,
    OPTION_CHARACTERS,
    OPTIONS_MAX,
    VOTERS_TOLD,
    NoSuchPoll,
    Option,
    Poll,
    PollId,
    PollInvalid,
    PollWish,
    VoteRefused,
    chosen,
)
from rostra.network.polls.store import PollStore

__all__ = [
    "EXPIRES_MAX",
    "EXPIRES_MIN",
    "OPTIONS_MAX",
    "OPTION_CHARACTERS",
    "VOTERS_TOLD",
    "NoSuchPoll",
    "Option",
    "Poll",
    "PollId",
    "PollInvalid",
    "PollStore",
    "PollWish",
    "VoteRefused",
    "chosen",
]
