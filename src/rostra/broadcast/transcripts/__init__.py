"""What was said in a broadcast, as captions and as a transcript."""

from rostra.broadcast.transcripts.store import CueStore

__all__ = ["CueStore"]
