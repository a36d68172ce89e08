"""Accounts: reading them, their posts and followers, and editing one's own."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get, patch
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.edit_profile import edit_profile
from rostra.flows.take_media import take_profile_picture
from rostra.network.accounts import ProfileChange, ProfileStore
from rostra.network.filters import Context
from rostra.network.follows import EdgeLists, FollowStore
from rostra.network.media import Purpose
from rostra.network.posts import QuotePolicy
from rostra.network.text import tag_key
from rostra.network.timelines import Only, Timelines
from rostra.network.visibility import Visibility
from rostra.platform.errors import Invalid, NotFound
from rostra.platform.ids import AccountId
from rostra.platform.keyset import Page
from rostra.web import answers, searching
from rostra.web.looking import check_account_seen, looker
from rostra.web.mastodon.asking import own_reading, person, reading
from rostra.web.mastodon.bodies import read_query, shaped
from rostra.web.mastodon.entities.accounts import FamiliarFollowers
from rostra.web.mastodon.media import parameters_and_files
from rostra.web.mastodon.paging import accounts_page_of, number, page_of
from rostra.web.mastodon.showing import accounts, timeline
from rostra.web.mastodon.writing import Writer
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
IDS_MAX = 80
OFFSET_MAX = 200


class PostsQuery(msgspec.Struct, frozen=True, kw_only=True):
    exclude_replies: bool = False
    exclude_reblogs: bool = False
    only_media: bool = False
    pinned: bool = False
    tagged: str | None = None


class FieldBody(msgspec.Struct, frozen=True, kw_only=True):
    name: str = ""
    value: str = ""


class SourceBody(msgspec.Struct, frozen=True, kw_only=True):
    privacy: Visibility | None = None
    sensitive: bool | None = None
    language: str | None = None
    quote_policy: QuotePolicy | None = None


class ProfileBody(msgspec.Struct, frozen=True, kw_only=True):
    """fields_attributes: a list, or an object whose names are numbers."""

    display_name: str | None = None
    note: str | None = None
    locked: bool | None = None
    bot: bool | None = None
    discoverable: bool | None = None
    indexable: bool | None = None
    fields_attributes: list[FieldBody] | None = None
    source: dict[str, Any] | None = None


class IdsQuery(msgspec.Struct, frozen=True, kw_only=True):
    id: list[str] = []


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """resolve: asks for accounts of other servers, of which there are none."""

    q: str = ""
    following: bool = False
    offset: int = 0


@get("/api/v1/accounts/verify_credentials")
async def verify_credentials(request: AnyRequest, site: TheSite) -> Response[bytes]:
    async with own_reading(request, site, "profile") as asked:
        requests = await EdgeLists(asked.session).requests_count(asked.viewer)
        own = await ProfileStore(asked.session).own(asked.viewer, requests_count=requests)
    return answers.as_json(Writer(site.url).own_account(own))


@patch("/api/v1/accounts/update_credentials", request_max_body_size=None)
async def update_credentials(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who = await person(request, site, "write:accounts")
    names, limits = ("avatar", "header"), site.house.media
    async with parameters_and_files(request, site, names, most_bytes=2 * limits.picture_bytes) as (found, files):
        body = shaped(found, ProfileBody)
        if files:
            site.limits.media.take(str(who.account_id))
        for name, received in files.items():
            await take_profile_picture(site.house, who.account_id, received, Purpose(name))
    source = msgspec.convert(body.source or {}, SourceBody, strict=False)
    fields = None if body.fields_attributes is None else [(each.name, each.value) for each in body.fields_attributes]
    change = ProfileChange(
        display_name=body.display_name,
        note=body.note,
        locked=body.locked,
        bot=body.bot,
        discoverable=body.discoverable,
        indexable=body.indexable,
        post_visibility=_default_visibility(source.privacy),
        post_sensitive=source.sensitive,
        post_language=source.language,
        post_quote_policy=source.quote_policy,
    )
    own = await edit_profile(site.house, who.account_id, change, fields)
    return answers.as_json(Writer(site.url).own_account(own))


@get("/api/v1/accounts/lookup")
async def lookup(request: AnyRequest, site: TheSite) -> Response[bytes]:
    handle, _, domain = request.query_params.get("acct", "").strip().removeprefix("@").partition("@")
    if domain not in ("", site.host):
        raise NotFound(f"account of {domain[:80]!r}")
    async with reading(request, site, "read:accounts") as asked:
        profile = await ProfileStore(asked.session).by_handle(handle)
    return answers.as_json(Writer(site.url).account(profile))


@get("/api/v1/accounts/search")
async def search(request: AnyRequest, site: TheSite) -> Response[bytes]:
    page, query = accounts_page_of(request), read_query(request, SearchQuery)
    offset = min(max(query.offset, 0), OFFSET_MAX)
    async with own_reading(request, site, "read:accounts") as asked:
        found = await searching.people(
            searching.of_reading(request, site, asked), query.q, limit=page.limit + offset, followed=query.following
        )
    return answers.as_json(Writer(site.url).accounts(found[offset:]))


@get("/api/v1/accounts/relationships")
async def relationships(request: AnyRequest, site: TheSite) -> Response[bytes]:
    ids = [AccountId(number(each)) for each in read_query(request, IdsQuery).id[:IDS_MAX]]
    async with own_reading(request, site, "read:follows") as asked:
        found = await FollowStore(asked.session).relationships(asked.viewer, ids, now=asked.now)
        there = await ProfileStore(asked.session).by_ids(ids)
    writer = Writer(site.url)
    return answers.as_json([writer.relationship(each) for each in found if each.id in there])


@get("/api/v1/accounts/familiar_followers")
async def familiar_followers(request: AnyRequest, site: TheSite) -> Response[bytes]:
    ids = [AccountId(number(each)) for each in read_query(request, IdsQuery).id[:10]]
    writer = Writer(site.url)
    async with own_reading(request, site, "read:follows") as asked:
        lists = EdgeLists(asked.session)
        found = [
            FamiliarFollowers(
                id=str(each),
                accounts=writer.accounts(
                    edge.profile for edge in await lists.followed_by_friends(asked.viewer, each, limit=10)
                ),
            )
            for each in ids
        ]
    return answers.as_json(found)


@get("/api/v1/accounts/{account_id:str}")
async def one(request: AnyRequest, site: TheSite, account_id: FromPath[str]) -> Response[bytes]:
    async with reading(request, site, "read:accounts") as asked:
        profile = await ProfileStore(asked.session).get(AccountId(number(account_id)))
    return answers.as_json(Writer(site.url).account(profile))


@get("/api/v1/accounts")
async def several(request: AnyRequest, site: TheSite) -> Response[bytes]:
    ids = [number(each) for each in read_query(request, IdsQuery).id[:IDS_MAX]]
    async with reading(request, site, "read:accounts") as asked:
        found = await ProfileStore(asked.session).by_ids(ids)
    return answers.as_json(Writer(site.url).accounts(found[each] for each in ids if each in found))


@get("/api/v1/accounts/{account_id:str}/statuses")
async def statuses(request: AnyRequest, site: TheSite, account_id: FromPath[str]) -> Response[bytes]:
    page, query = page_of(request), read_query(request, PostsQuery)
    only = Only(
        no_replies=query.exclude_replies,
        no_boosts=query.exclude_reblogs,
        media=query.only_media,
        pinned=query.pinned,
        tag=None if query.tagged is None else tag_key(query.tagged) or "",
    )
    async with reading(request, site, "read:statuses") as asked:
        author = await ProfileStore(asked.session).get(AccountId(number(account_id)))
        posts = await Timelines(asked.session, asked.viewer, now=asked.now).account(author.id, page, only)
        return await timeline(
            request, site, asked.session, asked.viewer, posts, page, bearer=asked.bearer, context=Context.ACCOUNT
        )


@get("/api/v1/accounts/{account_id:str}/followers")
async def followers(request: AnyRequest, site: TheSite, account_id: FromPath[str]) -> Response[bytes]:
    return await _edges(request, site, account_id, "followers")


@get("/api/v1/accounts/{account_id:str}/following")
async def following(request: AnyRequest, site: TheSite, account_id: FromPath[str]) -> Response[bytes]:
    return await _edges(request, site, account_id, "following")


async def _edges(request: AnyRequest, site: Site, account_id: str, which: str) -> Response[bytes]:
    page: Page = accounts_page_of(request)
    async with reading(request, site, "read:accounts") as asked:
        of = await ProfileStore(asked.session).get(AccountId(number(account_id)))
        check_account_seen(looker(site), of.id)
        lists = EdgeLists(asked.session)
        edges = await (lists.followers(of.id, page) if which == "followers" else lists.following(of.id, page))
    return accounts(request, site, edges, page)


def _default_visibility(wanted: Visibility | None) -> str | None:
    if wanted is Visibility.DIRECT:
        raise Invalid("default visibility", user_message="Validation failed: Privacy is not included in the list")
    return wanted


handlers = [
    verify_credentials,
    update_credentials,
    lookup,
    search,
    relationships,
    familiar_followers,
    one,
    several,
    statuses,
    followers,
    following,
]
