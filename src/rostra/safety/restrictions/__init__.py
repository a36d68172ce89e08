"""Restrictions: what a decision does to a post, a medium, an account, a broadcast or a span of one.

Nothing here knows a database, so an edge may ask too; what writes goes through `rostra.flows.restrict`.
"""

from rostra.safety.restrictions.following import follow
from rostra.safety.restrictions.restrictions import (
    BUCKET,
    EEA,
    EU,
    HIDING,
    IN_ROOM,
    OF_SERVICE,
    Kind,
    Measure,
    Restriction,
    RestrictionInvalid,
    Span,
    Standing,
    Subject,
    check,
)
from rostra.safety.restrictions.rule import ANYWHERE, FREE, Age, Answer, Level, Viewer, level, silences, visible
from rostra.safety.restrictions.view import View

__all__ = [
    "ANYWHERE",
    "BUCKET",
    "EEA",
    "EU",
    "FREE",
    "HIDING",
    "IN_ROOM",
    "OF_SERVICE",
    "Age",
    "Answer",
    "Kind",
    "Level",
    "Measure",
    "Restriction",
    "RestrictionInvalid",
    "Span",
    "Standing",
    "Subject",
    "View",
    "Viewer",
    "check",
    "follow",
    "level",
    "silences",
    "visible",
]
