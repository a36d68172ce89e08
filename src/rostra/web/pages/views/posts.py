"""Posts on a page, and the pages that are lists of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from markupsafe import Markup

from rostra.web.frame import Moment
from rostra.web.pages.views.brakes import BrakeView
from rostra.web.pages.views.listing import BroadcastCard

AttachmentKind = Literal["image", "gifv", "video", "audio", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """Somebody beside their words. acct: "@ada"."""

    name: str
    acct: str
    url: str
    avatar_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostTime:
    """iso: UTC, for machines. exact: in words, with the zone. brief: "5 min", "24 Nov"."""

    iso: str
    exact: str
    brief: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentView:
    """A picture, film or sound. preview_url: a small picture of it, None for sound. width, height: px, 0 unknown.

    crop_x, crop_y: which fifth of it stays in view when it is cropped, 0 … 4, from left to right and top to bottom.
    """

    kind: AttachmentKind
    url: str
    preview_url: str | None
    description: str
    width: int
    height: int
    crop_x: int = 2
    crop_y: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PollOptionView:
    """place: its number, from 0. share: per cent of those who voted, of whom `votes` chose it."""

    place: int
    title: str
    votes: str
    share: int
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PollView:
    """A poll and how it stands. field: the name of its inputs; with several answers each input adds its place to it.

    shows_totals: shares and votes may be seen. ends: when, as a time; `brief` is how long from now ("3 h"), or how long
    ago. has_voters: somebody has voted. voters: how many, "1,204".
    """

    options: tuple[PollOptionView, ...]
    field: str
    multiple: bool
    may_vote: bool
    shows_totals: bool
    has_voters: bool
    voters: str
    has_ended: bool
    ends: PostTime


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCardView:
    """What a link leads to. source: its host or the name of the site."""

    url: str
    title: str
    description: str
    source: str
    image_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteView:
    """What a post quotes. missing: why it is not shown, in words, and then there is nothing else.

    html: written by Rostra, safe; warning: what stands in its place until the post is opened. files: how many pictures
    or films it has.
    """

    missing: str = ""
    url: str = ""
    author: PersonView | None = None
    made: PostTime | None = None
    html: Markup | None = None
    language: str | None = None
    warning: str = ""
    files: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ActsView:
    """What the viewer can do with the post, and has done. may_boost: everybody may read it. own: edit and delete.

    quote_url: None where the viewer may not quote it. may_unquote: it quotes the viewer.
    """

    form_url: str
    reply_url: str
    favourited: bool
    boosted: bool
    bookmarked: bool
    pinned: bool
    may_boost: bool
    own: bool
    may_pin: bool
    edit_url: str
    delete_url: str
    quote_url: str | None = None
    may_unquote: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswersView:
    """What a post answers. name: "@ben", or None when that is not known here."""

    url: str
    name: str | None


class Marks(NamedTuple):
    """How many boosted and favourited a post."""

    boosts: int
    favourites: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PostView:
    """A post. id: of the original, in decimal, for `id` and keys. url: its page. html: written by Rostra, safe.

    boosted_by: who brings it here. answers: what it is a reply to. warning: what it says before it is opened; with
    `sensitive` alone only the attachments are closed. visibility_text: "Public". edited: when, None for never.
    acts: None for a visitor, who reads the counts alone. focus: it is what its page is about. filtered: the names of
    the reader's filters that close it. chosen_for: why it is on a page whose order is computed. flag_url: where
    flagging begins; empty for one's own. quotes: how many quote it, listed at quotes_url.
    """

    id: str
    url: str
    author: PersonView
    made: PostTime
    html: Markup
    language: str | None
    visibility: str
    visibility_text: str
    warning: str
    sensitive: bool
    replies: str
    boosts: str
    favourites: str
    boosted_by: PersonView | None = None
    answers: AnswersView | None = None
    attachments: tuple[AttachmentView, ...] = ()
    poll: PollView | None = None
    quote: QuoteView | None = None
    quotes: str = "0"
    quotes_url: str = ""
    card: LinkCardView | None = None
    broadcast: BroadcastCard | None = None
    edited: PostTime | None = None
    history_url: str | None = None
    app_name: str | None = None
    pinned: bool = False
    acts: ActsView | None = None
    focus: bool = False
    filtered: str = ""
    chosen_for: Marks | None = None
    flag_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostsView:
    """A page of posts, newest first. newer_url, older_url: of the neighbouring pages, None at an end."""

    posts: tuple[PostView, ...]
    newer_url: str | None = None
    older_url: str | None = None


PlaceState = Literal["empty", "making", "ready", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceView:
    """A place for a file on a post that is being written. number: 1 … 4. id: of the file, empty for none.

    progress: per cent, while it is made. text: what it shows, in words. error: why it could not be taken or made.
    focus_x, focus_y: what of a picture must stay in view, -100 … 100, from left to right and from bottom to top.
    """

    number: int
    state: PlaceState
    id: str = ""
    kind: str = ""
    preview_url: str | None = None
    progress: int = 0
    text: str = ""
    error: str = ""
    focus_x: int = 0
    focus_y: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacesView:
    """What hangs on a post, and what may. upload_url: for the script. Sizes are limits of one file."""

    places: tuple[PlaceView, ...]
    upload_url: str
    text_max: int
    picture_bytes: int
    picture_mb: int
    film_bytes: int
    film_mb: int

    @property
    def is_used(self) -> bool:
        return any(each.state != "empty" or each.error for each in self.places)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposePollView:
    """The part of the form that asks. options: as many fields as a poll may have, empty ones too. minutes: how long it
    is open; durations: minutes → words.
    """

    options: tuple[str, ...]
    option_characters: int
    multiple: bool
    hide_totals: bool
    minutes: str
    durations: Mapping[str, str]

    @property
    def is_begun(self) -> bool:
        return any(self.options)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeView:
    """The form for a post. media: what hangs on it. languages: code → name. reply_to: what is answered.

    editing: the post is there already.

    error: what is wrong with what was typed. field: "text" or "warning", where it is wrong. acct: who writes.
    later: when it is to appear, "2026-11-24T20:00" in `zone`; empty for now.
    poll: None where none can be asked. quoting: what it quotes. quote_policy: who may quote it.
    """

    form_url: str
    back: str
    acct: str
    text: str = ""
    warning: str = ""
    sensitive: bool = False
    visibility: str = "public"
    language: str = ""
    later: str = ""
    zone: str = "UTC"
    languages: Mapping[str, str]
    characters: int
    left: int
    media: PlacesView
    key: str = ""
    reply_to: PostView | None = None
    reply_to_id: str = ""
    quoting: QuoteView | None = None
    quote_id: str = ""
    quote_policy: str = "public"
    editing: bool = False
    error: str | None = None
    poll: ComposePollView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelinePage:
    """`timeline.html`. kind: home, public or tag. title: of the page. compose: on home alone.

    feed_url: without its ending, .atom or .rss. explore_url: of the page that has an order of its own.
    """

    kind: Literal["home", "public", "tag"]
    title: str
    intro: str
    list: PostsView
    feed_url: str | None = None
    compose: ComposeView | None = None
    follows_nobody: bool = False
    explore_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldView:
    """A post that a machine holds, for its author. reason: the rule, in its operator's words. until: it is shown then,
    if nobody has decided.
    """

    reason: str
    until: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadPage:
    """`thread.html`: what the post answers, the post, its answers. missing: what it answers is not shown here.

    described: the first words, for link previews; image_url: absolute. data: schema.org, as JSON-LD. held, brakes: for
    its author alone, what keeps it from others.
    """

    above: tuple[PostView, ...]
    post: PostView
    below: tuple[PostView, ...]
    missing: bool
    described: str
    image_url: str
    page_url: str
    oembed_url: str
    data: Mapping[str, object]
    reply: ComposeView | None
    indexable: bool
    held: HeldView | None = None
    brakes: tuple[BrakeView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotesPage:
    """`quotes.html`: the posts that quote one, newest first. url: of that post."""

    author: PersonView
    url: str
    list: PostsView


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    made: PostTime
    html: Markup
    warning: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """`history.html`: what a post has said, newest first."""

    author: PersonView
    url: str
    versions: tuple[VersionView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposePage:
    """`compose.html`. intro: what just happened, when the words come from a post that was deleted."""

    compose: ComposeView
    title: str
    intro: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletePage:
    """`delete.html`: what will happen, asked before it does."""

    post: PostView
    form_url: str
    back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostFragmentPage:
    """`post_fragment.html`: one post alone, for the script that puts it in place of the one before."""

    post: PostView
    back: str
