"""Broadcasts: when they are, what may happen to them, and who is invited on stage."""

from rostra.broadcast.calendar import calendar_file
from rostra.broadcast.chapters import Chapter, Mark, MarkKind, chapters
from rostra.broadcast.invitations import Invitation
from rostra.broadcast.lifecycle import Act, IllegalMove
from rostra.broadcast.readiness import Check, Surroundings, late_text, readiness
from rostra.broadcast.recordings import Dump, Recording, Track
from rostra.broadcast.schedule import AiringShape, Broadcast, Visibility, Wish
from rostra.broadcast.store import BroadcastStore, DumpStore, InvitationStore, MarkStore

__all__ = [
    "Act",
    "AiringShape",
    "Broadcast",
    "BroadcastStore",
    "Chapter",
    "Check",
    "Dump",
    "DumpStore",
    "IllegalMove",
    "Invitation",
    "InvitationStore",
    "Mark",
    "MarkKind",
    "MarkStore",
    "Recording",
    "Surroundings",
    "Track",
    "Visibility",
    "Wish",
    "calendar_file",
    "chapters",
    "late_text",
    "readiness",
]
