"""Who follows, blocks and mutes whom."""

from rostra.network.follows.edges import Edge, FollowWish, NotAllowed, Relationship
from rostra.network.follows.forgetting import forget_edges, forget_follows
from rostra.network.follows.lists import EdgeLists
from rostra.network.follows.store import FollowStore
from rostra.network.follows.suggestions import Suggestion, SuggestionStore

__all__ = [
    "Edge",
    "EdgeLists",
    "FollowStore",
    "FollowWish",
    "NotAllowed",
    "Relationship",
    "Suggestion",
    "SuggestionStore",
    "forget_edges",
    "forget_follows",
]
