"""The streaming API of Mastodon: WebSocket and server-sent events, since apps speak one or the other."""

from rostra.web.mastodon.streaming.door import streamed
from rostra.web.mastodon.streaming.feed import Feed
from rostra.web.mastodon.streaming.server import StreamBounds, StreamServer

__all__ = ["Feed", "StreamBounds", "StreamServer", "streamed"]
