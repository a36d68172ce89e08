"""Finding posts by their words, people and hashtags by how they begin."""

from rostra.network.search.queries import QUERY_CHARS, Query, parse
from rostra.network.search.store import SearchStore
from rostra.network.search.touching import Matter, MatterStore, Touched, stands_in

__all__ = ["QUERY_CHARS", "Matter", "MatterStore", "Query", "SearchStore", "Touched", "parse", "stands_in"]
