"""Clean originals: what speakers' own browsers recorded, and the aligned sound that is made of it."""

from rostra.broadcast.originals.recordings import LocalPiece, LocalRecording, Original
from rostra.broadcast.originals.store import OriginalStore

__all__ = ["LocalPiece", "LocalRecording", "Original", "OriginalStore"]
