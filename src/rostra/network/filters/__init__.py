"""Filters: what somebody would rather not see, by words or by single posts."""

from rostra.network.filters.cache import FilterCache
from rostra.network.filters.filters import (
    FILTERS_MAX,
    KEYWORDS_MAX,
    Action,
    Context,
    Filter,
    FilterChange,
    FilteredPost,
    FilterId,
    FilterInvalid,
    Keyword,
    KeywordChange,
    KeywordId,
    NoSuchFilter,
)
from rostra.network.filters.matching import Filters, Match, hides, text_of
from rostra.network.filters.store import FilterStore

__all__ = [
    "FILTERS_MAX",
    "KEYWORDS_MAX",
    "Action",
    "Context",
    "Filter",
    "FilterCache",
    "FilterChange",
    "FilterId",
    "FilterInvalid",
    "FilterStore",
    "FilteredPost",
    "Filters",
    "Keyword",
    "KeywordChange",
    "KeywordId",
    "Match",
    "NoSuchFilter",
    "hides",
    "text_of",
]
