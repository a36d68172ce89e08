"""How programs find out what is here: NodeInfo, WebFinger (RFC 7033), OAuth (RFC 8414), host-meta (RFC 6415)."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation

import rostra
from rostra.network.accounts import ProfileStore
from rostra.network.addresses import Addresses
from rostra.network.credentials import Registration
from rostra.network.oauth import scopes
from rostra.platform.errors import NotFound
from rostra.web import answers
from rostra.web.answers import JSON
from rostra.web.mastodon.asking import reading
from rostra.web.mastodon.entities.apps import ServerMetadata
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
_NODEINFO: Final = "http://nodeinfo.diaspora.software/ns/schema/2.0"
_FRESH_S: Final = 300
_json: Final = msgspec.json.Encoder()


@get("/.well-known/oauth-authorization-server")
async def oauth_metadata(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """Only over HTTPS, as the RFC has it (section 2); libraries refuse the document otherwise, and work without it."""
    if not site.is_secure:
        raise NotFound("no HTTPS")
    document = ServerMetadata(
        issuer=f"{site.url}/",
        authorization_endpoint=f"{site.url}/oauth/authorize",
        token_endpoint=f"{site.url}/oauth/token",
        revocation_endpoint=f"{site.url}/oauth/revoke",
        app_registration_endpoint=f"{site.url}/api/v1/apps",
        scopes_supported=scopes.written(scopes.KNOWN).split(),
        response_types_supported=["code"],
        response_modes_supported=["query"],
        grant_types_supported=["authorization_code", "client_credentials"],
        token_endpoint_auth_methods_supported=["client_secret_basic", "client_secret_post", "none"],
        code_challenge_methods_supported=["S256"],
        service_documentation="https://docs.joinmastodon.org/",
    )
    return answers.public(request, _json.encode(document), JSON, max_age_s=_FRESH_S)


@get("/.well-known/nodeinfo")
async def nodeinfo_links(request: AnyRequest, site: TheSite) -> Response[bytes]:
    document = {"links": [{"rel": _NODEINFO, "href": f"{site.url}/nodeinfo/2.0"}]}
    return answers.public(request, _json.encode(document), JSON, max_age_s=_FRESH_S)


@get("/nodeinfo/2.0")
async def nodeinfo(request: AnyRequest, site: TheSite) -> Response[bytes]:
    async with site.house.database.reading() as session:
        accounts, posts = await ProfileStore(session).totals()
    registration = site.house.membership.registration
    document = {
        "version": "2.0",
        "software": {"name": "rostra", "version": rostra.__version__},
        "protocols": [],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": registration in (Registration.OPEN, Registration.APPROVAL),
        "usage": {"users": {"total": accounts}, "localPosts": posts},
        "metadata": {"nodeName": site.name},
    }
    return answers.public(request, _json.encode(document), JSON, max_age_s=_FRESH_S)


@get("/.well-known/webfinger")
async def webfinger(request: AnyRequest, site: TheSite) -> Response[bytes]:
    handle = _handle(site, request.query_params.get("resource", ""))
    async with reading(request, site, "read") as asked:
        profile = await ProfileStore(asked.session).by_handle(handle)
    addresses = Addresses(site.url)
    page, account = addresses.profile(profile.handle), addresses.account(profile.handle)
    document = {
        "subject": f"acct:{profile.handle}@{site.host}",
        "aliases": [page, account],
        "links": [
            {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": page},
            {"rel": "http://webfinger.net/rel/avatar", "href": addresses.avatar(profile.id, profile.avatar)},
        ],
    }
    return answers.public(request, _json.encode(document), "application/jrd+json", max_age_s=_FRESH_S)


@get("/.well-known/host-meta")
async def host_meta(request: AnyRequest, site: TheSite) -> Response[bytes]:
    template = f"{site.url}/.well-known/webfinger?resource={{uri}}"
    content = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">'
        f'<Link rel="lrdd" template="{template}"/></XRD>\n'
    )
    return answers.public(request, content.encode(), "application/xrd+xml", max_age_s=_FRESH_S)


def _handle(site: Site, resource: str) -> str:
    """The account that is asked for: acct:ada@host, or one of its addresses. Raises NotFound."""
    addresses = Addresses(site.url)
    for prefix in (addresses.profile(""), addresses.account("")):
        if resource.startswith(prefix):
            return resource.removeprefix(prefix)
    handle, _, domain = resource.removeprefix("acct:").removeprefix("@").partition("@")
    if domain != site.host:
        raise NotFound(f"resource {resource[:80]!r}")
    return handle


handlers = [oauth_metadata, nodeinfo_links, nodeinfo, webfinger, host_meta]
