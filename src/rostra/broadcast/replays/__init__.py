"""What becomes of a recording: edits with cuts, clips, the picture of its sound."""

from rostra.broadcast.replays.clips import Clip
from rostra.broadcast.replays.cuts import Cuts, Span, cuts_of
from rostra.broadcast.replays.edits import Edit, EditState, Replay, Source, current, replay_of
from rostra.broadcast.replays.store import ClipStore, EditStore, Peaks

__all__ = [
    "Clip",
    "ClipStore",
    "Cuts",
    "Edit",
    "EditState",
    "EditStore",
    "Peaks",
    "Replay",
    "Source",
    "Span",
    "current",
    "cuts_of",
    "replay_of",
]
