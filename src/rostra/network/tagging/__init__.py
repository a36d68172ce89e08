"""Hashtags that somebody follows, and those that somebody shows on their profile."""

from rostra.network.tagging.store import FEATURED_MAX, FOLLOWED_MAX, Featured, TagStore, TooManyTags
from rostra.network.tagging.tables import FeaturedTagRow, TagFollowRow

__all__ = ["FEATURED_MAX", "FOLLOWED_MAX", "Featured", "FeaturedTagRow", "TagFollowRow", "TagStore", "TooManyTags"]
