"""Who knocks: address, device and place of a browser, as far as limits and lists of sessions need them."""

from __future__ import annotations

import re
from typing import Any, Final

from iptocc import country_code
from litestar import Request
from litestar.datastructures import Cookie

from rostra.flows.prove_identity import Browser
from rostra.network.accounts import Where
from rostra.network.credentials.credentials import DEVICE_LIFETIME
from rostra.shield.sign_in_limits import network_of
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)
_PROGRAM: Final = re.compile(r"[A-Za-z][\w .-]{0,40}")


def client_address(request: AnyRequest) -> str:
    """The address that asks: the other end, or whom a proxy of ours names (`rostra.shield.addresses.Proxies`)."""
    site: Site = request.app.state.site
    peer = request.client.host if request.client is not None else "unknown"
    return site.proxies.client(peer, ",".join(request.headers.getall("x-forwarded-for", [])))


def browser_of(request: AnyRequest, site: Site) -> Browser:
    address = client_address(request)
    device = request.cookies.get(site.device_cookie_name)
    return Browser(
        address=address,
        where=Where(device=device_words(request.headers.get("user-agent", "")), place=_place(address)),
        device=device if device and len(device) <= 100 else None,
    )


def device_cookie(site: Site, secret: str) -> Cookie:
    return Cookie(
        key=site.device_cookie_name,
        value=secret,
        path="/",
        httponly=True,
        samesite="lax",
        secure=site.is_secure,
        max_age=int(DEVICE_LIFETIME.total_seconds()),
    )


def device_words(user_agent: str) -> str:
    """ "Firefox on Linux"; the first word of what is no browser; what somebody would recognise, not more."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if browser and system:
        return f"{browser} on {system}"
    found = _PROGRAM.match(user_agent)
    return browser or system or (found.group().strip() if found else "")


def _place(address: str) -> str:
    """ "DE, 192.0.2.0/24": enough to recognise, too little to find anybody."""
    try:
        country = country_code(address) or ""
    except ValueError:
        country = ""
    network = network_of(address, v4_bits=24, v6_bits=48)
    return f"{country}, {network}" if country else network
