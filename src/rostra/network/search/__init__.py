"""Finding posts by their words, people and hashtags by how they begin."""

from rostra.network.search.queries import QUERY_CHARS, Query, parse
from rostra.network.search.store import SearchStore

__all__ = ["QUERY_CHARS", "Query", "SearchStore", "parse"]
