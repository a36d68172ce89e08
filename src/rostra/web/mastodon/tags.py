"""Hashtags: reading, following and featuring them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.follow_tag import feature_tag, follow_tag, unfeature_tag, unfeature_tag_named
from rostra.network.accounts import ProfileStore
from rostra.network.addresses import Addresses
from rostra.network.tagging import Featured, TagStore
from rostra.network.text import tag_key
from rostra.platform.errors import NotFound
from rostra.platform.ids import AccountId, made_at
from rostra.web import answers
from rostra.web.mastodon.asking import own_reading, person, reading
from rostra.web.mastodon.bodies import read
from rostra.web.mastodon.entities.tags import FeaturedTag, Tag
from rostra.web.mastodon.paging import number, page_of, with_links
from rostra.web.mastodon.writing import day
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
FOLLOWED_LIMIT, FOLLOWED_LIMIT_MAX = 100, 200
SUGGESTIONS = 10


class NameBody(msgspec.Struct, frozen=True, kw_only=True):
    name: str = ""


def tags_of(
    site: Site, names: Collection[str], followed: Collection[str] | None, featured: Collection[str] | None = None
) -> list[Tag]:
    """followed, featured: by the viewer; None without one, or where it was not asked."""
    addresses = Addresses(site.url)
    return [
        Tag(
            id=name,
            name=name,
            url=addresses.tag(name),
            history=[],
            following=msgspec.UNSET if followed is None else name in followed,
            featuring=msgspec.UNSET if featured is None else name in featured,
        )
        for name in names
    ]


@get("/api/v1/tags/{name:str}")
async def one(request: AnyRequest, site: TheSite, name: FromPath[str]) -> Response[bytes]:
    async with reading(request, site, "read:follows") as asked:
        if (key := tag_key(name)) is None:
            raise NotFound(f"tag {name[:80]!r}")
        return await _one(site, asked.session, asked.viewer, key)


@post("/api/v1/tags/{name:str}/follow", status_code=200)
async def follow(request: AnyRequest, site: TheSite, name: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:follows")
    return await _after(site, who.account_id, await follow_tag(site.house, who.account_id, name, on=True))


@post("/api/v1/tags/{name:str}/unfollow", status_code=200)
async def unfollow(request: AnyRequest, site: TheSite, name: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:follows")
    return await _after(site, who.account_id, await follow_tag(site.house, who.account_id, name, on=False))


@post("/api/v1/tags/{name:str}/feature", status_code=200)
async def feature_named(request: AnyRequest, site: TheSite, name: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:accounts")
    featured = await feature_tag(site.house, who.account_id, name)
    return await _after(site, who.account_id, featured.tag)


@post("/api/v1/tags/{name:str}/unfeature", status_code=200)
async def unfeature_named(request: AnyRequest, site: TheSite, name: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:accounts")
    return await _after(site, who.account_id, await unfeature_tag_named(site.house, who.account_id, name))


@get("/api/v1/followed_tags")
async def followed_tags(request: AnyRequest, site: TheSite) -> Response[bytes]:
    page = page_of(request, default=FOLLOWED_LIMIT, most=FOLLOWED_LIMIT_MAX)
    async with own_reading(request, site, "read:follows") as asked:
        edges = await TagStore(asked.session).followed(asked.viewer, page)
    names = [tag for _, tag in edges]
    answer = answers.as_json(tags_of(site, names, names))
    return with_links(request, site, answer, [edge_id for edge_id, _ in edges], page)


@get("/api/v1/featured_tags")
async def featured_tags(request: AnyRequest, site: TheSite) -> Response[bytes]:
    async with own_reading(request, site, "read:accounts") as asked:
        found = await TagStore(asked.session).featured(asked.viewer)
    return answers.as_json([_featured(site, each) for each in found])


@post("/api/v1/featured_tags", status_code=200)
async def feature(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who = await person(request, site, "write:accounts")
    body = await read(request, NameBody)
    return answers.as_json(_featured(site, await feature_tag(site.house, who.account_id, body.name)))


@delete("/api/v1/featured_tags/{edge_id:str}", status_code=200)
async def unfeature(request: AnyRequest, site: TheSite, edge_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:accounts")
    await unfeature_tag(site.house, who.account_id, number(edge_id))
    return answers.as_json({})


@get("/api/v1/featured_tags/suggestions")
async def suggestions(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """What the person uses most and does not feature."""
    async with own_reading(request, site, "read:accounts") as asked:
        store = TagStore(asked.session)
        names = await store.most_used(asked.viewer, limit=SUGGESTIONS)
        followed = await store.followed_among(asked.viewer, names)
    return answers.as_json(tags_of(site, names, followed))


@get("/api/v1/accounts/{account_id:str}/featured_tags")
async def featured_by(request: AnyRequest, site: TheSite, account_id: FromPath[str]) -> Response[bytes]:
    async with reading(request, site, "read:accounts") as asked:
        of = await ProfileStore(asked.session).get(AccountId(number(account_id)))
        found = await TagStore(asked.session).featured(of.id)
    return answers.as_json([_featured(site, each) for each in found])


async def _after(site: Site, viewer: AccountId, key: str) -> Response[bytes]:
    """The hashtag after an act."""
    async with site.house.database.reading() as session:
        return await _one(site, session, viewer, key)


async def _one(site: Site, session: AsyncSession, viewer: AccountId | None, key: str) -> Response[bytes]:
    if viewer is None:
        return answers.as_json(tags_of(site, [key], None)[0])
    store = TagStore(session)
    followed, featured = await store.followed_among(viewer, [key]), await store.featured_among(viewer, [key])
    return answers.as_json(tags_of(site, [key], followed, featured)[0])


def _featured(site: Site, featured: Featured) -> FeaturedTag:
    return FeaturedTag(
        id=str(featured.id),
        name=featured.tag,
        url=Addresses(site.url).tag(featured.tag),
        statuses_count=str(featured.posts),
        last_status_at=None if featured.last_post_id is None else day(made_at(featured.last_post_id)),
    )


handlers = [
    one,
    follow,
    unfollow,
    feature_named,
    unfeature_named,
    followed_tags,
    featured_tags,
    feature,
    unfeature,
    suggestions,
    featured_by,
]
