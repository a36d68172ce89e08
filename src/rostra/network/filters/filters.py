"""What a filter is, and what it may hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Final, NewType

from rostra.platform.errors import Invalid, RostraError
from rostra.platform.ids import PostId

FilterId = NewType("FilterId", int)
KeywordId = NewType("KeywordId", int)

FILTERS_MAX: Final = 50
KEYWORDS_MAX: Final = 500
"""Of one account, in all its filters: a page is searched for each of them."""
POSTS_MAX: Final = 500
"""Single posts in all filters of one account."""
TITLE_CHARACTERS: Final = 256
KEYWORD_CHARACTERS: Final = 512


class NoSuchFilter(RostraError):
    """404: no such filter, keyword or filtered post of the asker."""

    status, code = HTTPStatus.NOT_FOUND, "no_such_filter"
    user_message = "Record not found"


class FilterInvalid(Invalid):
    """422, in the words that apps know. `details` follow "Validation failed: "."""

    def __init__(self, details: str) -> None:
        super().__init__(details, user_message=f"Validation failed: {details}")


class Context(StrEnum):
    """Where a filter counts. home: lists, too. public: hashtags, too. thread: a post on its own. account: profiles."""

    HOME = "home"
    NOTIFICATIONS = "notifications"
    PUBLIC = "public"
    THREAD = "thread"
    ACCOUNT = "account"


class Action(StrEnum):
    """warn: the post is shown when the reader asks for it. hide: it is not shown. blur: its media are covered."""

    WARN = "warn"
    HIDE = "hide"
    BLUR = "blur"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    """whole_word: not where it stands inside of a longer word."""

    id: KeywordId
    text: str
    whole_word: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FilteredPost:
    """A single post that a filter names. id: of the entry."""

    id: int
    post_id: PostId


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """expires_at: None for never."""

    id: FilterId
    title: str
    contexts: tuple[Context, ...]
    action: Action
    expires_at: datetime | None
    keywords: tuple[Keyword, ...] = ()
    posts: tuple[FilteredPost, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterChange:
    """None leaves a member as it is. expires: whether expires_at is meant, since None is a value of it."""

    title: str | None = None
    contexts: tuple[Context, ...] | None = None
    action: Action | None = None
    expires_at: datetime | None = None
    expires: bool = False

    def check(self) -> None:
        """Raises FilterInvalid."""
        if self.title == "":
            raise FilterInvalid("Title can't be blank")
        if self.title is not None and len(self.title) > TITLE_CHARACTERS:
            raise FilterInvalid(f"Title is too long (maximum is {TITLE_CHARACTERS} characters)")
        if self.contexts == ():
            raise FilterInvalid("Context None or invalid context supplied")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordChange:
    """id: of the keyword that changes; None for a new one. None leaves a member as it is. remove: it goes."""

    id: KeywordId | None = None
    text: str | None = None
    whole_word: bool | None = None
    remove: bool = False

    def check(self) -> None:
        """Raises FilterInvalid."""
        if self.text == "" or (self.text is None and self.id is None):
            raise FilterInvalid("Keyword can't be blank")
        if self.text is not None and len(self.text) > KEYWORD_CHARACTERS:
            raise FilterInvalid(f"Keyword is too long (maximum is {KEYWORD_CHARACTERS} characters)")
