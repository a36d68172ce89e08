"""Conversations: direct posts by whom they are between. Source: docs.joinmastodon.org/methods/conversations."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.keep_conversations import hide_conversation, mark_conversation
from rostra.network.conversations import Conversation, ConversationStore
from rostra.platform.ids import PostId
from rostra.web import answers
from rostra.web.mastodon.asking import own_reading, person
from rostra.web.mastodon.entities import conversations as entities
from rostra.web.mastodon.entities.statuses import Status
from rostra.web.mastodon.paging import listed, number, page_of
from rostra.web.mastodon.showing import statuses_of
from rostra.web.mastodon.writing import Writer
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]


def conversation_entity(writer: Writer, found: Conversation, last: Status) -> entities.Conversation:
    """last: the conversation's last post, as it is shown."""
    return entities.Conversation(
        id=str(found.id), unread=found.unread, accounts=writer.accounts(found.people), last_status=last
    )


@get("/api/v1/conversations")
async def conversations(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """The cursors are ids of posts, as apps expect."""
    page = page_of(request)
    async with own_reading(request, site, "read:statuses") as asked:
        found = await ConversationStore(asked.session).page(asked.viewer, page, now=asked.now)
        posts = [each.last for each in found]
        statuses = await statuses_of(asked.session, site, asked.viewer, posts, bearer=asked.bearer)
    writer = Writer(site.url)
    shown = [conversation_entity(writer, each, last) for each, last in zip(found, statuses, strict=True)]
    return listed(request, site, shown, [each.cursor for each in found], page)


@delete("/api/v1/conversations/{thread_id:str}", status_code=200)
async def remove(request: AnyRequest, site: TheSite, thread_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:conversations")
    await hide_conversation(site.house, who.account_id, PostId(number(thread_id)))
    return answers.as_json({})


def _mark(name: str, *, unread: bool) -> Any:
    @post(f"/api/v1/conversations/{{thread_id:str}}/{name}", status_code=200, name=f"mastodon_conversation_{name}")
    async def mark(request: AnyRequest, site: TheSite, thread_id: FromPath[str]) -> Response[bytes]:
        who = await person(request, site, "write:conversations")
        found = await mark_conversation(site.house, who.account_id, PostId(number(thread_id)), unread=unread)
        async with site.house.database.reading() as session:
            (last,) = await statuses_of(session, site, who.account_id, [found.last], bearer=who.bearer)
        return answers.as_json(conversation_entity(Writer(site.url), found, last))

    return mark


handlers = [conversations, remove, _mark("read", unread=False), _mark("unread", unread=True)]
