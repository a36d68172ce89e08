"""Failures become answers: a problem document for programs (RFC 9457), Mastodon's form for apps, a page for people."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from markupsafe import Markup

from rostra.platform.errors import Invalid, NotFound, RostraError, Unauthorized, problem
from rostra.platform.log import get_logger
from rostra.platform.wording import _, said
from rostra.web.answers import JSON, see_other
from rostra.web.entry import sign_in_page
from rostra.web.frame import ErrorPage, SignInPage, WithheldPage
from rostra.web.framing import public_frame
from rostra.web.guards.sessions import SUSPENDED_PATH, AccountSuspended
from rostra.web.mastodon.door import is_open
from rostra.web.mastodon.failures import failure
from rostra.web.site import Site
from rostra.web.withheld import SHOW, AgeGated, Withheld, blocked_by, sentence, statement_url, until

_log = get_logger(__name__)
PROBLEM_TYPE: Final = "application/problem+json"
_BEFORE_SECRETS: Final = frozenset(
    {"i", "sign-in", "invitations", "join", "confirm", "recover", "reports", "reasons", "outside"}
)
AnyRequest = Request[Any, Any, Any]


class _FromFramework(RostraError):
    """A refusal that the framework made before a handler ran."""

    _SENTENCES: Final = {
        HTTPStatus.NOT_FOUND: NotFound.user_message,
        HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that method.",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _(
            "That was more than this page takes: about 60,000 characters of text, or 10 MB with a picture. "
            "Nothing was kept. Go back in your browser, where what you typed still is, and send less."
        ),
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "This kind of content cannot be taken here.",
        HTTPStatus.BAD_REQUEST: "The request could not be read. Check what you sent and try again.",
    }

    def __init__(self, error: HTTPException) -> None:
        status = HTTPStatus(error.status_code)
        self.status = status  # type: ignore[misc]  # one class for every status of the framework
        self.code = status.phrase.lower().replace(" ", "_")  # type: ignore[misc]
        super().__init__(str(error), user_message=self._SENTENCES.get(status, RostraError.user_message))


class Broken(RostraError):
    """500: a bug. The log has the traceback."""

    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error"
    user_message = "Something in Rostra is broken. The log says what; trying again may help."


def answer_error(request: AnyRequest, error: Exception) -> Response[Any]:
    """The answer for any exception that leaves a handler."""
    known = _known(error)
    if known.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        unexpected = None if isinstance(error, RostraError) else error
        _log.error("request_failed", path=_safe_path(request), code=known.code, reason=str(known), exc_info=unexpected)
    headers = {"Cache-Control": "no-store"}
    if known.retry_after_s is not None:
        headers["Retry-After"] = str(known.retry_after_s)
    if is_open(request.url.path):
        return Response(msgspec.json.encode(failure(known)), status_code=known.status, media_type=JSON, headers=headers)
    if isinstance(known, AccountSuspended) and request.method == "GET" and not wants_problem(request):
        return see_other(SUSPENDED_PATH)
    if wants_problem(request):
        body = msgspec.json.encode(problem(known, instance=_safe_path(request)))
        return Response(body, status_code=known.status, media_type=PROBLEM_TYPE, headers=headers)
    return _page(request, known, headers)


def wants_problem(request: AnyRequest) -> bool:
    """Programs ask under /api or for a file that is no page."""
    path = request.url.path
    return path.startswith(("/api/", "/static/")) or path.endswith((".json", ".ics", ".vtt", "/picture"))


def _page(request: AnyRequest, error: RostraError, headers: dict[str, str]) -> Response[Any]:
    site: Site = request.app.state.site
    frame = public_frame(site, request.url.path if error.status != HTTPStatus.NOT_FOUND else "/")
    page: ErrorPage | SignInPage | WithheldPage
    if isinstance(error, Unauthorized):
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        page = sign_in_page(site, reason="needed", next_path=asked if request.method == "GET" else "")
    elif isinstance(error, Withheld):
        headers = headers | blocked_by(site.url)
        page = withheld_page(error, request.url.path)
    else:
        page = ErrorPage(
            status=int(error.status),
            title=said(error.title or error.status.phrase),
            text=said(error.user_message),
            code=error.code,
            retry_after_s=error.retry_after_s,
        )
    html = site.renderer.html(page, frame)
    return Response(html, status_code=error.status, media_type="text/html", headers=headers)


def withheld_page(error: Withheld, path: str = "") -> WithheldPage:
    """path: where it was met."""
    restriction = error.restriction
    return WithheldPage(
        status=int(error.status),
        title=said(error.title or error.status.phrase),
        text=sentence(restriction),
        reason=restriction.reason,
        until=until(restriction),
        statement_url=statement_url(restriction),
        show_url=f"{path}?{SHOW}=1" if isinstance(error, AgeGated) else "",
        own_html=Markup(error.own_html),  # noqa: S704  # written by network.text, which escapes what people typed
    )


def _known(error: Exception) -> RostraError:
    if isinstance(error, RostraError):
        return error
    if isinstance(error, (msgspec.DecodeError, ValidationException)) or _undecodable(error):
        return Invalid(str(error), user_message="A field is missing or has the wrong type. See the API's description.")
    if isinstance(error, HTTPException) and error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _FromFramework(error)
    return Broken(f"{type(error).__name__}")


def _undecodable(error: Exception) -> bool:
    """msgspec's answers to JSON that is no UTF-8, or too deep."""
    return isinstance(error, UnicodeDecodeError) or (
        isinstance(error, RecursionError) and "deserializing" in str(error)
    )


def _safe_path(request: AnyRequest) -> str:
    """The path without the secrets that stand in some of them."""
    parts = request.url.path.split("/")
    for index, part in enumerate(parts[:-1]):
        if part in _BEFORE_SECRETS and len(parts[index + 1]) > 20:
            parts[index + 1] = "…"
    return "/".join(parts)
