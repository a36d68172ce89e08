"""What one account does to another: follow, block, mute, note, and the answers to requests."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows import follow_account as flows
from rostra.network.follows import EdgeLists, FollowWish, Relationship
from rostra.platform.ids import AccountId
from rostra.web import answers
from rostra.web.mastodon.asking import own_reading, person
from rostra.web.mastodon.bodies import read
from rostra.web.mastodon.paging import accounts_page_of, number
from rostra.web.mastodon.showing import accounts
from rostra.web.mastodon.writing import Writer
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
LANGUAGES_MAX = 10


class FollowBody(msgspec.Struct, frozen=True, kw_only=True):
    reblogs: bool | None = None
    notify: bool | None = None
    languages: list[str] | None = None


class MuteBody(msgspec.Struct, frozen=True, kw_only=True):
    """duration: seconds; 0 for until further notice."""

    notifications: bool = True
    duration: int = 0


class NoteBody(msgspec.Struct, frozen=True, kw_only=True):
    comment: str = ""


@post("/api/v1/accounts/{account_id:str}/follow", status_code=200)
async def follow(request: AnyRequest, site: TheSite, account_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:follows")
    body = await read(request, FollowBody)
    languages = None if body.languages is None else tuple(each[:8] for each in body.languages[:LANGUAGES_MAX])
    wish = FollowWish(boosts=body.reblogs, notify=body.notify, languages=languages)
    return _written(site, await flows.follow_account(site.house, who.account_id, _id(account_id), wish))


@post("/api/v1/accounts/{account_id:str}/unfollow", status_code=200)
async def unfollow(request: AnyRequest, site: TheSite, account_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:follows")
    return _written(site, await flows.unfollow_account(site.house, who.account_id, _id(account_id)))


@post("/api/v1/accounts/{account_id:str}/remove_from_followers", status_code=200)
async def remove_from_followers(request: AnyRequest, site: TheSite, account_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:follows")
    return _written(site, await flows.remove_follower(site.house, who.account_id, _id(account_id)))


@post("/api/v1/accounts/{account_id:str}/block", status_code=200)
async def block(request: AnyRequest, site: TheSite, account_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:blocks")
    return _written(site, await flows.block_account(site.house, who.account_id, _id(account_id)))


@post("/api/v1/accounts/{account_id:str}/unblock", status_code=200)
async def unblock(request: AnyRequest, site: TheSite, account_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:blocks")
    return _written(site, await flows.unblock_account(site.house, who.account_id, _id(account_id)))


@post("/api/v1/accounts/{account_id:str}/mute", status_code=200)
async def mute(request: AnyRequest, site: TheSite, account_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:mutes")
    body = await read(request, MuteBody)
    found = await flows.mute_account(
        site.house, who.account_id, _id(account_id), notifications=body.notifications, for_s=body.duration
    )
    return _written(site, found)


@post("/api/v1/accounts/{account_id:str}/unmute", status_code=200)
async def unmute(request: AnyRequest, site: TheSite, account_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:mutes")
    return _written(site, await flows.unmute_account(site.house, who.account_id, _id(account_id)))


@post("/api/v1/accounts/{account_id:str}/note", status_code=200)
async def note(request: AnyRequest, site: TheSite, account_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:accounts")
    body = await read(request, NoteBody)
    return _written(site, await flows.note_account(site.house, who.account_id, _id(account_id), body.comment))


@get("/api/v1/follow_requests")
async def follow_requests(request: AnyRequest, site: TheSite) -> Response[bytes]:
    page = accounts_page_of(request)
    async with own_reading(request, site, "read:follows") as asked:
        edges = await EdgeLists(asked.session).requests(asked.viewer, page)
    return accounts(request, site, edges, page)


@post("/api/v1/follow_requests/{account_id:str}/authorize", status_code=200)
async def authorize(request: AnyRequest, site: TheSite, account_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:follows")
    return _written(site, await flows.answer_request(site.house, who.account_id, _id(account_id), accept=True))


@post("/api/v1/follow_requests/{account_id:str}/reject", status_code=200)
async def reject(request: AnyRequest, site: TheSite, account_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:follows")
    return _written(site, await flows.answer_request(site.house, who.account_id, _id(account_id), accept=False))


@get("/api/v1/blocks")
async def blocks(request: AnyRequest, site: TheSite) -> Response[bytes]:
    page = accounts_page_of(request)
    async with own_reading(request, site, "read:blocks") as asked:
        edges = await EdgeLists(asked.session).blocks(asked.viewer, page)
    return accounts(request, site, edges, page)


@get("/api/v1/mutes")
async def mutes(request: AnyRequest, site: TheSite) -> Response[bytes]:
    page = accounts_page_of(request)
    async with own_reading(request, site, "read:mutes") as asked:
        edges = await EdgeLists(asked.session).mutes(asked.viewer, page, now=asked.now)
    return accounts(request, site, edges, page)


def _id(text: str) -> AccountId:
    return AccountId(number(text))


def _written(site: Site, found: Relationship) -> Response[bytes]:
    return answers.as_json(Writer(site.url).relationship(found))


handlers = [
    follow,
    unfollow,
    remove_from_followers,
    block,
    unblock,
    mute,
    unmute,
    note,
    follow_requests,
    authorize,
    reject,
    blocks,
    mutes,
]
