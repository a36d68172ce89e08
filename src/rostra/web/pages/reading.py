"""Pages that anybody reads: home, a broadcast, its calendar file, picture and status."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.broadcast import Broadcast, BroadcastStore, InvitationStore, MarkStore, calendar_file
from rostra.broadcast.pictures import MEDIA_TYPE
from rostra.broadcast.replays import ClipStore
from rostra.broadcast.transcripts import CueStore
from rostra.flows.keep_brakes import braked
from rostra.media.wire import Phase
from rostra.network.accounts import AccountStore
from rostra.network.timelines import Timelines
from rostra.platform.errors import NotFound
from rostra.platform.keyset import Page
from rostra.safety.restrictions import Kind, Subject
from rostra.web import answers
from rostra.web.framing import public_frame
from rostra.web.looking import looker
from rostra.web.pages import asking, building
from rostra.web.pages.downloads import send_file
from rostra.web.pages.replaying import load_replay, moment_of, replay_view
from rostra.web.pages.samples import sample_notifications, sample_posts
from rostra.web.pages.showing import views_of
from rostra.web.pages.transcripts import links
from rostra.web.pages.views.home import HomePage
from rostra.web.pages.views.styleguide import StyleguidePage
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PAGE_AGE_S: Final = 5
PAGE_STALE_S: Final = 10
STATUS_AGE_S: Final = 2
YEAR_S: Final = 31_536_000
LATEST_POSTS: Final = 8


@get("/", name="home")
async def home(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """The same for everybody but for the head; a limited account's posts are not among the latest."""
    async with asking.reading(request, site) as asked:
        store = BroadcastStore(asked.session)
        on_air = await store.listed((Phase.LIVE, Phase.PAUSED), limit=20)
        coming = await store.listed((Phase.DOORS_OPEN, Phase.SCHEDULED), limit=20)
        past = await store.listed((Phase.ENDED,), limit=10, newest_first=True)
        kept_back = await braked(site.house, asked.session, (*on_air, *past, *coming))
        posts = await Timelines(asked.session, asked.viewer, now=asked.now).public(Page(limit=LATEST_POSTS))
        views = await views_of(asked, posts)
    listed = [each for each in (*on_air, *past, *coming) if each.id not in kept_back and looker(site).lists(each.id)]
    looks = looker(site)
    heard = [building.card(each.as_heard(asked.now), looks.at(Subject(Kind.BROADCAST, each.id))) for each in listed]
    page = HomePage(
        on_air=tuple(each for each in heard if each.when in ("live", "paused")),
        coming=tuple(each for each in heard if each.when in ("before", "doors_open")),
        past=tuple(each for each in heard if each.when == "after"),
        podcast_url=building.SITE_FEED,
        posts=tuple(views.post(post) for post in posts),
        posts_url="/public",
    )
    return asking.answered(asked, page, max_age_s=PAGE_AGE_S, stale_s=PAGE_STALE_S)


@get("/b/{slug:str}", name="broadcast")
async def broadcast(request: AnyRequest, site: TheSite, slug: FromPath[str]) -> Response[bytes]:
    async with site.house.database.reading() as session:
        found = await BroadcastStore(session).by_slug(slug)
        seats = await InvitationStore(session).of_broadcast(found.id)
        kept = await load_replay(session, found)
        marks = await MarkStore(session).of_broadcast(found.id) if kept is not None else []
        clips = await ClipStore(session).of_broadcast(found.id) if kept is not None else []
        is_written = kept is not None and await CueStore(session).has_any(found.id)
        owner = await AccountStore(session).by_id(found.owner_id)
    replay = replay_view(found, kept, marks, clips=clips, at_s=moment_of(request))
    now, handle = site.house.clock.now(), owner.handle if owner else None
    written = links(found) if is_written else None
    page = building.broadcast_page(
        site,
        found.as_heard(now),
        seats,
        kept,
        now=now,
        replay=replay,
        transcript=written,
        handle=handle,
        answer=looker(site).at(Subject(Kind.BROADCAST, found.id)),
    )
    html = site.renderer.html(page, public_frame(site, f"/b/{slug}"))
    answer = answers.public(request, html, answers.HTML, max_age_s=PAGE_AGE_S, stale_s=PAGE_STALE_S)
    if not found.is_listed:
        answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@get("/b/{slug:str}/status.json")
async def status(request: AnyRequest, site: TheSite, slug: FromPath[str]) -> Response[bytes]:
    found = (await _find(site, slug)).as_heard(site.house.clock.now())
    content = answers.encoded(building.status_view(found))
    return answers.public(request, content, answers.JSON, max_age_s=STATUS_AGE_S)


@get("/b/{slug:str}/calendar.ics")
async def calendar(request: AnyRequest, site: TheSite, slug: FromPath[str]) -> Response[bytes]:
    found = await _find(site, slug)
    content = calendar_file(
        found,
        page_url=f"{site.url}/b/{slug}",
        domain=urlsplit(site.url).hostname or "localhost",
        now=site.house.clock.now().replace(minute=0, second=0, microsecond=0),  # keeps the ETag for an hour
    )
    answer = answers.public(request, content, "text/calendar", max_age_s=60)
    answer.headers["Content-Disposition"] = f'inline; filename="{_ascii(slug)}.ics"'
    return answer


@get("/b/{slug:str}/picture")
async def picture(request: AnyRequest, site: TheSite, slug: FromPath[str]) -> Response[Any]:
    found = await _find(site, slug)
    if found.picture is None:
        raise NotFound(f"{slug} has no picture")
    is_current = request.query_params.get("v") == found.picture.replace("/", "")[:12]
    caching = f"public, max-age={YEAR_S}, immutable" if is_current else "public, max-age=60"
    return send_file(request, site.house.files.path(found.picture), found.picture, MEDIA_TYPE, caching=caching)


@get("/styleguide")
async def styleguide(site: TheSite) -> Response[bytes]:
    if not site.demo:
        raise NotFound("styleguide is for development")
    now = site.house.clock.now()
    page = StyleguidePage(posts=sample_posts(now), notifications=sample_notifications(now))
    return answers.private(site.renderer.html(page, public_frame(site, "/styleguide")))


async def _find(site: Site, slug: str) -> Broadcast:
    async with site.house.database.reading() as session:
        return await BroadcastStore(session).by_slug(slug)


def _ascii(slug: str) -> str:
    return slug.encode("ascii", "ignore").decode() or "broadcast"


handlers = [home, broadcast, status, calendar, picture, styleguide]
