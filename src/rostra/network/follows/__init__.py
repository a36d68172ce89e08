"""Who follows, blocks and mutes whom."""

from rostra.network.follows.domains import DomainBlockStore, domain_of
from rostra.network.follows.edges import Edge, FollowWish, NotAllowed, Relationship
from rostra.network.follows.endorsements import EndorsementStore
from rostra.network.follows.forgetting import forget_edges, forget_follows
from rostra.network.follows.lists import EdgeLists
from rostra.network.follows.store import FollowStore
from rostra.network.follows.suggestions import Suggestion, SuggestionStore

__all__ = [
    "DomainBlockStore",
    "Edge",
    "EdgeLists",
    "EndorsementStore",
    "FollowStore",
    "FollowWish",
    "NotAllowed",
    "Relationship",
    "Suggestion",
    "SuggestionStore",
    "domain_of",
    "forget_edges",
    "forget_follows",
]
