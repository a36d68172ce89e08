"""Link cards: what a linked page says of itself, fetched once after posting and never on a reader's request."""

from rostra.network.previews.addresses import is_public
from rostra.network.previews.fetching import Fetcher, NoPreview, Page, Pinned, Policy, Resolve, resolve
from rostra.network.previews.reading import Card, card_in
from rostra.network.previews.store import Job, PreviewStore

__all__ = [
    "Card",
    "Fetcher",
    "Job",
    "NoPreview",
    "Page",
    "Pinned",
    "Policy",
    "PreviewStore",
    "Resolve",
    "card_in",
    "is_public",
    "resolve",
]
