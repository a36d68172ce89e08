"""Posts: what they are made of, what they may hold, and what can be wrong with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from http import HTTPStatus
from typing import Final

import msgspec

from rostra.network.accounts import Profile
from rostra.network.polls import PollId, PollWish
from rostra.network.posts.quoting import QuotePolicy, QuoteState, may_quote
from rostra.network.visibility import Visibility
from rostra.platform.errors import Invalid, RostraError
from rostra.platform.ids import AccountId, BroadcastId, MediaId, PostId

CHARACTERS: Final = 500
MEDIA_MAX: Final = 4
MENTIONS_MAX: Final = 50
PINS_MAX: Final = 5
IDEMPOTENCY_LIFETIME: Final = timedelta(hours=1)
IDEMPOTENCY_CHARACTERS: Final = 64
LANGUAGE_CHARACTERS: Final = 16


class Restricted(IntEnum):
    """What a post's restrictions mean for everybody alike. demoted: only who looks for it finds it. hidden: nobody."""

    FREE = 0
    DEMOTED = 1
    HIDDEN = 2


class NoSuchPost(RostraError):
    """404: there is no such post, or the asker may not read it; which of them stays unsaid."""

    status, code = HTTPStatus.NOT_FOUND, "no_such_post"
    user_message = "Record not found"


class NotYours(RostraError):
    """403: an act that only the author may do, or that this post does not allow."""

    status, code = HTTPStatus.FORBIDDEN, "not_allowed"
    user_message = "This action is not allowed"


class PostInvalid(Invalid):
    """422, in the words that apps know. `details` follow "Validation failed: "."""

    def __init__(self, details: str) -> None:
        super().__init__(details, user_message=f"Validation failed: {details}")


class MentionRef(msgspec.Struct, frozen=True):
    """A mention as it lies in a post's row, which is how readers get it. url: of the profile."""

    id: str
    username: str
    acct: str
    url: str


class TagRef(msgspec.Struct, frozen=True):
    """A hashtag, likewise. name: folded. url: of the tag's page."""

    name: str
    url: str


_tags: Final = msgspec.json.Decoder(list[TagRef])
_mentions: Final = msgspec.json.Decoder(list[MentionRef])


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """What somebody wrote a post with."""

    name: str
    website: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody wants to post. `text` is as it was typed, cleaned.

    media_ids: what is to be attached; None, when editing, for what is attached already. media: its JSON, for readers.
    broadcast_id: what it announces. poll: what it asks; None, when editing, for nothing more, unless keeps_poll.
    quoted_id: what it quotes, which no edit changes. quote_policy: who may quote it; None for
    everybody or, when editing, as it is.
    """

    text: str
    spoiler_text: str = ""
    sensitive: bool = False
    visibility: Visibility = Visibility.PUBLIC
    language: str | None = None
    in_reply_to_id: PostId | None = None
    media: str = "[]"
    media_ids: tuple[MediaId, ...] | None = None
    app: App | None = None
    broadcast_id: BroadcastId | None = None
    poll: PollWish | None = None
    keeps_poll: bool = False
    quoted_id: PostId | None = None
    quote_policy: QuotePolicy | None = None

    def check(self, *, length: int, characters: int) -> None:
        """length: of the text and the warning as readers count it. Raises PostInvalid."""
        if not self.text.strip() and self.media == "[]" and not self.media_ids:
            raise PostInvalid("Text can't be blank")
        if length > characters:
            raise PostInvalid(f"Text character limit of {characters} exceeded")
        if self.poll is not None:
            if self.media_ids:
                raise PostInvalid("A post has either media or a poll")
            self.poll.check()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A draft with its text rendered. mentions, tags: once each, in the text's order. link: the first."""

    draft: Draft
    html: str
    mentions: tuple[MentionRef, ...]
    tags: tuple[TagRef, ...]
    link: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post as it was read, with its author. boost_of: the whole original, for a boost.

    mentions, tags: JSON of MentionRef and TagRef. media: JSON. All of it is what readers get. link: the address whose
    card it shows. broadcast_id: what the post announces. card, poll: JSON, filled in where a page of posts is
    shown. quoted: what it quotes, likewise, if it is shown to the reader there.
    """

    id: PostId
    author: Profile
    in_reply_to_id: PostId | None
    in_reply_to_account_id: AccountId | None
    thread_id: PostId
    visibility: Visibility
    sensitive: bool
    spoiler_text: str
    language: str | None
    html: str
    mentions: str
    tags: str
    media: str
    link: str | None
    poll_id: PollId | None
    broadcast_id: BroadcastId | None
    app_name: str | None
    app_website: str | None
    edited_at: datetime | None
    replies_count: int
    boosts_count: int
    favourites_count: int
    quote_of_id: PostId | None = None
    quote_state: QuoteState | None = None
    quote_policy: QuotePolicy = QuotePolicy.NOBODY
    quotes_count: int = 0
    boost_of: Post | None = None
    card: str | None = None
    poll: str | None = None
    quoted: Post | None = None

    def __hash__(self) -> int:
        """Of what tells versions of a post apart: to take every field was dearer than to find what is remembered."""
        counts = (self.replies_count, self.boosts_count, self.favourites_count, self.quotes_count)
        return hash((self.id, counts, self.edited_at, self.author, self.boost_of))

    @property
    def original(self) -> Post:
        """Itself, or what it boosts."""
        return self if self.boost_of is None else self.boost_of

    @property
    def shown(self) -> tuple[Post, ...]:
        """The posts that are to be seen: the original, and what it quotes."""
        original = self.original
        return (original,) if original.quoted is None else (original, original.quoted)

    @property
    def tag_names(self) -> list[str]:
        return [] if self.tags == "[]" else [each.name for each in _tags.decode(self.tags)]

    @property
    def mentioned_ids(self) -> list[int]:
        return [] if self.mentions == "[]" else [int(each.id) for each in _mentions.decode(self.mentions)]


@dataclass(slots=True)
class Marks:
    """What a viewer has done with some posts. viewer: who that is. follows: of the authors whose followers may quote a
    post, those that the viewer follows.
    """

    favourited: set[int] = field(default_factory=set)
    boosted: set[int] = field(default_factory=set)
    bookmarked: set[int] = field(default_factory=set)
    pinned: set[int] = field(default_factory=set)
    muted_threads: set[int] = field(default_factory=set)
    viewer: int | None = None
    follows: set[int] = field(default_factory=set)

    def may_quote(self, post: Post) -> bool:
        own, follows = post.author.id == self.viewer, post.author.id in self.follows
        return may_quote(post.quote_policy, post.visibility, own=own, follows=follows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What a post said from `made_at` on. poll: the titles of its options; None without a poll."""

    made_at: datetime
    html: str
    spoiler_text: str
    sensitive: bool
    media: str
    poll: tuple[str, ...] | None = None
