"""Podcast feeds: of one host's series, and of everything public on the site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import Broadcast, BroadcastStore
from rostra.broadcast.podcast import MEDIA_TYPE, Episode, Series, feed
from rostra.broadcast.replays import EditStore, Replay, replay_of
from rostra.broadcast.store import Recorded
from rostra.broadcast.transcripts import CueStore
from rostra.flows.keep_brakes import braked
from rostra.network.accounts import AccountStore
from rostra.platform.errors import NotFound
from rostra.platform.wording import _
from rostra.safety.restrictions import Kind, Subject
from rostra.web import answers
from rostra.web.looking import looker, pressed
from rostra.web.pages import building
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
FEED_AGE_S: Final = 300
FEED_STALE_S: Final = 3600
EPISODES: Final = 100


@dataclass(frozen=True, slots=True)
class Heard:
    """A broadcast with its replay. marked: it has chapters; said: it has a transcript."""

    broadcast: Broadcast
    replay: Replay
    marked: bool
    said: bool


@get(building.SITE_FEED)
async def of_site(request: AnyRequest, site: TheSite) -> Response[bytes]:
    async with site.house.database.reading() as session:
        found = await _heard(session, await BroadcastStore(session).episodes(limit=EPISODES))
        kept_back = await braked(site.house, session, [each.broadcast for each in found])
        found = [each for each in found if each.broadcast.id not in kept_back]
    series = Series(
        title=site.name,
        description=_("Every conversation that was on the air at {host}.", host=site.host),
        author=site.name,
        feed_url=f"{site.url}{building.SITE_FEED}",
        page_url=f"{site.url}/",
        image_url=_picture(site, found),
    )
    return _answer(request, site, series, found)


@get("/series/{handle:str}/podcast.xml")
async def of_series(request: AnyRequest, site: TheSite, handle: FromPath[str]) -> Response[bytes]:
    """404 for an account that is not shown or never had anything public: whether it exists is nobody's business."""
    async with site.house.database.reading() as session:
        accounts, store = AccountStore(session), BroadcastStore(session)
        account = await accounts.by_handle(handle)
        state = None if account is None else await accounts.state(account.id)
        if account is None or state is None or not state.is_shown or not await store.has_public(account.id):
            raise NotFound(f"series of {handle!r}")
        found = await _heard(session, await store.episodes(limit=EPISODES, owner_id=account.id))
    series = Series(
        title=_("{display_name} at {name}", display_name=account.display_name, name=site.name),
        description=_(
            "Conversations that {display_name} held live at {host}.", display_name=account.display_name, host=site.host
        ),
        author=account.display_name,
        feed_url=f"{site.url}{building.series_path(handle)}",
        page_url=f"{site.url}/",
        image_url=_picture(site, found),
    )
    return _answer(request, site, series, found)


async def _heard(session: AsyncSession, found: list[Recorded]) -> list[Heard]:
    """Those of `found` that their hosts have published."""
    ids = [each.broadcast.id for each in found]
    edits, said = await EditStore(session).of_broadcasts(ids), await CueStore(session).with_any(ids)
    heard = []
    for each in found:
        replay = replay_of(each.recording, edits[each.broadcast.id], held=each.broadcast.hold_replay)
        if replay is not None:
            heard.append(Heard(each.broadcast, replay, each.marked, each.broadcast.id in said))
    return heard


def _answer(request: AnyRequest, site: Site, series: Series, found: list[Heard]) -> Response[bytes]:
    content = feed(series, [_episode(site, each) for each in found if looker(site).lists(each.broadcast.id)])
    answer = answers.public(request, content, MEDIA_TYPE, max_age_s=FEED_AGE_S, stale_s=FEED_STALE_S)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def _episode(site: Site, each: Heard) -> Episode:
    broadcast, replay = each.broadcast, each.replay
    page_url = f"{site.url}{building.page_path(broadcast)}"
    answer = looker(site).at(Subject(Kind.BROADCAST, broadcast.id))
    gated = answer.gated_by is not None
    picture = None if gated else building.picture_url(broadcast)
    return Episode(
        broadcast_id=broadcast.id,
        title=broadcast.title,
        description="\n\n".join((*(each.reason for each in answer.labels), broadcast.description)),
        host_name=broadcast.host_name,
        began_at=broadcast.live_at or broadcast.starts_at,
        page_url=page_url,
        audio_url=f"{page_url}/recording.m4a{pressed(broadcast.id)}",
        size_bytes=replay.size_bytes,
        duration_ms=replay.duration_ms,
        image_url=f"{site.url}{picture}" if picture else None,
        chapters_url=f"{page_url}/chapters.json" if each.marked else None,
        transcript_url=f"{page_url}/captions.vtt{pressed(broadcast.id)}" if each.said else None,
        language=broadcast.captions or "en",
        is_explicit=gated,
    )


def _picture(site: Site, found: list[Heard]) -> str | None:
    """The newest picture of the series stands for it."""
    pictures = (building.picture_url(each.broadcast) for each in found)
    newest = next((picture for picture in pictures if picture), None)
    return f"{site.url}{newest}" if newest else None


handlers = [of_site, of_series]
