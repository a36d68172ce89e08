"""Who looks, as far as restrictions care: set for each request before its handler runs.

Whatever shows something asks the looker of the moment. Outside of a request (streams, letters, pushes) it is somebody
of whom nothing is known, who gets the strictest answer. Fails closed.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Final
from urllib.parse import unquote

from litestar import Request

from rostra.broadcast import BroadcastStore
from rostra.network.accounts import NoSuchAccount, ProfileStore
from rostra.platform.errors import NotFound
from rostra.platform.ids import AccountId
from rostra.safety.restrictions import (
    ANYWHERE,
    FREE,
    Answer,
    Kind,
    Span,
    Subject,
    View,
    Viewer,
    silences,
    visible,
)
from rostra.web.guards.browsers import country_of
from rostra.web.site import Site
from rostra.web.withheld import SHOW, AgeGated, refusal

AnyRequest = Request[Any, Any, Any]
_OF_HOSTS: Final = frozenset({"control", "edit", "edit-replay", "stage", "invitations"})
"""Pages below a broadcast that only those see who run it: they stay open, so that a host can read what has happened."""


_PAGES: Final = frozenset({"", "c", "transcript"})
"""What below a broadcast is a page for people: itself, clips, the transcript."""
_HEARD: Final = frozenset({
    "recording", "recording.m4a", "replay.m3u8", "replay.mp4", "clip.m4a", "captions.vtt", "transcript.txt"
})  # fmt: skip
"""What below a broadcast has its sound or its words in it. A page behind its gate writes that it was pressed away."""


class Looker:
    """view: what is restricted. differs: an answer depended on the country, so no cache may keep what is made of it.

    site_url: where statements of reasons are.
    """

    __slots__ = ("differs", "now_us", "site_url", "view", "viewer")

    def __init__(self, view: View, viewer: Viewer, now_us: int, *, site_url: str) -> None:
        self.site_url = site_url
        self.view = view
        self.viewer = viewer
        self.now_us = now_us
        self.differs = False

    def at(self, *subjects: Subject) -> Answer:
        """What there is to see. subjects: something, and what it belongs to."""
        if not (found := self.view.of(*subjects)):
            return FREE
        if any(each.territories for each in found):
            self.differs = True
        return visible(found, self.viewer, self.now_us)

    def lists(self, broadcast_id: int) -> bool:
        """Whether a broadcast belongs into a list."""
        answer = self.at(Subject(Kind.BROADCAST, broadcast_id))
        return answer.shown and not answer.demoted

    def silences(self, broadcast_id: int) -> tuple[Span, ...]:
        """The spans of a broadcast that are silent for whoever looks."""
        found = self.view.of(Subject(Kind.BROADCAST, broadcast_id))
        if any(each.territories for each in found):
            self.differs = True
        return silences(found, self.viewer, self.now_us)


_LOOKER: Final[ContextVar[Looker | None]] = ContextVar("looker", default=None)


def looker(site: Site) -> Looker:
    found = _LOOKER.get()
    return (
        found
        if found is not None
        else Looker(site.house.restrictions, ANYWHERE, site.house.clock.now_us(), site_url=site.url)
    )


def looker_now() -> Looker | None:
    """Who looks in this request; None outside of one, and where nothing is restricted."""
    return _LOOKER.get()


def pressed(broadcast_id: int) -> str:
    """What the addresses of a broadcast's sound and words carry on a page that stands behind its age gate."""
    found = _LOOKER.get()
    gated = found is not None and found.at(Subject(Kind.BROADCAST, broadcast_id)).gated_by is not None
    return f"?{SHOW}=1" if gated else ""


def differs() -> bool:
    """Whether what was made in this request depends on the country of who asks."""
    found = _LOOKER.get()
    return found is not None and found.differs


async def look(request: AnyRequest) -> None:
    """Before each handler. Raises Withheld for a page of a broadcast or an account that the asker may not see.

    A house without restrictions pays a comparison; one without a restricted broadcast asks nothing for its pages.
    """
    site: Site = request.app.state.site
    view = site.house.restrictions
    if not len(view):
        _LOOKER.set(None)
        return
    found = Looker(view, Viewer(country=country_of(request)), site.house.clock.now_us(), site_url=site.url)
    _LOOKER.set(found)
    _, first, *rest = (*request.url.path.split("/"), "")
    if first == "b" and view.has(Kind.BROADCAST) and rest[0] and not _OF_HOSTS.intersection(rest[1:2]):
        last = rest[-2]
        gates = request.method in ("GET", "HEAD") and (last in _HEARD or (rest[1] in _PAGES and "." not in last))
        await _check_broadcast(site, found, unquote(rest[0]), gates=gates and request.query_params.get(SHOW) != "1")
    elif first.startswith("@") and view.has(Kind.ACCOUNT):
        await _check_account(site, found, unquote(first[1:61]))


async def _check_broadcast(site: Site, found: Looker, slug: str, *, gates: bool) -> None:
    """gates: whether an age gate stands before this address, and was not pressed away."""
    async with site.house.database.reading() as session:
        try:
            broadcast = await BroadcastStore(session).by_slug(slug)
        except NotFound:
            return
    subject = Subject(Kind.BROADCAST, broadcast.id)
    _check(site, found, subject)
    if gates and (gated_by := found.at(subject).gated_by) is not None:
        raise AgeGated(gated_by, site_url=site.url)


async def _check_account(site: Site, found: Looker, handle: str) -> None:
    async with site.house.database.reading() as session:
        try:
            profile = await ProfileStore(session).by_handle(handle)
        except NoSuchAccount:
            return
    _check(site, found, account_subject(profile.id))


def _check(site: Site, found: Looker, subject: Subject) -> None:
    if (hidden_by := found.at(subject).hidden_by) is not None:
        raise refusal(hidden_by, site_url=site.url)


def check_account_seen(found: Looker, account_id: AccountId) -> None:
    """For what shows an account by itself. Raises Withheld."""
    if (hidden_by := found.at(account_subject(account_id)).hidden_by) is not None:
        raise refusal(hidden_by, site_url=found.site_url)


def account_subject(account_id: AccountId) -> Subject:
    return Subject(Kind.ACCOUNT, account_id)
