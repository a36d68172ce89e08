"""Streams of what happens, for those who are connected."""

from rostra.network.streaming.audience import Edges, Facts, ListEdges
from rostra.network.streaming.events import (
    SUBJECT,
    AccessChanged,
    Conversed,
    Deleted,
    EdgesChanged,
    Edited,
    Event,
    FiltersChanged,
    Notified,
    Posted,
    SendersAccepted,
    decode,
    encode,
)
from rostra.network.streaming.hub import CONNECTIONS_MAX, Connection, Hub, HubFull, Target, TooManyStreams
from rostra.network.streaming.outlet import Outlet
from rostra.network.streaming.store import edges_of
from rostra.network.streaming.streams import NoSuchStream, ParameterMissing, Stream, stream_at, stream_of

__all__ = [
    "CONNECTIONS_MAX",
    "SUBJECT",
    "AccessChanged",
    "Connection",
    "Conversed",
    "Deleted",
    "Edges",
    "EdgesChanged",
    "Edited",
    "Event",
    "Facts",
    "FiltersChanged",
    "Hub",
    "HubFull",
    "ListEdges",
    "NoSuchStream",
    "Notified",
    "Outlet",
    "ParameterMissing",
    "Posted",
    "SendersAccepted",
    "Stream",
    "Target",
    "TooManyStreams",
    "decode",
    "edges_of",
    "encode",
    "stream_at",
    "stream_of",
]
