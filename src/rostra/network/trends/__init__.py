"""What many talk about at the moment, from a bounded look at the newest posts."""

from rostra.network.trends.store import TrendStore
from rostra.network.trends.tally import DAYS, POSTS_MAX, Day, Snapshot, Tally, TrendingTag, Trends, Use

__all__ = ["DAYS", "POSTS_MAX", "Day", "Snapshot", "Tally", "TrendStore", "TrendingTag", "Trends", "Use"]
