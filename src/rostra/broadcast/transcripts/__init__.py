"""What was said in a broadcast, as captions and as a transcript."""

from rostra.broadcast.transcripts.store import CueStore
from rostra.broadcast.transcripts.transcript import Line, as_text, as_vtt, recording_begins, search, transcript

__all__ = ["CueStore", "Line", "as_text", "as_vtt", "recording_begins", "search", "transcript"]
