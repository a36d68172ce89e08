"""Starts a crowd in a process of its own and asks what it got."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench.harness import ROOT, need_files


class Crowd:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def facts(self) -> dict[str, object]:
        """Wait for the end of its listening; what `bench.crowd` says of it."""
        assert self._process.stdout is not None
        facts: dict[str, object] = json.loads(self._process.stdout.readline())
        return facts


@contextmanager
def a_crowd(kind: str, port: int, path: str, count: int, seconds: float) -> Iterator[Crowd]:
    """`count` listeners, all connected. kind: "stream" or "hls". Raises RuntimeError when they do not connect."""
    need_files(count + 200)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
    command = [sys.executable, "-m", "bench.crowd", kind, str(port), path, str(count), str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)
    assert process.stdout is not None
    try:
        if process.stdout.readline().strip() != "connected":
            raise RuntimeError("the crowd did not connect")
        yield Crowd(process)
    finally:
        process.kill()
        process.wait()
