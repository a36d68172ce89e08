"""The page where a person lets an app act for them (RFC 6749, section 4.1). It works without a script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import Redirect

from rostra.flows.authorize_app import Asked, allow_app, check_wish
from rostra.flows.permission import account_of
from rostra.network.oauth import OUT_OF_BAND, Wish
from rostra.platform.wording import _
from rostra.web import answers
from rostra.web.framing import private_frame
from rostra.web.guards.headers import content_security_policy
from rostra.web.guards.sessions import CSRF_FIELD, SignedIn, check_csrf, check_origin, require_signed_in
from rostra.web.pages.views.authorizing import AuthorizePage, CodePage, ScopeView
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PATH: Final = "/oauth/authorize"
_ASKED: Final = tuple(Asked.__dataclass_fields__)
STATE_CHARACTERS: Final = 2000


@get(PATH)
async def ask(request: AnyRequest, site: TheSite) -> Response[Any]:
    """Who asks for what. A wrong request is answered here, and never by a redirect to where it wants to go."""
    who = await require_signed_in(request, site)
    account_of(who.viewer)
    wish = await check_wish(site.house, _asked(request.query_params))
    kept = {name: request.query_params[name] for name in (*_ASKED, "state") if name in request.query_params}
    page = AuthorizePage(
        app_name=wish.app.name,
        app_website=wish.app.website,
        account_name=who.viewer.name,
        scopes=_scopes(wish),
        goes_to=_goes_to(wish),
        action=PATH,
        hidden=tuple(kept.items()),
    )
    answer = answers.private(site.renderer.html(page, private_frame(site, PATH, who)))
    answer.headers["Content-Security-Policy"] = content_security_policy(site, form_leads_to=_source(wish))
    return answer


@post(PATH, status_code=200)
async def decide(request: AnyRequest, site: TheSite) -> Response[Any]:
    """The person's answer; everything is checked again, since the form came back from a browser."""
    check_origin(request, site)
    who = await require_signed_in(request, site)
    form = {key: value for key, value in (await request.form()).items() if isinstance(value, str)}
    check_csrf(who, form.get(CSRF_FIELD))
    wish = await check_wish(site.house, _asked(form))
    state = form.get("state", "")[:STATE_CHARACTERS]
    if form.get("decision") != "allow":
        answer = {"error": "access_denied", "error_description": _("The resource owner or server denied the request.")}
        return answers.see_other("/") if wish.redirect_uri == OUT_OF_BAND else _back(site, wish, answer, state)
    code = await allow_app(site.house, wish, account_of(who.viewer))
    if wish.redirect_uri == OUT_OF_BAND:
        return _shown(site, who, wish, code)
    return _back(site, wish, {"code": code}, state)


def _shown(site: Site, who: SignedIn, wish: Wish, code: str) -> Response[Any]:
    page = CodePage(app_name=wish.app.name, code=code)
    return answers.private(site.renderer.html(page, private_frame(site, PATH, who)))


def _back(site: Site, wish: Wish, answer: dict[str, str], state: str) -> Redirect:
    """To the app, with the answer in the query (RFC 6749, 4.1.2) and who answers (RFC 9207).

    302 leads on with GET; the form-action of the page allows this one address more.
    """
    parts = urlsplit(wish.redirect_uri)
    query = [*parse_qsl(parts.query, keep_blank_values=True), *answer.items()]
    if state:
        query.append(("state", state))
    query.append(("iss", site.url))
    target = parts._replace(query=urlencode(query)).geturl()
    return Redirect(target, status_code=303, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


def _asked(given: Mapping[str, Any]) -> Asked:
    return Asked(**{name: given.get(name) for name in _ASKED})


def _source(wish: Wish) -> str:
    """The redirect URI as a source of CSP: its origin, or its scheme for an app on a device."""
    if wish.redirect_uri == OUT_OF_BAND:
        return ""
    parts = urlsplit(wish.redirect_uri)
    source = f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else f"{parts.scheme}:"
    return "" if any(char in source for char in ";, '\"") else source


def _goes_to(wish: Wish) -> str:
    """Where the answer goes, for a person: a host, or the scheme of an app on their device."""
    parts = urlsplit(wish.redirect_uri)
    return parts.netloc if parts.scheme in ("http", "https") else ""


def _scopes(wish: Wish) -> tuple[ScopeView, ...]:
    """What the scopes mean, in few lines: the broad ones, or else what they touch."""
    may_write = any(each == "write" or each.startswith("write:") or each == "follow" for each in wish.scopes)
    may_read = any(each in ("read", "profile") or each.startswith("read:") for each in wish.scopes)
    found = []
    if may_read:
        found.append(ScopeView(kind="read", details=_details(wish, "read")))
    if may_write:
        found.append(ScopeView(kind="write", details=_details(wish, "write")))
    if "push" in wish.scopes:
        found.append(ScopeView(kind="push", details=()))
    return tuple(found)


def _details(wish: Wish, act: str) -> tuple[str, ...]:
    """What of it, when it is not all of it."""
    if act in wish.scopes:
        return ()
    return tuple(sorted(each.partition(":")[2] for each in wish.scopes if each.startswith(f"{act}:")))


handlers = [ask, decide]
