"""Conversations: who one has direct posts with, the newest first, and what of them is new."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.keep_conversations import hide_conversation, mark_conversation
from rostra.network.conversations import Conversation, ConversationStore, NoSuchConversation
from rostra.network.posts import Post
from rostra.platform.errors import Invalid, NotFound
from rostra.platform.ids import AccountId, PostId, made_at
from rostra.platform.wording import _
from rostra.web import answers
from rostra.web.looking import looker
from rostra.web.pages.asking import acting, answered, local_path, own_reading, page_of, post_number
from rostra.web.pages.notifying import PATH as NOTIFICATIONS_PATH
from rostra.web.pages.paging import neighbours
from rostra.web.pages.post_view import PostViews, attachments, described, path_of
from rostra.web.pages.views.conversations import ConversationsPage, ConversationView
from rostra.web.seeing import seen_one
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PATH: Final = "/conversations"
EXCERPT_CHARACTERS: Final = 140
_SAID: Final = {"hidden": _("The conversation is put away. It comes back when somebody writes in it; its posts stay.")}


@get(PATH, name="conversations")
async def conversations(request: AnyRequest, site: TheSite) -> Response[bytes]:
    page = page_of(request)
    async with own_reading(request, site) as (asked, viewer):
        found = await ConversationStore(asked.session).page(viewer, page, now=asked.now)
        looks = looker(site)
        views = PostViews(site, now=asked.now, looks=looks)
        newer, older = neighbours([each.cursor for each in found], page, path=PATH)
        shown = ConversationsPage(
            list=tuple(_view(views, each, seen_one(looks, each.last), viewer) for each in found),
            newer_url=newer,
            older_url=older,
            compose_url="/compose",
            notifications_url=NOTIFICATIONS_PATH,
            back=asked.here,
        )
    return answered(asked, shown, notice=_SAID.get(request.query_params.get("done", "")))


@post(f"{PATH}/{{thread_id:str}}", status_code=200)
async def change(request: AnyRequest, site: TheSite, thread_id: FromPath[str]) -> Response[Any]:
    """`act`: read, unread, or hide."""
    by, _, form = await acting(request, site)
    number, act = PostId(post_number(thread_id)), form.get("act", "")
    if act not in ("read", "unread", "hide"):
        raise Invalid(f"act {act[:20]!r}", field="act")
    try:
        if act == "hide":
            await hide_conversation(site.house, by, number)
            return answers.see_other(f"{PATH}?done=hidden")
        await mark_conversation(site.house, by, number, unread=act == "unread")
    except NoSuchConversation as error:
        raise NotFound(str(error), user_message="This conversation is no longer here.") from error
    return answers.see_other(f"{local_path(form.get('back', ''), otherwise=PATH).partition('#')[0]}#c{number}")


def _view(views: PostViews, found: Conversation, last: Post, viewer: AccountId) -> ConversationView:
    return ConversationView(
        id=str(found.id),
        people=tuple(views.person(each) for each in found.people),
        by=views.person(last.author),
        own=last.author.id == viewer,
        made=views.time(made_at(last.id)),
        excerpt=described(last, characters=EXCERPT_CHARACTERS),
        files=len(attachments(last.media)),
        url=path_of(last.author.handle, last.id),
        unread=found.unread,
        form_url=f"{PATH}/{found.id}",
    )


handlers = [conversations, change]
