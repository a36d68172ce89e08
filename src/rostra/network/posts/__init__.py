"""Posts, boosts, and what people do with them."""

from rostra.network.posts.forgetting import forget_favourites, forget_owned, forget_posts
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
    Restricted,
    TagRef,
    Version,
    Written,
)
from rostra.network.posts.scheduled import (
    BadTime,
    NoSuchScheduled,
    Scheduled,
    ScheduledId,
    ScheduledStore,
    check_due,
    moment_in,
)
from rostra.network.posts.store import PostStore

__all__ = [
    "CHARACTERS",
    "IDEMPOTENCY_CHARACTERS",
    "MEDIA_MAX",
    "MENTIONS_MAX",
    "App",
    "BadTime",
    "Draft",
    "MarkStore",
    "MarkedBy",
    "Marks",
    "MentionRef",
    "NoSuchPost",
    "NoSuchScheduled",
    "NotYours",
    "Post",
    "PostInvalid",
    "PostStore",
    "Restricted",
    "Scheduled",
    "ScheduledId",
    "ScheduledStore",
    "TagRef",
    "Version",
    "Written",
    "check_due",
    "forget_favourites",
    "forget_owned",
    "forget_posts",
    "moment_in",
]
