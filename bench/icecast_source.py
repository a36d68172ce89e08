"""Feeds Icecast the same tone in the same AAC frames: `python -m bench.icecast_source PORT`.

Frame by frame, as an encoder does; Icecast gathers 1,400 bytes before it writes to its listeners.
"""

from __future__ import annotations

import base64
import socket
import sys
import time

from rostra.delivery.framing import AdtsFramer
from rostra.media.clock import AAC_FRAME_SAMPLES, SAMPLE_RATE_HZ, MediaClock
from rostra.media.renditions import AAC_STEREO
from tests.kit.programme import tone_part

MOUNT = "/bench.aac"


def feed(port: int) -> None:
    """Send each frame when it is over, for ever."""
    framer, clock = AdtsFramer(AAC_STEREO), MediaClock(0)
    source = socket.create_connection(("127.0.0.1", port))
    login = base64.b64encode(b"source:bench").decode()
    source.sendall(
        f"PUT {MOUNT} HTTP/1.1\r\nHost: bench\r\nAuthorization: Basic {login}\r\n"
        "Content-Type: audio/aac\r\nExpect: 100-continue\r\n\r\n".encode()
    )
    answer = source.recv(1024)
    if b" 100 " not in answer and b" 200 " not in answer:
        raise SystemExit(f"icecast refuses the source: {answer!r}")
    started_s, sent = time.monotonic(), 0
    while True:
        for frame in tone_part(sent // clock.part_frames).frames:
            source.sendall(framer.chunk(0, [frame]))
            sent += 1
            time.sleep(max(0.0, started_s + sent * AAC_FRAME_SAMPLES / SAMPLE_RATE_HZ - time.monotonic()))


if __name__ == "__main__":
    feed(int(sys.argv[1]))
