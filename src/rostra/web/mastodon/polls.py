"""Polls: how one stands, and voting on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.vote_on_poll import vote_on_poll
from rostra.network.polls import OPTIONS_MAX, Poll, PollId, PollStore
from rostra.network.posts import PostStore
from rostra.web import answers
from rostra.web.looking import looker
from rostra.web.mastodon.asking import person, reading
from rostra.web.mastodon.bodies import read
from rostra.web.mastodon.entities import polls as entities
from rostra.web.mastodon.paging import number
from rostra.web.mastodon.writing import stamp
from rostra.web.seeing import check_seen
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
_NO_PLACE = -1


class VoteBody(msgspec.Struct, frozen=True, kw_only=True):
    """choices: places of options, from 0, as numbers or as text."""

    choices: list[str] = []


@get("/api/v1/polls/{poll_id:str}")
async def one(request: AnyRequest, site: TheSite, poll_id: FromPath[str]) -> Response[bytes]:
    async with reading(request, site, "read:statuses") as asked:
        found = await PollStore(asked.session).get(PollId(number(poll_id)), asked.viewer)
        check_seen(looker(site), await PostStore(asked.session).get(found.post_id, asked.viewer, now=asked.now))
    return answers.as_json(poll_entity(found, asked.now))


@post("/api/v1/polls/{poll_id:str}/votes", status_code=200)
async def vote(request: AnyRequest, site: TheSite, poll_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:statuses")
    body = await read(request, VoteBody)
    places = [_place(each) for each in body.choices[: OPTIONS_MAX + 1]]
    voted = await vote_on_poll(site.house, who.account_id, PollId(number(poll_id)), places)
    return answers.as_json(poll_entity(voted, site.house.clock.now()))


def poll_entity(poll: Poll, now: datetime) -> entities.Poll:
    """The poll as the viewer for whom it was read sees it at `now`."""
    shows = poll.shows_totals(now)
    viewed = poll.viewer is not None
    return entities.Poll(
        id=str(poll.id),
        expires_at=stamp(poll.expires_at),
        expired=poll.has_ended(now),
        multiple=poll.multiple,
        votes_count=poll.votes,
        voters_count=poll.voters if poll.multiple else None,
        options=[
            entities.PollOption(title=option.title, votes_count=option.votes if shows else None)
            for option in poll.options
        ],
        emojis=[],
        voted=poll.has_voted if viewed else msgspec.UNSET,
        own_votes=poll.own_votes if viewed else msgspec.UNSET,
    )


def _place(text: str) -> int:
    """What cannot be a place is none of the options."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else _NO_PLACE


handlers = [one, vote]
