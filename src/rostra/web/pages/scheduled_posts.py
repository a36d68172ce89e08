"""One's own posts that wait for their time: when they are due, moving them, taking them back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.broadcast.schedule import local_start
from rostra.flows.schedule_post import reschedule_post, unschedule_post
from rostra.network.media import MediaStore
from rostra.network.posts import NoSuchScheduled, PostInvalid, Scheduled, ScheduledId, ScheduledStore
from rostra.network.posts.scheduled import DAILY_MAX, TOTAL_MAX
from rostra.platform.errors import Invalid, NotFound, RostraError
from rostra.platform.wording import _, said
from rostra.web import answers
from rostra.web.pages import words
from rostra.web.pages.asking import acting, answered, own_reading, post_number
from rostra.web.pages.languages import LANGUAGES
from rostra.web.pages.post_view import VISIBILITY_TEXTS
from rostra.web.pages.views.scheduled import ScheduledPostsPage, ScheduledView
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PATH: Final = "/scheduled"
ZONE: Final = "UTC"
"""Of the fields while no script has said in which zone the browser is."""
_NOTICES: Final = {
    "scheduled": _("Your post waits here until its time."),
    "moved": _("The post has its new time."),
    "removed": _("The post is taken back. It will not appear."),
}


@get(PATH, name="scheduled_posts")
async def scheduled(request: AnyRequest, site: TheSite) -> Response[bytes]:
    return await _show(request, site, notice=_NOTICES.get(request.query_params.get("done", "")))


@post(f"{PATH}/{{number:str}}", status_code=200)
async def change(request: AnyRequest, site: TheSite, number: FromPath[str]) -> Response[Any]:
    """`act`: move (to the time in the form) or remove."""
    author, _, form = await acting(request, site)
    scheduled_id = ScheduledId(post_number(number))
    try:
        if form.get("act") == "remove":
            await unschedule_post(site.house, author, scheduled_id)
            return answers.see_other(f"{PATH}?done=removed")
        due_at = local_moment(form.get("scheduled_at", ""), form.get("zone", ZONE))
        await reschedule_post(site.house, author, scheduled_id, due_at)
    except NoSuchScheduled as error:
        raise NotFound(str(error), user_message="This post is out by now, or it was taken back.") from error
    except Invalid as error:
        return await _show(request, site, errors={scheduled_id: in_words(error)})
    return answers.see_other(f"{PATH}?done=moved")


def local_moment(typed: str, zone: str) -> datetime:
    """What the field of a form ("2026-11-24T20:00") means in `zone`. Raises Invalid."""
    date, _, time = typed.partition("T")
    return local_start(date, time, zone)


def in_words(error: RostraError) -> str:
    """What is wrong, for somebody who is no app."""
    if isinstance(error, PostInvalid) and "scheduled date" in error.user_message:
        return _("Choose a time that is at least five minutes ahead, and within five years.")
    return said(error.user_message.removeprefix("Validation failed: "))


async def _show(
    request: AnyRequest, site: Site, *, errors: Mapping[int, str] | None = None, notice: str | None = None
) -> Response[bytes]:
    async with own_reading(request, site) as (asked, viewer):
        found = await ScheduledStore(asked.session).by_time(viewer)
        media = await MediaStore(asked.session).of_scheduled([each.id for each in found])
    wrong = errors or {}
    page = ScheduledPostsPage(
        posts=tuple(_view(each, len(media.get(each.id, ())), wrong.get(each.id, "")) for each in found),
        compose_url="/compose",
        total_max=TOTAL_MAX,
        daily_max=DAILY_MAX,
    )
    return answered(asked, page, status_code=int(Invalid.status) if wrong else 200, notice=notice)


def _view(scheduled: Scheduled, files: int, error: str) -> ScheduledView:
    draft = scheduled.draft
    return ScheduledView(
        id=str(scheduled.id),
        moment=words.moment(scheduled.due_at, ZONE),
        at=scheduled.due_at.strftime("%Y-%m-%dT%H:%M"),
        text=draft.text,
        warning=draft.spoiler_text,
        visibility=VISIBILITY_TEXTS[draft.visibility],
        language=LANGUAGES.get(draft.language or "", ""),
        files=files,
        answers_url=None if draft.in_reply_to_id is None else f"/posts/{draft.in_reply_to_id}",
        form_url=f"{PATH}/{scheduled.id}",
        problem=scheduled.problem,
        error=error,
    )


handlers = [scheduled, change]
