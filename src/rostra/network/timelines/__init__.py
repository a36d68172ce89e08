"""Timelines, read from what is posted and who follows whom."""

from rostra.network.timelines.shapes import Only
from rostra.network.timelines.timelines import Marked, Timelines

__all__ = ["Marked", "Only", "Timelines"]
