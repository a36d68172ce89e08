"""Posts of an account or with a hashtag as feeds: Atom (RFC 4287), and RSS 2.0 for readers that know nothing newer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import Any, Final
from urllib.parse import quote
from xml.etree import ElementTree as ET

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.network.addresses import Addresses
from rostra.network.polls import Poll, PollStore
from rostra.network.posts import Post, QuoteState
from rostra.network.text import tag_key
from rostra.network.timelines import Only, Timelines
from rostra.platform.errors import NotFound
from rostra.platform.ids import made_at
from rostra.platform.keyset import Page
from rostra.platform.wording import _
from rostra.web import answers
from rostra.web.beside_posts import poll_ids
from rostra.web.looking import looker
from rostra.web.pages import words
from rostra.web.pages.asking import reading
from rostra.web.pages.post_view import described, post_time
from rostra.web.pages.profiles import profile_of
from rostra.web.seeing import seen
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
ATOM: Final = "application/atom+xml"
RSS: Final = "application/rss+xml"
ENTRIES: Final = 20
FEED_AGE_S: Final = 300
FEED_STALE_S: Final = 300
_ATOM: Final = "http://www.w3.org/2005/Atom"
_SHAPES: Final = {"feed.atom": ATOM, "feed.rss": RSS}
ET.register_namespace("atom", _ATOM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Addresses are absolute. began_at: stands for the last change of a feed without entries."""

    title: str
    page_url: str
    feed_url: str
    icon_url: str
    began_at: datetime


@get(["/{at_handle:str}/feed.atom", "/{at_handle:str}/feed.rss"])
async def of_account(request: AnyRequest, site: TheSite, at_handle: FromPath[str]) -> Response[bytes]:
    """What everybody may read of an account: no answers to others, no boosts."""
    async with reading(request, site) as asked:
        found = await profile_of(asked, at_handle)
        only = Only(no_replies=True, no_boosts=True)
        posts = await Timelines(asked.session, None, now=asked.now).account(found.id, Page(limit=ENTRIES), only)
        polls = await PollStore(asked.session).by_ids(poll_ids(posts), None)
    addresses = Addresses(site.url)
    page_url = addresses.profile(found.handle)
    feed = Feed(
        title=f"{found.display_name or found.handle} (@{found.handle})",
        page_url=page_url,
        feed_url=f"{page_url}/{_name(request)}",
        icon_url=addresses.avatar(found.id, found.avatar),
        began_at=made_at(found.id),
    )
    return _answer(request, site, feed, posts, polls)


@get(["/tags/{tag:str}/feed.atom", "/tags/{tag:str}/feed.rss"])
async def of_tag(request: AnyRequest, site: TheSite, tag: FromPath[str]) -> Response[bytes]:
    if (key := tag_key(tag)) is None:
        raise NotFound(f"tag {tag[:80]!r}")
    async with reading(request, site) as asked:
        posts = await Timelines(asked.session, None, now=asked.now).tag([key], Page(limit=ENTRIES))
        polls = await PollStore(asked.session).by_ids(poll_ids(posts), None)
    page_url = f"{site.url}/tags/{quote(key)}"
    feed = Feed(
        title=_("#{key} at {name}", key=key, name=site.name),
        page_url=page_url,
        feed_url=f"{page_url}/{_name(request)}",
        icon_url=Addresses(site.url).avatar(0, None),
        began_at=made_at(0),
    )
    return _answer(request, site, feed, posts, polls)


def atom(site_url: str, feed: Feed, posts: Sequence[Post], polls: Mapping[int, Poll]) -> bytes:
    """The feed as XML: the same posts give the same bytes, so that the entity tag holds."""
    addresses = Addresses(site_url)
    # Not by register_namespace: what is registered holds for every document of the process, the podcast's feed too.
    root = ET.Element("feed", {"xmlns": _ATOM})
    _text(root, "id", feed.page_url)
    _text(root, "title", feed.title)
    _text(root, "icon", feed.icon_url)
    changes = [post.edited_at or made_at(post.id) for post in posts]
    _text(root, "updated", words.iso(max(changes, default=feed.began_at)))
    _link(root, "alternate", feed.page_url, "text/html")
    _link(root, "self", feed.feed_url, ATOM)
    for post, changed_at in zip(posts, changes, strict=True):
        entry = ET.SubElement(root, "entry")
        _text(entry, "id", addresses.post_uri(post.author.handle, post.id))
        _text(entry, "title", described(post, characters=80))
        _text(entry, "published", words.iso(made_at(post.id)))
        _text(entry, "updated", words.iso(changed_at))
        _link(entry, "alternate", addresses.post(post.author.handle, post.id), "text/html")
        author = ET.SubElement(entry, "author")
        _text(author, "name", post.author.display_name or post.author.handle)
        _text(author, "uri", addresses.profile(post.author.handle))
        if post.spoiler_text:  # whoever wants to read on opens the page
            _text(entry, "summary", post.spoiler_text)
        else:
            _text(entry, "content", told(site_url, post, polls), type="html")
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def rss(site_url: str, feed: Feed, posts: Sequence[Post], polls: Mapping[int, Poll]) -> bytes:
    """The same as RSS 2.0 (rssboard.org/rss-specification); items have no titles, as posts have none."""
    addresses = Addresses(site_url)
    root = ET.Element("rss", {"version": "2.0"})
    channel = ET.SubElement(root, "channel")
    for name, text in (("title", feed.title), ("link", feed.page_url), ("description", feed.title)):
        ET.SubElement(channel, name).text = text
    _link(channel, "self", feed.feed_url, RSS, name=f"{{{_ATOM}}}link")
    image = ET.SubElement(channel, "image")
    for name, text in (("url", feed.icon_url), ("title", feed.title), ("link", feed.page_url)):
        ET.SubElement(image, name).text = text
    for post in posts:
        item = ET.SubElement(channel, "item")
        url = addresses.post(post.author.handle, post.id)
        ET.SubElement(item, "guid", {"isPermaLink": "true"}).text = url
        ET.SubElement(item, "link").text = url
        ET.SubElement(item, "pubDate").text = format_datetime(made_at(post.id), usegmt=True)
        ET.SubElement(item, "description").text = post.spoiler_text or told(site_url, post, polls)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def told(site_url: str, post: Post, polls: Mapping[int, Poll]) -> str:
    """What a post says, as HTML: its words, what it asks, and where what it quotes stands. How a poll stands is left
    out, since it changes with each vote, and the bytes of a feed do not.
    """
    html = post.html
    if (poll := polls.get(post.poll_id or 0)) is not None:
        options = "".join(f"<li>{escape(option.title)}</li>" for option in poll.options)
        ends = post_time(poll.expires_at, poll.expires_at).exact
        html += f"<ul>{options}</ul><p>A poll, open until {escape(ends)}.</p>"
    if post.quote_state is QuoteState.ACCEPTED and post.quote_of_id is not None:
        url = escape(f"{site_url}/posts/{post.quote_of_id}")
        html += f'<p>Quotes <a href="{url}">{url}</a></p>'
    return html


def _answer(
    request: AnyRequest, site: Site, feed: Feed, posts: Sequence[Post], polls: Mapping[int, Poll]
) -> Response[bytes]:
    media_type = _SHAPES[_name(request)]
    shown = seen(looker(site), posts)
    content = (atom if media_type == ATOM else rss)(site.url, feed, shown, polls)
    answer = answers.public(request, content, media_type, max_age_s=FEED_AGE_S, stale_s=FEED_STALE_S)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def _name(request: AnyRequest) -> str:
    """ "feed.atom" or "feed.rss"."""
    return request.url.path.rpartition("/")[2]


def _text(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, name, attributes).text = text


def _link(parent: ET.Element, relation: str, href: str, media_type: str, *, name: str = "link") -> None:
    ET.SubElement(parent, name, {"rel": relation, "href": href, "type": media_type})


handlers = [of_account, of_tag]
