"""Notifications: what others did, in groups; requests to follow are answered where they are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.follow_account import answer_request
from rostra.flows.notify import UNREAD_MOST, answer_bells, set_markers
from rostra.flows.secret_links import notice_url
from rostra.network.accounts import NoSuchAccount, Profile, ProfileStore
from rostra.network.conversations import ConversationStore
from rostra.network.follows import EdgeLists
from rostra.network.notifications import (
    Group,
    HeldReader,
    Kind,
    MarkerStore,
    NotificationReader,
    Only,
    Policy,
    PolicyStore,
    decision_in,
    flagged_in,
)
from rostra.network.notifications.requests import REQUESTS_COUNTED
from rostra.network.posts import Post
from rostra.platform.errors import Invalid, NotFound
from rostra.platform.ids import AccountId, made_at
from rostra.platform.wording import _
from rostra.safety.braking.brakes import Brake
from rostra.safety.braking.store import BrakeStore
from rostra.safety.cases import NoticeId
from rostra.web import answers
from rostra.web.looking import looker
from rostra.web.pages.asking import acting, answered, cursor, local_path, own_reading, page_of, post_number
from rostra.web.pages.brake_view import MEASURES
from rostra.web.pages.paging import neighbours
from rostra.web.pages.post_view import PostViews, described, path_of
from rostra.web.pages.showing import views_of
from rostra.web.pages.views.notifications import NotificationsPage, NotificationView, RequestsPage, RequestView
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PATH: Final = "/notifications"
REQUESTS_PATH: Final = f"{PATH}/requests"
WAITING_PATH: Final = f"{PATH}/waiting"
NOTICES: Final = 30
REQUESTS: Final = 40
EXCERPT_CHARACTERS: Final = 140
_WHOLE: Final = frozenset({Kind.MENTION, Kind.STATUS, Kind.QUOTE})
"""Somebody speaks to the reader: the post is shown, to be answered there."""
_SAID: Final = {
    "accepted": _("Accepted. They follow you from now on."),
    "refused": _("Refused. They are not told, and may ask again."),
    "gone": _("There is no such request any more: it was taken back, or answered already."),
}


@get(PATH, name="notifications")
async def notifications(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """Looking at the first page moves the marker, the same that apps move. `?seen=` keeps what was new marked while
    one answers requests or goes on to older pages.
    """
    page, seen = page_of(request, limit=NOTICES), cursor(request.query_params.get("seen"))
    async with own_reading(request, site, counted=False) as (asked, viewer):
        await answer_bells(site.house, asked.session, viewer)
        reader = NotificationReader(asked.session, viewer, now=asked.now)
        groups = await reader.groups(page, Only())
        posts = await reader.posts([each.post_id for each in groups if each.post_id is not None])
        profiles = await ProfileStore(asked.session).by_ids({each for group in groups for each in group.sample})
        markers = await MarkerStore(asked.session).read(viewer, ["notifications"])
        requests = await EdgeLists(asked.session).requests_count(viewer, at_most=REQUESTS)
        policy = await PolicyStore(asked.session).of(viewer)
        waiting = 0
        if policy != Policy():
            waiting, _notices = await HeldReader(asked.session, viewer, now=asked.now).counts()
        talks = await ConversationStore(asked.session).unread(viewer, at_most=UNREAD_MOST, now=asked.now)
        marker = markers["notifications"].last_read_id if markers else 0
        since = marker if seen is None else min(seen, marker)
        back = f"{PATH}?{urlencode(_known(page.max_id, page.min_id) | {'seen': since})}"
        views = await views_of(asked, list(posts.values()), back=back)
        decided = [about for each in groups if (about := decision_in(each.key)) is not None]
        brakes = await BrakeStore(asked.session).among(decided)
    newer, older = neighbours([each.newest_id for each in groups], page, path=PATH, query={"seen": str(since)})
    shown = NotificationsPage(
        list=tuple(_shown(site, views, groups, profiles, posts, brakes, since=since)),
        requests=_count_text(requests, REQUESTS),
        requests_url=REQUESTS_PATH,
        conversations=_count_text(talks, UNREAD_MOST),
        waiting=_count_text(waiting, REQUESTS_COUNTED),
        waiting_url=WAITING_PATH,
        newer_url=newer,
        older_url=older,
        back=back,
    )
    is_first = page.max_id is None and page.min_id is None
    if is_first and groups and groups[0].newest_id > marker and "sec-purpose" not in request.headers:
        await set_markers(site.house, viewer, {"notifications": groups[0].newest_id})
    return answered(asked, shown, notice=_said(request))


@get(REQUESTS_PATH)
async def requests(request: AnyRequest, site: TheSite) -> Response[bytes]:
    page = page_of(request, limit=REQUESTS)
    async with own_reading(request, site) as (asked, viewer):
        edges = await EdgeLists(asked.session).requests(viewer, page)
    views = PostViews(site, now=asked.now, looks=looker(site))
    shown = RequestsPage(
        requests=tuple(
            RequestView(person=views.person(each.profile), answer_url=_answer_url(each.profile.id)) for each in edges
        ),
        older_url=neighbours([each.id for each in edges], page, path=REQUESTS_PATH)[1],
        back=REQUESTS_PATH,
    )
    return answered(asked, shown, notice=_said(request))


@post(f"{REQUESTS_PATH}/{{account_id:str}}", status_code=200)
async def answer(request: AnyRequest, site: TheSite, account_id: FromPath[str]) -> Response[Any]:
    by, _, form = await acting(request, site)
    if (said := form.get("act", "")) not in ("accept", "refuse"):
        raise Invalid(f"act {said[:20]!r}", field="act")
    try:
        await answer_request(site.house, by, AccountId(post_number(account_id)), accept=said == "accept")
        done = "accepted" if said == "accept" else "refused"
    except (NotFound, NoSuchAccount):
        done = "gone"
    back = local_path(form.get("back", ""), otherwise=PATH)
    return answers.see_other(f"{back}{'&' if '?' in back else '?'}done={done}")


def _shown(
    site: Site,
    views: PostViews,
    groups: list[Group],
    profiles: Mapping[int, Profile],
    posts: Mapping[int, Post],
    brakes: Mapping[int, Brake],
    *,
    since: int,
) -> list[NotificationView]:
    """What of the groups can be shown: a post or a person may have gone since they were read."""
    found = []
    for group in groups:
        people = tuple(views.person(profiles[each]) for each in group.sample if each in profiles)
        about = None if group.post_id is None else posts.get(group.post_id)
        if not people or (about is None and group.post_id is not None):
            continue
        view = NotificationView(
            id=str(group.newest_id),
            kind=group.kind,
            people=people,
            count=max(group.count, len(people)),
            made=views.time(made_at(group.newest_id)),
            is_new=group.newest_id > since,
        )
        decision_id = decision_in(group.key)
        if decision_id is not None and decision_id in brakes:
            about_what = brakes[decision_id].wish.about
            text = _(
                "Posts about “{about_what}”, some of yours among them, reach fewer people for a while. Read why.",
                about_what=about_what,
            )
            view = replace(view, excerpt=text, url=f"{MEASURES}/{decision_id}")
        elif decision_id is not None:
            view = replace(view, excerpt=_("Read the reasons, and what you can do"), url=f"/statements/{decision_id}")
        elif (notice_id := flagged_in(group.key)) is not None:
            url = notice_url(site.house, NoticeId(notice_id)).removeprefix(site.house.membership.site_url)
            view = replace(view, excerpt=_("Read what was decided, and what you can do"), url=url)
        elif group.kind is Kind.FOLLOW_REQUEST:
            view = replace(view, answer_url=_answer_url(group.sample[0]))
        elif about is not None and group.kind in _WHOLE:
            view = replace(view, post=views.post(about))
        elif about is not None:
            excerpt = described(about, characters=EXCERPT_CHARACTERS)
            view = replace(view, excerpt=excerpt, url=path_of(about.author.handle, about.id))
        found.append(view)
    return found


def _known(max_id: int | None, min_id: int | None) -> dict[str, int]:
    found = {"max_id": max_id, "min_id": min_id}
    return {name: value for name, value in found.items() if value is not None}


def _answer_url(account_id: AccountId) -> str:
    return f"{REQUESTS_PATH}/{account_id}"


def _count_text(count: int, at_most: int) -> str:
    """ "3"; "40+" where the counting ended; empty for none."""
    if count >= at_most:
        return f"{at_most}+"
    return str(count) if count else ""


def _said(request: AnyRequest) -> str | None:
    return _SAID.get(request.query_params.get("done", ""))


handlers = [notifications, requests, answer]
