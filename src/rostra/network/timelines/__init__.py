"""Timelines, read from what is posted and who follows whom."""

from rostra.network.timelines.timelines import Marked, Only, Timelines

__all__ = ["Marked", "Only", "Timelines"]
