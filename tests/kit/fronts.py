"""A real HAProxy with the configuration that `rostra config haproxy` prints, before servers that say who they are."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from rostra.shield.front import Front, configuration
from tests.kit.servers import free_port, wait_for_port

HAPROXY = "/usr/sbin/haproxy"
DOOR_S = 15.0
CHECKS = ("/readyz", "/healthz")
PART = b"\0" * 40_000


class Echo(ThreadingHTTPServer):
    """Answers every request with its own name and what it was asked.

    asked: how often, by path; told: the header fields of the last request, by path, names in small letters;
    most_at_once: the most requests that it answered at the same time. gate: while it is shut nothing is answered but
    the front's own checks. ready: what it says of itself; it runs in any case.
    """

    daemon_threads = True
    request_queue_size = 256
    """With five, as it comes, whoever connects while it is busy tries again a second later."""

    def __init__(self, name: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.name = name
        self.asked: Counter[str] = Counter()
        self.told: dict[str, dict[str, str]] = {}
        self.most_at_once = self.at_once = 0
        self.counting = threading.Lock()
        self.ready = True
        self.gate = threading.Event()
        self.gate.set()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_: object) -> None:
        """HAProxy hangs up on its own checks as soon as it has read the status."""

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Echo

    def do_GET(self) -> None:
        if self.path in CHECKS:
            self._answer()
            return
        self._count(1)
        try:
            self.server.gate.wait(30)
            self._answer()
        finally:
            self._count(-1)

    def _count(self, by: int) -> None:
        with self.server.counting:
            self.server.at_once += by
            self.server.most_at_once = max(self.server.most_at_once, self.server.at_once)

    def _answer(self) -> None:
        self.server.asked[self.path] += 1
        self.server.told[self.path] = {name.lower(): value for name, value in self.headers.items()}
        immutable = self.path.endswith(".m4s")
        told = {
            "who": self.server.name,
            "path": self.path,
            "method": self.command,
            "fields": dict(self.headers.items()),
        }
        body = PART if immutable else json.dumps(told).encode()
        self.send_response(503 if self.path == "/readyz" and not self.server.ready else 200)
        self.send_header("Cache-Control", "public, max-age=1209600, immutable" if immutable else "no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def do_OPTIONS(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Nothing is said of each request."""


class House:
    """HAProxy and the three kinds of process behind it."""

    def __init__(self, folder: Path, **options: object) -> None:
        self.site, self.edge, self.stage, self.behind = (Echo(name) for name in ("site", "edge", "stage", "backstage"))
        self.port = free_port()
        self.socket = str(folder / "haproxy.sock")
        self.file = folder / "haproxy.cfg"
        front = Front(
            edges=(self.edge.address,),
            sites=(self.site.address,),
            stages=(self.stage.address,),
            backstages=(self.behind.address,),
            bind=(f"127.0.0.1:{self.port}", f"[::1]:{self.port}"),
            socket=self.socket,
        )
        self.front = replace(front, **options)  # type: ignore[arg-type]
        self.file.write_text(configuration(self.front))

    @contextmanager
    def running(self) -> Iterator[House]:
        try:
            with haproxy(self.file, self.port, Path(self.socket)):
                yield self
        finally:
            for server in (self.site, self.edge, self.stage, self.behind):
                server.shutdown()
                server.server_close()


@contextmanager
def haproxy(file: Path, port: int, socket: Path | None = None) -> Iterator[None]:
    """One that runs, from the moment on at which it listens: at `port`, and at its own door if that is named."""
    log = file.with_suffix(".log").open("wb")
    process = subprocess.Popen([HAPROXY, "-db", "-f", str(file)], stdout=log, stderr=log)
    try:
        wait_for_port(port, process, "haproxy")
        end_s = time.monotonic() + DOOR_S
        while socket is not None and not socket.exists():
            assert time.monotonic() < end_s, "haproxy listens, but its own door never came"
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()


def checked(text: str, folder: Path) -> str:
    """What `haproxy -c` says of a configuration."""
    file = folder / "checked.cfg"
    file.write_text(text)
    found = subprocess.run([HAPROXY, "-c", "-f", str(file)], capture_output=True, check=False)
    return (found.stdout + found.stderr).decode()
