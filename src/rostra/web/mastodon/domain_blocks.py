"""Domains that somebody wants nothing from: kept and listed. This house has no accounts of other domains yet, so a
block hides nothing today, and no `relationship` says `domain_blocking`.
"""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from rostra.flows.endorse_account import block_domain
from rostra.network.follows import DomainBlockStore
from rostra.web import answers
from rostra.web.mastodon.asking import own_reading, person
from rostra.web.mastodon.bodies import read
from rostra.web.mastodon.paging import page_of, with_links
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PATH = "/api/v1/domain_blocks"
LIMIT, LIMIT_MAX = 100, 200


class DomainBody(msgspec.Struct, frozen=True, kw_only=True):
    domain: str = ""


@get(PATH)
async def domains(request: AnyRequest, site: TheSite) -> Response[bytes]:
    page = page_of(request, default=LIMIT, most=LIMIT_MAX)
    async with own_reading(request, site, "read:blocks") as asked:
        edges = await DomainBlockStore(asked.session).of(asked.viewer, page)
    answer = answers.as_json([domain for _, domain in edges])
    return with_links(request, site, answer, [edge_id for edge_id, _ in edges], page)


@post(PATH, status_code=200)
async def block(request: AnyRequest, site: TheSite) -> Response[bytes]:
    return await _set(request, site, on=True)


@delete(PATH, status_code=200)
async def unblock(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """The domain stands in the query or, as apps send it, in the body."""
    return await _set(request, site, on=False)


async def _set(request: AnyRequest, site: Site, *, on: bool) -> Response[bytes]:
    who = await person(request, site, "write:blocks")
    body = await read(request, DomainBody)
    await block_domain(site.house, who.account_id, body.domain, on=on)
    return answers.as_json({})


handlers = [domains, block, unblock]
