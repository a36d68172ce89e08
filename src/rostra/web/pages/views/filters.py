"""Filters: what somebody would rather not see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rostra.network.filters import Action, Context
from rostra.web.pages.views.posts import PostTime


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterLink:
    """words: its first keywords. posts: how many single posts it names. ends: None for never; ended: it is over."""

    title: str
    url: str
    action: Action
    contexts: tuple[Context, ...]
    words: tuple[str, ...]
    more_words: int
    posts: int
    ends: PostTime | None
    ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FiltersPage:
    """`filters.html`, the oldest first."""

    filters: tuple[FilterLink, ...]
    new_url: str
    filters_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordField:
    """A line of the form. number: from 1. id: of the keyword in decimal, empty for a new one."""

    number: int
    id: str = ""
    text: str = ""
    whole_word: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """A single post that the filter names. id: of the entry."""

    id: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterFormPage:
    """`filter_form.html`. is_new: it is not there yet. expiry: what is chosen of `expiries` (value → words).

    error: what is wrong with what was typed.
    """

    is_new: bool
    title: str
    contexts: tuple[str, ...]
    action: str
    expiry: str
    expiries: Mapping[str, str]
    keywords: tuple[KeywordField, ...]
    posts: tuple[EntryView, ...]
    form_url: str
    filters_url: str
    title_max: int
    keyword_max: int
    error: str = ""
