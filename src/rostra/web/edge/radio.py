"""The progressive stream of one rendition, for radios and Icecast: endless HTTP with the words of the ICY protocol."""

from __future__ import annotations

from rostra.delivery.framing import Framer
from rostra.delivery.icy import METAINT_BYTES, IcyListener
from rostra.delivery.progressive import Fanout, Listener
from rostra.media.renditions import Rendition
from rostra.shield.concurrency import Bulkhead
from rostra.web.edge.asker import Asker
from rostra.web.edge.reply import Reply
from rostra.web.edge.request import Fields
from rostra.web.edge.server import Server


class Radio:
    """The address of one radio stream. title: the broadcast's, as radios show it; changed by `rename`."""

    bulkhead = Bulkhead.STREAMS

    def __init__(self, fanout: Fanout, server: Server, rendition: Rendition, framer: Framer) -> None:
        self.title = ""
        self._fanout = fanout
        self._server = server
        self._rendition = rendition
        self._framer = framer

    def answer(self, asker: Asker, query: bytes, fields: Fields, *, head: bool) -> Reply | None:
        woven = fields.icy and self._framer.icy
        answer = Reply(self._head(woven=woven).encode())
        if head:
            return answer
        listener: Listener = IcyListener(asker, self._shown_title) if woven else asker
        asker.start_stream(self._server.payload(answer, close=True), lambda _: self._fanout.leave(listener))
        listener.write(self._fanout.join(listener))
        return None

    def rename(self, title: str) -> None:
        """Those who listen are told too: by ICY at the next block, in Ogg before the next part."""
        if title != self.title:
            self.title = title
            link = self._framer.retitle(title)
            self._fanout.change_head(self._framer.preamble(title), link)

    def _shown_title(self) -> str:
        return self.title

    def _head(self, *, woven: bool) -> str:
        metaint = f"icy-metaint: {METAINT_BYTES}\r\n" if woven else ""
        return (
            f"HTTP/1.1 200 OK\r\ncontent-type: {self._framer.kind}\r\ncache-control: no-store\r\n"
            "access-control-allow-origin: *\r\n"
            f"icy-name: {_one_line(self.title)}\r\nicy-br: {self._rendition.bitrate_bps // 1000}\r\n"
            f"icy-sr: 48000\r\nicy-pub: 0\r\n{metaint}"
        )


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
