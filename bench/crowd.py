"""A crowd of listeners in one process, as cheap as Python allows: `python -m bench.crowd stream|hls HOST PORT …`.

stream: N connections read a progressive stream; a JSON line says how many bytes came.
hls: N players ask for each next part by a blocking reload and then fetch it; a JSON line says how long after the
first answer of each round the last player had its playlist.
It connects to loopback only.
"""

from __future__ import annotations

import json
import re
import selectors
import socket
import sys
import time
from statistics import median
from typing import Final

from bench.harness import loopback_only
from rostra.platform.open_files import allow_all

PAUSE_S: Final = 0.02
CONNECT_EVERY_S: Final = 0.003
"""Icecast's queue of new connections holds five."""
HEAR_WITHIN_S: Final = 60.0


def stream(port: int, path: str, count: int, seconds: float) -> dict[str, object]:
    """Read for `seconds` after everybody has heard something."""
    selector = selectors.DefaultSelector()
    for _ in range(count):
        connection = _connect(port)
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
        connection.setblocking(False)
        selector.register(connection, selectors.EVENT_READ, data=False)
        time.sleep(CONNECT_EVERY_S)
    _until_all_hear(selector, count, path)
    print("connected", flush=True)
    buffer = bytearray(1 << 18)
    total = closed = 0
    end_s = time.monotonic() + seconds
    while (now_s := time.monotonic()) < end_s:
        for key, _ in selector.select(end_s - now_s):
            try:
                size = key.fileobj.recv_into(buffer)  # type: ignore[union-attr]
            except BlockingIOError:
                continue
            total += size
            if not size:
                selector.unregister(key.fileobj)
                closed += 1
        time.sleep(PAUSE_S)
    return {"bytes": total, "closed": closed}


def _until_all_hear(selector: selectors.BaseSelector, count: int, path: str) -> None:
    end_s = time.monotonic() + HEAR_WITHIN_S
    silent = count
    while silent:
        if time.monotonic() > end_s:
            raise SystemExit(f"{silent} of {count} listeners of {path} hear nothing after {HEAR_WITHIN_S:g} s")
        for key, _ in selector.select(1):
            assert isinstance(key.fileobj, socket.socket)
            if not key.fileobj.recv(1 << 18):
                raise SystemExit(f"{path} closes the connection")
            if not key.data:
                silent -= 1
                selector.modify(key.fileobj, selectors.EVENT_READ, data=True)


def hls(port: int, media: str, count: int, seconds: float) -> dict[str, object]:
    """Follow the playlist at `media` as `count` players would."""
    first = _connect(port)
    msn, part = _end_of(_get(first, f"{media}/index.m3u8").decode())
    selector = selectors.DefaultSelector()
    players = [_connect(port) for _ in range(count)]
    for player in players:
        player.setblocking(False)
        selector.register(player, selectors.EVENT_READ)
    print("connected", flush=True)
    spreads_ms: list[float] = []
    requests = wrong = newer = 0
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        target = f"{media}/index.m3u8?_HLS_msn={msn}&_HLS_part={part}"
        answer, spread_s, others = _round(selector, players, target)
        spreads_ms.append(spread_s * 1000)
        uri = re.findall(r'PART:.*URI="(p\d+\.m4s)"', answer.decode())[-1]
        msn, part = _end_of(answer.decode())
        _, _, other_parts = _round(selector, players, f"{media}/{uri}")
        requests += 2 * count
        newer += others  # the playlist was written anew meanwhile
        wrong += other_parts
    return {
        "requests": requests,
        "wrong": wrong,
        "newer_playlists": newer,
        "rounds": len(spreads_ms),
        "wake_ms_median": median(spreads_ms),
        "wake_ms_max": max(spreads_ms),
    }


def _round(selector: selectors.BaseSelector, players: list[socket.socket], target: str) -> tuple[bytes, float, int]:
    """Everybody asks for the same: the body, the time from the first whole answer to the last, and how many others
    than the first came."""
    request = f"GET {target} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()
    for player in players:
        player.send(request)
    pending = dict.fromkeys(players, b"")
    body: bytes | None = None
    size = others = 0
    first_s = last_s = 0.0
    while pending:
        for key, _ in selector.select(20):
            player = key.fileobj
            assert isinstance(player, socket.socket)
            data = pending[player] + player.recv(1 << 16)
            if body is None and (body := _body(data)) is not None:
                size, first_s = len(data), time.monotonic()
            if body is None or len(data) < size:
                pending[player] = data
                continue
            others += not data.endswith(body)
            del pending[player]
            last_s = time.monotonic()
    assert body is not None
    return body, last_s - first_s, others


def _body(data: bytes) -> bytes | None:
    head, found, body = data.partition(b"\r\n\r\n")
    if not found:
        return None
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.decode("latin-1"))
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    return body if length is not None and len(body) >= int(length[1]) else None


def _get(connection: socket.socket, path: str) -> bytes:
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
    data = b""
    while (body := _body(data)) is None:
        data += connection.recv(1 << 16)
    return body


def _end_of(playlist: str) -> tuple[int, int]:
    """Segment and part of the next part, as its preload hint names it."""
    hint = re.search(r'PRELOAD-HINT:.*URI="p(\d+)\.m4s"', playlist)
    assert hint is not None, playlist
    return divmod(int(hint[1]), 8)


def _connect(port: int) -> socket.socket:
    loopback_only(f"http://127.0.0.1:{port}")
    return socket.create_connection(("127.0.0.1", port))


if __name__ == "__main__":
    kind, port, path, count, seconds = sys.argv[1:]
    allow_all()
    act = {"stream": stream, "hls": hls}[kind]
    print(json.dumps(act(int(port), path, int(count), float(seconds))), flush=True)
