"""Posts, boosts, and what people do with them."""

from rostra.network.posts.marks import MarkedBy, MarkStore
from rostra.network.posts.posts import (
    CHARACTERS,
    IDEMPOTENCY_CHARACTERS,
    MEDIA_MAX,
    MENTIONS_MAX,
    App,
    Draft,
    Marks,
    MentionRef,
    NoSuchPost,
    NotYours,
    Post,
    PostInvalid,
    TagRef,
    Version,
    Written,
)
from rostra.network.posts.store import PostStore

__all__ = [
    "CHARACTERS",
    "IDEMPOTENCY_CHARACTERS",
    "MEDIA_MAX",
    "MENTIONS_MAX",
    "App",
    "Draft",
    "MarkStore",
    "MarkedBy",
    "Marks",
    "MentionRef",
    "NoSuchPost",
    "NotYours",
    "Post",
    "PostInvalid",
    "PostStore",
    "TagRef",
    "Version",
    "Written",
]
