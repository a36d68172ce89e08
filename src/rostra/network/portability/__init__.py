"""Taking along what is one's own, and bringing along what one had elsewhere."""

from rostra.network.portability.exports import Export, ExportId, ExportState, ExportStore, NoExport, TooEarly
from rostra.network.portability.imports import Import, ImportId, ImportStore, Miss, StillAtIt, Work
from rostra.network.portability.sheets import NoSheet, Sheet, handle_in, is_true, lines_of

__all__ = [
    "Export",
    "ExportId",
    "ExportState",
    "ExportStore",
    "Import",
    "ImportId",
    "ImportStore",
    "Miss",
    "NoExport",
    "NoSheet",
    "Sheet",
    "StillAtIt",
    "TooEarly",
    "Work",
    "handle_in",
    "is_true",
    "lines_of",
]
