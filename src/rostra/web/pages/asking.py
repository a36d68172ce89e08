"""Who asks for a page of the network, and the answer: cached for visitors, for one person only when signed in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from litestar import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.notify import UNREAD_MOST
from rostra.flows.permission import account_of
from rostra.network.accounts import AccountState, AccountStore, ProfileStore
from rostra.network.notifications import NotificationReader, Only
from rostra.platform.errors import Forbidden, NotFound, Unauthorized
from rostra.platform.ids import AccountId
from rostra.platform.keyset import Page
from rostra.shield.allowance import TooManyCalls
from rostra.web import answers
from rostra.web.framing import private_frame, public_frame
from rostra.web.guards.sessions import AccountSuspended, SignedIn, own_form, session_secret
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
VISITORS_AGE_S: Final = 10
VISITORS_STALE_S: Final = 30
POSTS: Final = 20
_ID_MAX: Final = (1 << 63) - 1


class AccountClosed(Forbidden):
    user_message = "Your account cannot write at the moment. Whoever runs this site can say why."


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that reads: one session for all of it. who: None for a visitor, or a guest without an account."""

    request: AnyRequest
    site: Site
    session: AsyncSession
    who: SignedIn | None
    now: datetime

    @property
    def viewer(self) -> AccountId | None:
        """Who reads: somebody whose account is suspended reads as a visitor does."""
        return None if self.who is None or self.who.viewer.suspended else self.who.viewer.account_id

    @property
    def here(self) -> str:
        """The address of this page, where its forms come back to."""
        return back_to(self.request.url.path, self.request.url.query)


@asynccontextmanager
async def reading(
    request: AnyRequest, site: Site, *, counted: bool = True, at_length: bool = False
) -> AsyncIterator[Asked]:
    """For what everybody may read. Without a cookie nothing is asked about it.

    at_length: it may take longer than some milliseconds.
    counted: somebody who is signed in reads in the head of the page how much is new, by one query more.
    """
    now = site.house.clock.now()
    async with site.house.database.reading(at_length=at_length) as session:
        who = None
        if (secret := session_secret(request, site)) is not None:
            viewer = await AccountStore(session).viewer(secret, now=now)
            if viewer is not None and viewer.account_id is not None:
                notices = NotificationReader(session, viewer.account_id, now=now)
                counts = counted and not viewer.suspended
                unread = await notices.unread_groups(Only(), at_most=UNREAD_MOST) if counts else 0
                who = SignedIn(viewer, secret, unread)
        yield Asked(request, site, session, who, now)


@asynccontextmanager
async def own_reading(
    request: AnyRequest, site: Site, *, counted: bool = True
) -> AsyncIterator[tuple[Asked, AccountId]]:
    """For what only somebody with an account reads. counted: as of `reading`. Raises Unauthorized, AccountSuspended."""
    async with reading(request, site, counted=counted) as asked:
        if asked.who is not None and asked.who.viewer.suspended:
            raise AccountSuspended(f"account {asked.who.viewer.account_id}")
        if asked.viewer is None:
            raise Unauthorized("no account")
        yield asked, asked.viewer


async def acting(request: AnyRequest, site: Site) -> tuple[AccountId, SignedIn, dict[str, str]]:
    """A form of a member who may write. Raises Unauthorized, ForgedRequest, AccountClosed, TooManyCalls."""
    who, form = await own_form(request, site)
    return await check_may_write(site, who), who, form


async def check_may_write(site: Site, who: SignedIn) -> AccountId:
    """Raises Unauthorized for a guest, AccountClosed, TooManyCalls."""
    account_id = account_of(who.viewer)
    key = f"pages {account_id}"
    allowance = site.limits.api.take(key)  # in memory and fails open, as for apps
    if allowance is not None and allowance.remaining < 0:
        raise TooManyCalls(key, user_message="That was a lot in a short time. Wait a few minutes, then go on.")
    async with site.house.database.reading() as session:
        state = await ProfileStore(session).state_of(account_id)
    if state not in (AccountState.ACTIVE, AccountState.LIMITED):
        raise AccountClosed(f"account {account_id} is {state}")
    return account_id


def answered(
    asked: Asked,
    page: object,
    *,
    status_code: int = 200,
    notice: str | None = None,
    max_age_s: int = VISITORS_AGE_S,
    stale_s: int = VISITORS_STALE_S,
) -> Response[bytes]:
    """The page for whoever asks. `Vary: Cookie` keeps the two kinds apart in every cache.

    max_age_s, stale_s: how long caches keep it for visitors.
    """
    request, site, path = asked.request, asked.site, asked.request.url.path
    if asked.who is None:
        html = site.renderer.html(page, public_frame(site, path))
        answer = answers.public(request, html, answers.HTML, max_age_s=max_age_s, stale_s=stale_s)
        answer.headers["Vary"] = "Accept-Encoding, Cookie"
        return answer
    html = site.renderer.html(page, private_frame(site, path, asked.who, notice=notice, here=asked.here))
    answer = answers.private(html, status_code=status_code, zip_for=request)
    answer.headers["Vary"] = "Accept-Encoding, Cookie"
    return answer


def page_of(request: AnyRequest, *, limit: int = POSTS) -> Page:
    """Which posts are asked for: `?max_id=` older ones, `?min_id=` newer ones."""
    query = request.query_params
    return Page(limit=limit, max_id=cursor(query.get("max_id")), min_id=cursor(query.get("min_id")))


def post_number(text: str) -> int:
    """Raises NotFound for what cannot be an id."""
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= _ID_MAX):
        raise NotFound(f"id {text[:40]!r}")
    return int(text)


def local_path(text: str, *, otherwise: str = "/home") -> str:
    """A path of this site that a form names as its way back; never another site, nor a header of its own."""
    starts_well = text.startswith("/") and not text.startswith(("//", "/\\"))
    is_plain = len(text) <= 500 and all("!" <= char <= "~" and char != "\\" for char in text)
    return text if starts_well and is_plain else otherwise


def back_to(path: str, query: str) -> str:
    """The address of a page as `local_path` takes it again."""
    return local_path(f"{path}?{query}" if query else path)


def cursor(text: str | None) -> int | None:
    """What is no number is no cursor: a page has no use for an error there."""
    if not text or not (text.isascii() and text.isdigit() and len(text) <= 19):
        return None
    return min(int(text), _ID_MAX)
