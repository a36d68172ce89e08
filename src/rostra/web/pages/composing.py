"""Writing, editing and deleting posts: plain forms that keep what was typed when something is wrong with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.publish_post import delete_post, edit_post, own_original, publish_post
from rostra.network import text
from rostra.network.accounts import OwnProfile, ProfileStore
from rostra.network.polls import PollInvalid
from rostra.network.posts import Draft, NoSuchPost, Post, PostInvalid, PostStore
from rostra.network.posts.posts import LANGUAGE_CHARACTERS
from rostra.network.text import UnreadableText
from rostra.network.visibility import Visibility
from rostra.platform.errors import Invalid
from rostra.platform.ids import PostId
from rostra.platform.randomness import token
from rostra.web import answers
from rostra.web.pages.asking import Asked, acting, answered, local_path, own_reading, post_number
from rostra.web.pages.languages import LANGUAGES
from rostra.web.pages.polling import compose_poll, fields_of, wish_in
from rostra.web.pages.post_view import path_of
from rostra.web.pages.showing import views_of
from rostra.web.pages.views.posts import ComposePage, ComposeView, DeletePage, PostView
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
_TYPED_MAX: Final = 20_000
"""Characters of a field that are looked at; what is longer is cut before it is refused as too long."""


def fresh_form(
    site: Site,
    own: OwnProfile,
    *,
    back: str,
    reply_to: tuple[Post, PostView] | None = None,
    typed: str = "",
) -> ComposeView:
    """An empty form with the account's defaults; an answer names whom it answers, and is no more public than that."""
    visibility, warning = Visibility(own.post_visibility), ""
    if reply_to is not None:
        answered_post = reply_to[0]
        visibility = _narrower(visibility, answered_post.visibility)
        warning = answered_post.spoiler_text
        if answered_post.author.id != own.profile.id and not typed:
            typed = f"@{answered_post.author.handle} "
    return _form(
        site,
        own,
        {
            "text": typed,
            "warning": warning,
            "visibility": visibility.value,
            "language": own.post_language or "",
            "sensitive": "1" if own.post_sensitive else "",
            "key": token(),
        },
        back=back,
        reply_to=reply_to,
    )


@get("/compose")
async def compose(request: AnyRequest, site: TheSite) -> Response[bytes]:
    query = request.query_params
    back = local_path(query.get("back", ""))
    async with own_reading(request, site) as (asked, viewer):
        own = await ProfileStore(asked.session).own(viewer, requests_count=0)
        reply_to = await _answered_post(asked, query.get("reply_to", ""))
    form = fresh_form(site, own, back=back, reply_to=reply_to, typed=query.get("text", "")[:_TYPED_MAX])
    return _page(asked, form)


@post("/compose", status_code=200)
async def publish(request: AnyRequest, site: TheSite) -> Response[Any]:
    """Post it, and go to where one came from. What is wrong is said on the form, with everything still in it."""
    author, _, form = await acting(request, site)
    reply_to = form.get("reply_to", "")
    try:
        draft = _draft(form, reply_to=PostId(post_number(reply_to)) if reply_to else None)
        made = await publish_post(site.house, author, draft, key=form.get("key", "")[:64] or None)
    except (PostInvalid, PollInvalid, UnreadableText, NoSuchPost) as error:
        return await _again(request, site, form, error.user_message, reply_to=reply_to)
    back = local_path(form.get("back", ""))
    if back.partition("?")[0] == "/home":
        return answers.see_other("/home?done=posted")
    return answers.see_other(path_of(made.author.handle, made.id) if not reply_to else back)


@get("/posts/{post_id:str}/edit")
async def edit_form(request: AnyRequest, site: TheSite, post_id: FromPath[str]) -> Response[bytes]:
    back = local_path(request.query_params.get("back", ""))
    async with own_reading(request, site) as (asked, viewer):
        own = await ProfileStore(asked.session).own(viewer, requests_count=0)
        posts = PostStore(asked.session)
        found = await own_original(posts, viewer, PostId(post_number(post_id)), site.house)
        typed, warning = await posts.source(found.id)
    fields = {
        "text": typed,
        "warning": warning,
        "visibility": found.visibility.value,
        "language": found.language or "",
        "sensitive": "1" if found.sensitive else "",
    }
    return _page(asked, _form(site, own, fields, back=back, editing=found.id))


@post("/posts/{post_id:str}/edit", status_code=200)
async def edit(request: AnyRequest, site: TheSite, post_id: FromPath[str]) -> Response[Any]:
    author, _, form = await acting(request, site)
    number = PostId(post_number(post_id))
    try:
        draft = replace(_draft(form, reply_to=None), poll=None, keeps_poll=True)
        changed = await edit_post(site.house, author, number, draft)
    except (PostInvalid, UnreadableText) as error:
        return await _again(request, site, form, error.user_message, editing=number)
    return answers.see_other(path_of(changed.author.handle, changed.id))


@get("/posts/{post_id:str}/delete")
async def delete_form(request: AnyRequest, site: TheSite, post_id: FromPath[str]) -> Response[bytes]:
    back = local_path(request.query_params.get("back", ""))
    async with own_reading(request, site) as (asked, viewer):
        found = await own_original(PostStore(asked.session), viewer, PostId(post_number(post_id)), site.house)
        views = await views_of(asked, [found], back=back)
    page = DeletePage(post=views.post(found), form_url=f"/posts/{found.id}/delete", back=back)
    return answered(asked, page)


@post("/posts/{post_id:str}/delete", status_code=200)
async def delete(request: AnyRequest, site: TheSite, post_id: FromPath[str]) -> Response[Any]:
    """Delete it. `act=redraft` hands the words back in a form, which is the only place where they still are."""
    author, _, form = await acting(request, site)
    gone, typed, poll = await delete_post(site.house, author, PostId(post_number(post_id)))
    if form.get("act") != "redraft":
        return answers.see_other("/home?done=deleted")
    async with own_reading(request, site) as (asked, viewer):
        own = await ProfileStore(asked.session).own(viewer, requests_count=0)
        reply_to = await _answered_post(asked, "" if gone.in_reply_to_id is None else str(gone.in_reply_to_id))
    fields = {
        "text": typed,
        "warning": gone.spoiler_text,
        "visibility": gone.visibility.value,
        "language": gone.language or "",
        "sensitive": "1" if gone.sensitive else "",
        "key": token(),
    } | ({} if poll is None else fields_of(poll))
    intro = "The post is deleted. Its words are here once more: change them and post, or leave the page to let them go."
    return _page(asked, _form(site, own, fields, back="/home", reply_to=reply_to), intro=intro)


def _draft(form: dict[str, str], *, reply_to: PostId | None) -> Draft:
    """Raises PostInvalid for a visibility that is none."""
    visibility = form.get("visibility", Visibility.PUBLIC.value)
    if visibility not in set(Visibility):
        raise PostInvalid("Visibility is not included in the list")
    language = form.get("language", "")[:LANGUAGE_CHARACTERS]
    return Draft(
        text=_lines(form.get("text", "")),
        spoiler_text=form.get("warning", "")[:_TYPED_MAX],
        sensitive="sensitive" in form,
        visibility=Visibility(visibility),
        language=language if language in LANGUAGES else None,
        in_reply_to_id=reply_to,
        poll=wish_in(form),
    )


async def _again(
    request: AnyRequest,
    site: Site,
    form: dict[str, str],
    error: str,
    *,
    reply_to: str = "",
    editing: PostId | None = None,
) -> Response[bytes]:
    """The form once more, with what was typed and what is wrong with it."""
    async with own_reading(request, site) as (asked, viewer):
        own = await ProfileStore(asked.session).own(viewer, requests_count=0)
        answers_post = await _answered_post(asked, reply_to, may_be_gone=True)
    shown = _form(
        site,
        own,
        form,
        back=local_path(form.get("back", "")),
        reply_to=answers_post,
        editing=editing,
        error=error.removeprefix("Validation failed: "),
    )
    return _page(asked, shown, status_code=int(Invalid.status))


async def _answered_post(asked: Asked, number: str, *, may_be_gone: bool = False) -> tuple[Post, PostView] | None:
    """The post to answer, as the form shows it. Raises NoSuchPost."""
    if not number:
        return None
    try:
        post_id = PostId(post_number(number))
        found = (await PostStore(asked.session).get(post_id, asked.viewer, now=asked.now)).original
    except NoSuchPost:
        if may_be_gone:
            return None
        raise
    views = await views_of(asked, [found])
    return found, views.post(found)


def _form(
    site: Site,
    own: OwnProfile,
    fields: dict[str, str],
    *,
    back: str,
    reply_to: tuple[Post, PostView] | None = None,
    editing: PostId | None = None,
    error: str | None = None,
) -> ComposeView:
    typed, warning = fields.get("text", "")[:_TYPED_MAX], fields.get("warning", "")[:_TYPED_MAX]
    characters = site.house.post_characters
    return ComposeView(
        form_url="/compose" if editing is None else f"/posts/{editing}/edit",
        back=back,
        acct=f"@{own.profile.handle}",
        text=typed,
        warning=warning,
        sensitive=bool(fields.get("sensitive")),
        visibility=fields.get("visibility", Visibility.PUBLIC.value),
        language=fields.get("language", ""),
        languages=LANGUAGES,
        characters=characters,
        left=characters - text.length(_lines(typed)) - text.length(warning),
        key=fields.get("key", ""),
        reply_to=None if reply_to is None else reply_to[1],
        reply_to_id="" if reply_to is None else str(reply_to[0].id),
        editing=editing is not None,
        error=error,
        poll=compose_poll(fields) if editing is None else None,
    )


def _page(asked: Asked, form: ComposeView, *, status_code: int = 200, intro: str = "") -> Response[bytes]:
    title = "Edit the post" if form.editing else "Answer" if form.reply_to is not None else "New post"
    return answered(asked, ComposePage(compose=form, title=title, intro=intro), status_code=status_code)


def _narrower(one: Visibility, other: Visibility) -> Visibility:
    """The one that fewer people read."""
    order = list(Visibility)
    return max(one, other, key=order.index)


def _lines(typed: str) -> str:
    """Browsers send line ends as CR LF (HTML, form submission); people count one character."""
    return typed.replace("\r\n", "\n")[:_TYPED_MAX]


handlers = [compose, publish, edit_form, edit, delete_form, delete]
