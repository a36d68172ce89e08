"""Writing, editing and deleting posts: plain forms that keep what was typed when something is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.broadcast.schedule import zones
from rostra.flows.attach_media import Described
from rostra.flows.publish_post import delete_post, edit_post, own_original, publish_post, quotable
from rostra.flows.schedule_post import schedule_post
from rostra.network import text
from rostra.network.accounts import OwnProfile, ProfileStore
from rostra.network.media import MediaStore, MediaUnknown, NotReady
from rostra.network.polls import PollInvalid
from rostra.network.posts import CannotQuote, Draft, NoSuchPost, Post, PostInvalid, PostStore, QuotePolicy
from rostra.network.posts.posts import LANGUAGE_CHARACTERS
from rostra.network.posts.quoting import narrowed
from rostra.network.text import UnreadableText
from rostra.network.visibility import Visibility
from rostra.platform.errors import Invalid, RostraError
from rostra.platform.ids import PostId
from rostra.platform.randomness import token
from rostra.platform.wording import _
from rostra.web import answers
from rostra.web.looking import looker
from rostra.web.pages.asking import Asked, acting, answered, local_path, own_reading, post_number
from rostra.web.pages.attaching import FILES, chosen, fields_of, no_places, places_of, take_files
from rostra.web.pages.languages import LANGUAGES
from rostra.web.pages.polling import compose_poll, poll_fields, wish_in
from rostra.web.pages.post_view import PostViews, path_of
from rostra.web.pages.receiving import Sent, acting_with_files
from rostra.web.pages.scheduled_posts import in_words, local_moment
from rostra.web.pages.showing import views_of
from rostra.web.pages.views.posts import ComposePage, ComposeView, DeletePage, PlacesView, PostView, QuoteView
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
_TYPED_MAX: Final = 20_000
"""Characters of a field that are looked at; of what is longer the beginning is handed back, and nothing is posted."""
_TIME_CHARACTERS: Final = 32
_WRONG: Final = (PostInvalid, CannotQuote, PollInvalid, UnreadableText, NoSuchPost, Invalid, MediaUnknown)
_FILES_WRONG: Final = _("A file could not be taken; it says below why. Nothing has been posted.")
_NO_ERRORS: Final[Mapping[int, str]] = {}


def fresh_form(
    site: Site,
    own: OwnProfile,
    *,
    back: str,
    reply_to: tuple[Post, PostView] | None = None,
    quoting: tuple[Post, QuoteView] | None = None,
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
    if quoting is not None:
        visibility = narrowed(visibility, quoting[0].visibility)
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
            "quote_policy": own.post_quote_policy,
        },
        no_places(site),
        back=back,
        reply_to=reply_to,
        quoting=quoting,
    )


@get("/compose")
async def compose(request: AnyRequest, site: TheSite) -> Response[bytes]:
    query = request.query_params
    back = local_path(query.get("back", ""))
    async with own_reading(request, site) as (asked, viewer):
        own = await ProfileStore(asked.session).own(viewer, requests_count=0)
        reply_to = await _answered_post(asked, query.get("reply_to", ""))
        quoting = await _quoted_post(asked, query.get("quote", ""))
    typed = query.get("text", "")[:_TYPED_MAX]
    form = fresh_form(site, own, back=back, reply_to=reply_to, quoting=quoting, typed=typed)
    return _page(asked, form)


@post("/compose", status_code=200, request_max_body_size=None)
async def publish(request: AnyRequest, site: TheSite) -> Response[Any]:
    """Post it, and go to where one came from. What is wrong is said on the form, with everything still in it."""
    async with acting_with_files(request, site, FILES, most_bytes=_files_bytes(site), cuts=True) as sent:
        form, reply_to = sent.fields, sent.fields.get("reply_to", "")
        errors = await take_files(site, sent)
        if _is_cut(sent):
            return await _again(request, site, form, _cut(site), errors=errors, reply_to=reply_to)
        if errors:
            return await _again(request, site, form, _FILES_WRONG, errors=errors, reply_to=reply_to)
        key = form.get("key", "")[:64] or None
        try:
            described = chosen(form)
            draft = _draft(form, described, reply_to=PostId(post_number(reply_to)) if reply_to else None)
            if quoted := form.get("quote", ""):
                draft = replace(draft, quoted_id=PostId(post_number(quoted)))
            if later := form.get("scheduled_at", ""):
                due_at = local_moment(later, form.get("zone", "UTC"))
                await schedule_post(site.house, sent.by, draft, due_at, key=key, described=described)
                return answers.see_other("/scheduled?done=scheduled")
            made = await publish_post(site.house, sent.by, draft, key=key, described=described)
        except _WRONG as error:
            return await _again(request, site, form, _sentence(error), reply_to=reply_to)
    back = local_path(form.get("back", ""))
    if back.partition("?")[0] == "/home":
        return answers.see_other("/home?done=posted")
    return answers.see_other(_out(back if reply_to else path_of(made.author.handle, made.id), "posted"))


@get("/posts/{post_id:str}/edit")
async def edit_form(request: AnyRequest, site: TheSite, post_id: FromPath[str]) -> Response[bytes]:
    back = local_path(request.query_params.get("back", ""))
    async with own_reading(request, site) as (asked, viewer):
        own = await ProfileStore(asked.session).own(viewer, requests_count=0)
        posts = PostStore(asked.session)
        found = await own_original(posts, viewer, PostId(post_number(post_id)), site.house)
        typed, warning = await posts.source(found.id)
        attached = (await MediaStore(asked.session).attachments([found.id])).get(found.id, [])
        fields = {
            "text": typed,
            "warning": warning,
            "visibility": found.visibility.value,
            "language": found.language or "",
            "sensitive": "1" if found.sensitive else "",
            "quote_policy": found.quote_policy.value,
            **fields_of(attached),
        }
        places = await places_of(site, asked.session, viewer, fields, {})
    return _page(asked, _form(site, own, fields, places, back=back, editing=found.id))


@post("/posts/{post_id:str}/edit", status_code=200, request_max_body_size=None)
async def edit(request: AnyRequest, site: TheSite, post_id: FromPath[str]) -> Response[Any]:
    """Words and media alike; what was attached and is not in the form any more goes with its files."""
    number = PostId(post_number(post_id))
    async with acting_with_files(request, site, FILES, most_bytes=_files_bytes(site), cuts=True) as sent:
        form = sent.fields
        errors = await take_files(site, sent)
        if _is_cut(sent):
            return await _again(request, site, form, _cut(site), errors=errors, editing=number)
        if errors:
            return await _again(request, site, form, _FILES_WRONG, errors=errors, editing=number)
        try:
            described = chosen(form)
            draft = replace(_draft(form, described, reply_to=None), poll=None, keeps_poll=True)
            changed = await edit_post(site.house, sent.by, number, draft, described)
        except _WRONG as error:
            return await _again(request, site, form, _sentence(error), editing=number)
    return answers.see_other(_out(path_of(changed.author.handle, changed.id), "saved"))


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
    author, _who, form = await acting(request, site)
    gone, typed, poll = await delete_post(site.house, author, PostId(post_number(post_id)))
    if form.get("act") != "redraft":
        return answers.see_other("/home?done=deleted")
    async with own_reading(request, site) as (asked, viewer):
        own = await ProfileStore(asked.session).own(viewer, requests_count=0)
        reply_to = await _answered_post(asked, "" if gone.in_reply_to_id is None else str(gone.in_reply_to_id))
        quoting = await _quoted_post(asked, str(gone.quote_of_id or ""), may_be_gone=True)
    fields = {
        "text": typed,
        "warning": gone.spoiler_text,
        "visibility": gone.visibility.value,
        "language": gone.language or "",
        "sensitive": "1" if gone.sensitive else "",
        "quote_policy": gone.quote_policy.value,
        "key": token(),
    } | ({} if poll is None else poll_fields(poll))
    intro = _(
        "The post is deleted. Its words are here once more: change them and post, or leave the page to let them go."
    )
    form_again = _form(site, own, fields, no_places(site), back="/home", reply_to=reply_to, quoting=quoting)
    return _page(asked, form_again, intro=intro)


def _draft(form: dict[str, str], described: Sequence[Described], *, reply_to: PostId | None) -> Draft:
    """Raises PostInvalid for a visibility that is none. A form that knows nothing of media leaves them as they are."""
    visibility = form.get("visibility", Visibility.PUBLIC.value)
    if visibility not in set(Visibility):
        raise PostInvalid("Visibility is not included in the list")
    language = form.get("language", "")[:LANGUAGE_CHARACTERS]
    policy = form.get("quote_policy", "")
    return Draft(
        text=_lines(form.get("text", "")),
        spoiler_text=form.get("warning", "")[:_TYPED_MAX],
        sensitive="sensitive" in form,
        visibility=Visibility(visibility),
        language=language if language in LANGUAGES else None,
        in_reply_to_id=reply_to,
        media_ids=tuple(each.media_id for each in described) if "with_media" in form else None,
        poll=wish_in(form),
        quote_policy=QuotePolicy(policy) if policy in set(QuotePolicy) else None,
    )


def _out(path: str, done: str) -> str:
    """Where to go, with a word for the form's script: what was typed needs to be kept no more."""
    path, sign, fragment = path.partition("#")
    if f"done={done}" not in path:
        path += f"{'&' if '?' in path else '?'}done={done}"
    return f"{path}{sign}{fragment}"


def _sentence(error: RostraError) -> str:
    if isinstance(error, NotReady):
        return _(
            "The film or sound is still being processed. Everything is kept here: press the button again in a moment."
        )
    return in_words(error)


def _is_cut(sent: Sent) -> bool:
    """Whether the form cannot hold all that was typed."""
    return bool(sent.cut) or any(len(sent.fields.get(name, "")) > _TYPED_MAX for name in ("text", "warning"))


def _cut(site: Site) -> str:
    return _(
        "That was far too long: a post takes {most} characters. Only the beginning of what you typed is below, the "
        "first {kept} characters. All of it is still there when you go back in your browser. Nothing has been posted.",
        most=f"{site.house.post_characters:,}",
        kept=f"{_TYPED_MAX:,}",
    )


def _files_bytes(site: Site) -> int:
    """What the files of one form may have: four pictures, or a film."""
    return max(len(FILES) * site.house.media.picture_bytes, site.house.media.video_bytes)


async def _again(
    request: AnyRequest,
    site: Site,
    form: dict[str, str],
    error: str,
    *,
    errors: Mapping[int, str] = _NO_ERRORS,
    reply_to: str = "",
    editing: PostId | None = None,
) -> Response[bytes]:
    """The form once more, with what was typed and what is wrong with it."""
    async with own_reading(request, site) as (asked, viewer):
        own = await ProfileStore(asked.session).own(viewer, requests_count=0)
        answers_post = await _answered_post(asked, reply_to, may_be_gone=True)
        quoting = await _quoted_post(asked, form.get("quote", ""), may_be_gone=True)
        places = await places_of(site, asked.session, viewer, form, errors)
    shown = _form(
        site,
        own,
        form,
        places,
        back=local_path(form.get("back", "")),
        reply_to=answers_post,
        quoting=quoting,
        editing=editing,
        error=error,
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


async def _quoted_post(asked: Asked, number: str, *, may_be_gone: bool = False) -> tuple[Post, QuoteView] | None:
    """The post to quote, as the form shows it. Raises NoSuchPost, CannotQuote."""
    if not number or asked.viewer is None:
        return None
    try:
        found = await quotable(asked.site.house, asked.session, asked.viewer, PostId(post_number(number)))
    except (NoSuchPost, CannotQuote):
        if may_be_gone:
            return None
        raise
    return found, PostViews(asked.site, now=asked.now, looks=looker(asked.site)).quote(found)


def _form(
    site: Site,
    own: OwnProfile,
    fields: dict[str, str],
    places: PlacesView,
    *,
    back: str,
    reply_to: tuple[Post, PostView] | None = None,
    quoting: tuple[Post, QuoteView] | None = None,
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
        later=fields.get("scheduled_at", "")[:_TIME_CHARACTERS],
        zone=zone if (zone := fields.get("zone", "UTC")) in zones() else "UTC",
        languages=LANGUAGES,
        characters=characters,
        left=characters - text.length(_lines(typed)) - text.length(warning),
        media=places,
        key=fields.get("key", ""),
        reply_to=None if reply_to is None else reply_to[1],
        reply_to_id="" if reply_to is None else str(reply_to[0].id),
        quoting=None if quoting is None else quoting[1],
        quote_id="" if quoting is None else str(quoting[0].id),
        quote_policy=policy if (policy := fields.get("quote_policy", "")) in set(QuotePolicy) else QuotePolicy.PUBLIC,
        editing=editing is not None,
        error=error,
        poll=compose_poll(fields) if editing is None else None,
    )


def _page(asked: Asked, form: ComposeView, *, status_code: int = 200, intro: str = "") -> Response[bytes]:
    title = _("Edit the post") if form.editing else "Answer" if form.reply_to is not None else _("New post")
    title = _("Quote a post") if form.quoting is not None and not form.editing else title
    return answered(asked, ComposePage(compose=form, title=title, intro=intro), status_code=status_code)


def _narrower(one: Visibility, other: Visibility) -> Visibility:
    """The one that fewer people read."""
    order = list(Visibility)
    return max(one, other, key=order.index)


def _lines(typed: str) -> str:
    """Browsers send line ends as CR LF (HTML, form submission); people count one character."""
    return typed.replace("\r\n", "\n")[:_TYPED_MAX]


handlers = [compose, publish, edit_form, edit, delete_form, delete]
