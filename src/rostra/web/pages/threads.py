"""A post with what it answers and what answers it; what it has said before; its card for other sites (oEmbed)."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from litestar.response import Redirect
from markupsafe import Markup

from rostra.flows.keep_conversations import mark_conversation
from rostra.network.accounts import ProfileStore
from rostra.network.addresses import Addresses
from rostra.network.conversations import ConversationStore
from rostra.network.filters import Context
from rostra.network.posts import NoSuchPost, Post, PostStore, Version
from rostra.network.timelines import Timelines
from rostra.network.visibility import Visibility
from rostra.platform.clock import to_us
from rostra.platform.errors import NotFound
from rostra.platform.ids import PostId, made_at
from rostra.safety.braking.store import BrakeStore
from rostra.safety.restrictions import ANYWHERE, Kind, Subject, visible
from rostra.safety.restrictions.store import RestrictionStore
from rostra.safety.watching.store import WatchStore
from rostra.web import answers
from rostra.web.looking import differs, looker
from rostra.web.pages import composing, words
from rostra.web.pages.asking import Asked, answered, page_of, post_number, reading
from rostra.web.pages.brake_view import MEASURES, brake_view
from rostra.web.pages.post_view import PostViews, attachments, described, path_of, plain
from rostra.web.pages.profiles import check_suspended
from rostra.web.pages.showing import views_of
from rostra.web.pages.views.posts import HeldView, HistoryPage, QuotesPage, ThreadPage, VersionView
from rostra.web.seeing import check_seen, seen_one
from rostra.web.site import Site
from rostra.web.withheld import refusal

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
OEMBED_URL: Final = "/oembed"
OEMBED_AGE_S: Final = 300


class PostNotShown(NotFound):
    user_message = "There is no such post here, or it is not shown to you. It may have been deleted."


@get("/{at_handle:str}/{post_id:str}", name="post")
async def thread(request: AnyRequest, site: TheSite, at_handle: FromPath[str], post_id: FromPath[str]) -> Response[Any]:
    async with reading(request, site) as asked:
        found = await post_of(asked, at_handle, post_id)
        is_news = await _is_news(asked, found)
        path = path_of(found.author.handle, found.id)
        if request.url.path != path:
            return answers.see_other(path)
        above, below = await PostStore(asked.session).thread(found, asked.viewer, now=asked.now)
        views = await views_of(asked, [*above, found, *below], context=Context.THREAD)
        held = await _held(asked, found)
        brakes = await BrakeStore(asked.session).of_post(found.id) if found.author.id == asked.viewer else []
        own = None if asked.viewer is None else await ProfileStore(asked.session).own(asked.viewer, requests_count=0)
    if is_news and asked.viewer is not None:
        await mark_conversation(site.house, asked.viewer, found.thread_id, unread=False)
    shown = views.post(found, focus=True)
    told = seen_one(looker(site), found)
    url = f"{site.url}{path}"
    page = ThreadPage(
        above=views.several(above),
        post=shown,
        below=views.several(below),
        missing=found.in_reply_to_id is not None and not above,
        described=described(told),
        image_url=_image_url(site, told),
        page_url=url,
        oembed_url=f"{site.url}{OEMBED_URL}?{urlencode({'url': url})}",
        data=_structured(site, told, url),
        reply=None if own is None else composing.fresh_form(site, own, back=path, reply_to=(found, shown)),
        indexable=found.author.indexable and found.visibility.is_open,
        held=held,
        brakes=tuple(brake_view(site, each, base=MEASURES) for each in brakes),
    )
    answer = answered(asked, page)
    answer.headers["Link"] = f'<{page.oembed_url}>; rel="alternate"; type="application/json+oembed"'
    return answer


async def _held(asked: Asked, post: Post) -> HeldView | None:
    """What its author is told of a post that a machine holds: to everybody else it is not there."""
    if post.author.id != asked.viewer or post.visibility is not Visibility.DIRECT:
        return None
    held = await WatchStore(asked.session).held(post.id)
    zone = asked.site.house.safety.zone
    return None if held is None else HeldView(reason=held.reason, until=words.moment(held.until, zone))


@get("/{at_handle:str}/{post_id:str}/history")
async def history(
    request: AnyRequest, site: TheSite, at_handle: FromPath[str], post_id: FromPath[str]
) -> Response[bytes]:
    async with reading(request, site) as asked:
        found = await post_of(asked, at_handle, post_id)
        versions = await PostStore(asked.session).versions(found.id)
    now = Version(
        made_at=found.edited_at or made_at(found.id),
        html=found.html,
        spoiler_text=found.spoiler_text,
        sensitive=found.sensitive,
        media=found.media,
    )
    views = PostViews(site, now=asked.now, looks=looker(site))
    page = HistoryPage(
        author=views.person(found.author),
        url=path_of(found.author.handle, found.id),
        versions=tuple(
            VersionView(
                made=views.time(each.made_at),
                html=Markup(each.html),  # noqa: S704  # written by network.text, as every post
                warning=each.spoiler_text,
                is_current=each is now,
            )
            for each in (now, *reversed(versions))
        ),
    )
    return answered(asked, page)


@get("/{at_handle:str}/{post_id:str}/quotes")
async def quotes(
    request: AnyRequest, site: TheSite, at_handle: FromPath[str], post_id: FromPath[str]
) -> Response[bytes]:
    """The posts that quote one, as far as the viewer may read them."""
    page = page_of(request)
    async with reading(request, site) as asked:
        found = await post_of(asked, at_handle, post_id)
        posts = await Timelines(asked.session, asked.viewer, now=asked.now).quotes(found.id, page)
        views = await views_of(asked, posts, context=Context.THREAD)
    path = path_of(found.author.handle, found.id)
    shown = QuotesPage(
        author=views.person(found.author), url=path, list=views.posts(posts, page, path=f"{path}/quotes")
    )
    return answered(asked, shown)


@get("/posts/{post_id:str}")
async def by_id(request: AnyRequest, site: TheSite, post_id: FromPath[str]) -> Response[Any]:
    """To the page of a post of which only the id is known."""
    async with reading(request, site) as asked:
        found = await _readable(asked, post_id)
    return answers.see_other(path_of(found.author.handle, found.id))


@get("/users/{handle:str}")
async def account_id(handle: FromPath[str]) -> Redirect:
    """The permanent id of an account leads people to its page."""
    return answers.see_other(f"/@{quote(handle)}")


@get("/users/{handle:str}/statuses/{post_id:str}")
async def status_id(handle: FromPath[str], post_id: FromPath[str]) -> Redirect:
    """The permanent id of a post leads people to its page."""
    return answers.see_other(f"/@{quote(handle)}/{post_number(post_id)}")


@get(OEMBED_URL)
async def oembed(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """What another site may show for the address of an open post (oembed.com, type link: nothing to execute)."""
    address = urlsplit(request.query_params.get("url", "")[:500])
    parts = address.path.strip("/").split("/")
    if address.netloc != site.host or len(parts) != 2:
        raise NotFound("oembed of something else")
    async with reading(request, site) as asked:
        post = await PostStore(asked.session).get(PostId(post_number(parts[1])), None, now=asked.now)
    check_seen(looker(site), post)
    found = seen_one(looker(site), post.original)
    document = {
        "type": "link",
        "version": "1.0",
        "title": described(found, characters=120),
        "author_name": found.author.display_name or found.author.handle,
        "author_url": Addresses(site.url).profile(found.author.handle),
        "provider_name": site.name,
        "provider_url": f"{site.url}/",
        "cache_age": OEMBED_AGE_S,
    }
    answer = answers.as_json(document)
    if not differs():
        answer.headers["Cache-Control"] = f"public, max-age={OEMBED_AGE_S}"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


async def _is_news(asked: Asked, post: Post) -> bool:
    """Whether the viewer looks at something new in a conversation; a browser that looks ahead does not."""
    if asked.viewer is None or post.visibility is not Visibility.DIRECT or "sec-purpose" in asked.request.headers:
        return False
    return await ConversationStore(asked.session).is_unread(asked.viewer, post.thread_id)


async def post_of(asked: Asked, at_handle: str, post_id: str) -> Post:
    """The original post at such an address, by whomever the address says. Raises NotFound, SuspendedHere."""
    if not at_handle.startswith("@"):
        raise NotFound(f"/{at_handle[:40]}")
    try:
        return await _readable(asked, post_id)
    except PostNotShown:
        await check_suspended(asked, at_handle)
        raise


async def _readable(asked: Asked, post_id: str) -> Post:
    number = PostId(post_number(post_id))
    try:
        found = await PostStore(asked.session).get(number, asked.viewer, now=asked.now)
    except NoSuchPost as error:
        await _check_taken_down(asked, number)
        raise PostNotShown(str(error)) from error
    check_seen(looker(asked.site), found.original)
    return found.original


async def _check_taken_down(asked: Asked, post_id: PostId) -> None:
    """Say so where a restriction hides what the asker could read otherwise; its author reads it there. Raises Withheld.

    The database is asked, not the memory of this process: it has known since the decision.
    """
    found = await PostStore(asked.session).hidden(post_id, asked.viewer, now=asked.now)
    if found is None:
        return
    standing = await RestrictionStore(asked.session).standing(Subject(Kind.POST, found.id), asked.now)
    hidden_by = visible(standing.restrictions, ANYWHERE, to_us(asked.now)).hidden_by
    if hidden_by is not None:
        refused = refusal(hidden_by, site_url=asked.site.url)
        if found.author.id == asked.viewer:
            refused.own_html = found.html
        raise refused


def _image_url(site: Site, post: Post) -> str:
    """For a link preview: the first picture unless it is hidden, or else the author's."""
    shown = () if post.sensitive else attachments(post.media)
    first = next((each.preview_url for each in shown if each.preview_url), None)
    return first or Addresses(site.url).avatar(post.author.id, post.author.avatar)


def _structured(site: Site, post: Post, url: str) -> dict[str, object]:
    """schema.org/SocialMediaPosting as JSON-LD. What a warning hides is not in it."""
    addresses = Addresses(site.url)
    counts = (("LikeAction", post.favourites_count), ("ShareAction", post.boosts_count))
    found: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "SocialMediaPosting",
        "@id": addresses.post_uri(post.author.handle, post.id),
        "url": url,
        "datePublished": words.iso(made_at(post.id)),
        "author": {
            "@type": "Person",
            "name": post.author.display_name or post.author.handle,
            "alternateName": f"@{post.author.handle}@{site.host}",
            "url": addresses.profile(post.author.handle),
            "image": addresses.avatar(post.author.id, post.author.avatar),
        },
        "text": post.spoiler_text or plain(post.html, characters=5000),
        "commentCount": post.replies_count,
        "interactionStatistic": [
            {
                "@type": "InteractionCounter",
                "interactionType": f"https://schema.org/{kind}",
                "userInteractionCount": count,
            }
            for kind, count in counts
        ],
    }
    if post.edited_at is not None:
        found["dateModified"] = words.iso(post.edited_at)
    if post.language is not None:
        found["inLanguage"] = post.language
    return found


handlers = [thread, history, quotes, by_id, account_id, status_id, oembed]
