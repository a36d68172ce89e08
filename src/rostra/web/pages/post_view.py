"""From posts as the stores read them to posts as a page shows them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from html import unescape
from typing import Final
from urllib.parse import urlencode

import msgspec
from markupsafe import Markup

from rostra.broadcast import Broadcast
from rostra.network.accounts import Profile
from rostra.network.addresses import Addresses
from rostra.network.filters import Action, Match, hides
from rostra.network.polls import Poll
from rostra.network.posts import Marks, MentionRef, Post, QuoteState
from rostra.network.visibility import Visibility
from rostra.platform.ids import AccountId, PostId, made_at
from rostra.platform.keyset import Page
from rostra.platform.wording import _
from rostra.safety.restrictions import Kind, Subject
from rostra.web import dates
from rostra.web.looking import Looker
from rostra.web.pages import building, polling, words
from rostra.web.pages.flag_links import flag_url
from rostra.web.pages.paging import NO_QUERY, neighbours
from rostra.web.pages.views.listing import BroadcastCard
from rostra.web.pages.views.posts import (
    ActsView,
    AnswersView,
    AttachmentKind,
    AttachmentView,
    LinkCardView,
    PersonView,
    PollView,
    PostsView,
    PostTime,
    PostView,
    QuoteView,
)
from rostra.web.seeing import answer_for, seen_one
from rostra.web.site import Site

ACT_URL: Final = "/posts/act"
VISIBILITY_TEXTS: Final = {
    Visibility.PUBLIC: _("Public"),
    Visibility.UNLISTED: _("Unlisted"),
    Visibility.PRIVATE: _("Followers only"),
    Visibility.DIRECT: _("Mentioned people only"),
}
_QUOTE_MISSING: Final = {
    QuoteState.REVOKED: _("The author of the quoted post has taken it back."),
    QuoteState.DELETED: _("The quoted post was deleted."),
    QuoteState.UNAUTHORIZED: _("The quoted post is not shown to you."),
}
_TAG: Final = re.compile(r"<[^>]+>")
_BREAK: Final = re.compile(r"<br>|</p>\s*<p>")
_HIDDEN: Final = re.compile(r'<span class="invisible">[^<]*</span>')
_mentions: Final = msgspec.json.Decoder(list[MentionRef])


class _Size(msgspec.Struct, frozen=True):
    width: int = 0
    height: int = 0


class _Focus(msgspec.Struct, frozen=True):
    x: float = 0.0
    y: float = 0.0


class _Meta(msgspec.Struct, frozen=True):
    original: _Size = msgspec.field(default=_Size(), name="original")
    small: _Size = _Size()
    focus: _Focus = _Focus()


class _Attachment(msgspec.Struct, frozen=True):
    """What a page takes of a MediaAttachment."""

    type: AttachmentKind = "unknown"
    url: str | None = None
    preview_url: str | None = None
    description: str | None = None
    meta: _Meta | None = None


class _Card(msgspec.Struct, frozen=True):
    """What a page takes of a PreviewCard."""

    url: str
    title: str
    description: str = ""
    provider_name: str = ""
    image: str | None = None


_attachments: Final = msgspec.json.Decoder(list[_Attachment])
_card: Final = msgspec.json.Decoder(_Card)


class PostViews:
    """Makes the posts of one page.

    looks: who looks, as far as restrictions care. marks: what the viewer has done; None for a visitor, who gets no
    buttons.
    """

    def __init__(
        self,
        site: Site,
        *,
        now: datetime,
        looks: Looker,
        viewer: AccountId | None = None,
        marks: Marks | None = None,
        broadcasts: Mapping[int, Broadcast] | None = None,
        links: Mapping[str, str] | None = None,
        polls: Mapping[int, Poll] | None = None,
        filtered: Mapping[int, Sequence[Match]] | None = None,
        quoted: Mapping[int, Post] | None = None,
        back: str = "/home",
    ) -> None:
        self._site = site
        self._paths = Addresses("")
        self._now = now
        self._viewer = viewer
        self._marks = marks
        self._broadcasts = broadcasts or {}
        self._links = links or {}
        self._polls = polls or {}
        self._filtered = filtered or {}
        self._quoted = quoted or {}
        self._back = urlencode({"back": back})
        self._looks = looks
        self._people: dict[int, PersonView] = {}

    def person(self, profile: Profile) -> PersonView:
        known = self._people.get(profile.id)
        if known is None:
            known = self._people[profile.id] = PersonView(
                name=profile.display_name or profile.handle,
                acct=f"@{profile.handle}",
                url=self._paths.profile(profile.handle),
                avatar_url=self._paths.avatar(profile.id, profile.avatar),
            )
        return known

    def _broadcast(self, found: Broadcast) -> BroadcastCard:
        return building.card(found.as_heard(self._now), self._looks.at(Subject(Kind.BROADCAST, found.id)))

    def time(self, at: datetime) -> PostTime:
        return post_time(at, self._now)

    def posts(self, posts: Sequence[Post], page: Page, *, path: str, query: Mapping[str, str] = NO_QUERY) -> PostsView:
        """A page of posts with its neighbours, newest first. path: of the list; query: what belongs to it besides."""
        newer, older = neighbours([post.id for post in posts], page, path=path, query=query)
        return PostsView(posts=self.several(posts), newer_url=newer, older_url=older)

    def several(self, posts: Iterable[Post]) -> tuple[PostView, ...]:
        """Those that the viewer's filters do not hide."""
        return tuple(self.post(post) for post in posts if not hides(self._filtered.get(post.original.id, ())))

    def post(self, post: Post, *, pinned: bool = False, focus: bool = False) -> PostView:
        shown = seen_one(self._looks, post.original)
        withheld = not answer_for(self._looks, shown).shown
        found = None if shown.broadcast_id is None else self._broadcasts.get(shown.broadcast_id)
        card = shown.card or self._links.get(shown.link or "")
        url = self._paths.post(shown.author.handle, shown.id)
        matches = () if focus else self._filtered.get(shown.id, ())
        return PostView(
            id=str(shown.id),
            url=url,
            author=self.person(shown.author),
            made=self.time(made_at(shown.id)),
            html=Markup(shown.html),  # noqa: S704  # written by network.text, which escapes what people typed
            language=shown.language,
            visibility=shown.visibility.value,
            visibility_text=VISIBILITY_TEXTS[shown.visibility],
            warning=shown.spoiler_text,
            sensitive=shown.sensitive or any(match.filter.action is Action.BLUR for match in matches),
            filtered=", ".join(match.filter.title for match in matches if match.filter.action is Action.WARN),
            replies=words.short_number(shown.replies_count),
            boosts=words.short_number(shown.boosts_count),
            favourites=words.short_number(shown.favourites_count),
            boosted_by=None if post.boost_of is None else self.person(post.author),
            answers=self._answers(shown),
            attachments=attachments(shown.media),
            poll=self._poll(shown),
            quote=self._quote(shown),
            quotes=words.short_number(shown.quotes_count),
            quotes_url=f"{url}/quotes",
            card=link_card(card) if card and found is None else None,
            broadcast=None if found is None else self._broadcast(found),
            edited=None if shown.edited_at is None else self.time(shown.edited_at),
            history_url=None if shown.edited_at is None else f"{url}/history",
            app_name=shown.app_name if focus else None,
            pinned=pinned,
            acts=None if withheld else self._acts(shown),
            focus=focus,
            flag_url="" if shown.author.id == self._viewer else flag_url(url),
        )

    def quote(self, post: Post) -> QuoteView:
        """A post as it stands in another. One that a filter of the reader hides is not shown there either."""
        post = seen_one(self._looks, post)
        matches = self._filtered.get(post.id, ())
        if hides(matches):
            return QuoteView(missing=_("One of your filters hides the quoted post."))
        closed = ", ".join(match.filter.title for match in matches if match.filter.action is Action.WARN)
        return QuoteView(
            url=self._paths.post(post.author.handle, post.id),
            author=self.person(post.author),
            made=self.time(made_at(post.id)),
            html=Markup(post.html),  # noqa: S704  # written by network.text, as every post
            language=post.language,
            warning=f"Filtered: {closed}" if closed else post.spoiler_text,
            files=len(attachments(post.media)),
        )

    def _quote(self, post: Post) -> QuoteView | None:
        if post.quote_state is None:
            return None
        if post.quote_state is not QuoteState.ACCEPTED:
            return QuoteView(missing=_QUOTE_MISSING[post.quote_state])
        quoted = self._quoted.get(post.id)
        return QuoteView(missing=_QUOTE_MISSING[QuoteState.UNAUTHORIZED]) if quoted is None else self.quote(quoted)

    def _poll(self, post: Post) -> PollView | None:
        found = None if post.poll_id is None else self._polls.get(post.poll_id)
        return None if found is None else polling.poll_view(found, self.time(found.expires_at), now=self._now)

    def _answers(self, post: Post) -> AnswersView | None:
        """Whom a post answers, as far as the post itself knows."""
        if post.in_reply_to_id is None:
            return None
        url = f"/posts/{post.in_reply_to_id}"
        if post.in_reply_to_account_id == post.author.id:
            return AnswersView(url=url, name=f"@{post.author.handle}")
        if post.mentions == "[]":
            return AnswersView(url=url, name=None)
        of = str(post.in_reply_to_account_id)
        name = next((f"@{each.acct}" for each in _mentions.decode(post.mentions) if each.id == of), None)
        return AnswersView(url=url, name=name)

    def _acts(self, post: Post) -> ActsView | None:
        if self._marks is None:
            return None
        own = post.author.id == self._viewer
        open_to_all = post.visibility.is_open
        return ActsView(
            form_url=ACT_URL,
            reply_url=f"/compose?reply_to={post.id}&{self._back}",
            favourited=post.id in self._marks.favourited,
            boosted=post.id in self._marks.boosted,
            bookmarked=post.id in self._marks.bookmarked,
            pinned=post.id in self._marks.pinned,
            may_boost=open_to_all or (own and post.visibility is Visibility.PRIVATE),
            own=own,
            may_pin=own and post.visibility is not Visibility.DIRECT,
            edit_url=f"/posts/{post.id}/edit?{self._back}",
            delete_url=f"/posts/{post.id}/delete?{self._back}",
            quote_url=f"/compose?quote={post.id}&{self._back}" if self._marks.may_quote(post) else None,
            may_unquote=self._viewer is not None and self._quotes_viewer(post),
        )

    def _quotes_viewer(self, post: Post) -> bool:
        quoted = self._quoted.get(post.id)
        return quoted is not None and quoted.author.id == self._viewer and post.author.id != self._viewer


def post_time(at: datetime, now: datetime) -> PostTime:
    utc = at.astimezone(UTC)
    exact = _("{date} (UTC)", date=dates.full(utc))
    return PostTime(iso=words.iso(at), exact=exact, brief=words.ago(at, now))


def attachments(media: str) -> tuple[AttachmentView, ...]:
    """media: JSON of MediaAttachments. One that has no file yet is left out."""
    if media == "[]":
        return ()
    found = []
    for each in _attachments.decode(media):
        if each.url is not None:
            meta = each.meta or _Meta()
            size = meta.original or meta.small
            found.append(
                AttachmentView(
                    kind=each.type,
                    url=each.url,
                    preview_url=each.preview_url,
                    description=each.description or "",
                    width=size.width,
                    height=size.height,
                    crop_x=_fifth(meta.focus.x),
                    crop_y=_fifth(-meta.focus.y),
                )
            )
    return tuple(found)


def _fifth(share: float) -> int:
    """-1 … 1 as one of five steps, 0 … 4."""
    return min(max(round(2 * share + 2), 0), 4)


def link_card(card: str) -> LinkCardView:
    """card: JSON of a PreviewCard."""
    found = _card.decode(card)
    host = found.url.partition("://")[2].partition("/")[0]
    return LinkCardView(
        url=found.url,
        title=found.title or host,
        description=found.description,
        source=found.provider_name or host,
        image_url=found.image,
    )


def plain(html: str, *, characters: int) -> str:
    """The first words of a post, without its markup, in one line."""
    text = unescape(_TAG.sub("", _BREAK.sub(" ", _HIDDEN.sub("", html))))
    text = " ".join(text.split())
    return text if len(text) <= characters else f"{text[: characters - 1].rstrip()}…"


def described(post: Post, *, characters: int = 200) -> str:
    """What a post says, for a link preview: the warning stands for what it hides."""
    if post.spoiler_text:
        return plain(post.spoiler_text.replace("<", "‹"), characters=characters)
    return plain(post.html, characters=characters)


def path_of(handle: str, post_id: PostId) -> str:
    return Addresses("").post(handle, post_id)
