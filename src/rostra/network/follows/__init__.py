"""Who follows, blocks and mutes whom."""

from rostra.network.follows.edges import Edge, FollowWish, NotAllowed, Relationship
from rostra.network.follows.forgetting import forget_edges, forget_follows
from rostra.network.follows.lists import EdgeLists
from rostra.network.follows.store import FollowStore

__all__ = [
    "Edge",
    "EdgeLists",
    "FollowStore",
    "FollowWish",
    "NotAllowed",
    "Relationship",
    "forget_edges",
    "forget_follows",
]
