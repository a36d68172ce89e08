"""What every scenario needs: processes of peers, their CPU time, findings, and a promise to stay on loopback."""

from __future__ import annotations

import ipaddress
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import psutil

from rostra.apps.ports import free_port
from rostra.platform.open_files import allow_all
from tests.kit.servers import wait_for_port

ROOT: Final = Path(__file__).resolve().parent.parent
RESULTS: Final = ROOT / "bench" / "results"
CONNECTIONS: Final = 64
LATE_S: Final = 2


class Refused(Exception):
    """The bench will not do that."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One measured number.

    value: in `unit`; peer: the same of the peer, measured in the same run; bar: what we promise, as a sentence;
    kept: whether the promise holds, None when there is none.
    """

    scenario: str
    what: str
    value: float
    unit: str
    peer: float | None = None
    ratio: float | None = None
    bar: str = ""
    kept: bool | None = None
    facts: dict[str, object] = field(default_factory=dict)


def loopback_only(url: str) -> str:
    """`url`, if its host is an address of this machine's loopback. Raises Refused for anything else, names too."""
    host = urlsplit(url).hostname or ""
    try:
        if ipaddress.ip_address(host).is_loopback:
            return url
    except ValueError:
        pass
    raise Refused(f"{url}: the bench loads only 127.0.0.0/8 and ::1")


class Running:
    """A process that the bench started, with its children."""

    def __init__(
        self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str], told: bytes | None = None
    ) -> None:
        """told: a line on its standard input, which then stays open until it is stopped."""
        self.name = name
        self._log = log
        pipe = None if told is None else subprocess.PIPE
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command, stdin=pipe, stdout=output, stderr=output, env={**os.environ, **environment}, cwd=ROOT
            )
        self.tell(told)
        self._psutil = psutil.Process(self._process.pid)

    @property
    def popen(self) -> subprocess.Popen[bytes]:
        return self._process

    def tell(self, line: bytes | None) -> None:
        if line is not None:
            assert self._process.stdin is not None
            self._process.stdin.write(line + b"\n")
            self._process.stdin.flush()

    def cpu_s(self) -> float:
        """User and system time so far, all threads and children."""
        total = 0.0
        for process in [self._psutil, *self._psutil.children(recursive=True)]:
            times = process.cpu_times()
            total += times.user + times.system
        return total

    def rss_bytes(self) -> int:
        every = [self._psutil, *self._psutil.children(recursive=True)]
        return int(sum(process.memory_info().rss for process in every))

    def pss_bytes(self) -> int:
        """Like `rss_bytes`, but what is shared with other processes counts by its share."""
        every = [self._psutil, *self._psutil.children(recursive=True)]
        return int(sum(process.memory_full_info().pss for process in every))

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def log_text(self) -> str:
        return self._log.read_text(errors="replace")


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line may change. minutes: how long thirteen speakers talk. posts: how many are searched.

    cases: how many the desk has; 0 for what each engine is measured with.
    """

    minutes: float = 10.0
    posts: int = 1_000_000
    cases: int = 0


class Bench:
    """One run of a scenario: a folder that goes away and processes that stop."""

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self._stack = ExitStack()
        self.folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="rostra-bench-")))
        self.folder.chmod(0o755)

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        port: int | None = None,
        environment: Mapping[str, str] | None = None,
        told: bytes | None = None,
    ) -> Running:
        """Start a process; wait until it listens on `port`. Raises RuntimeError with its log when it does not."""
        running = Running(name, command, self.folder / f"{name}.log", environment or {}, told)
        self._stack.callback(running.stop)
        if port is not None:
            try:
                wait_for_port(port, running.popen, name)
            except RuntimeError as error:
                raise RuntimeError(f"{error}\n{running.log_text()}") from error
        return running

    def python(
        self,
        name: str,
        *command: str,
        port: int | None = None,
        environment: Mapping[str, str] | None = None,
        told: bytes | None = None,
    ) -> Running:
        """Start one of our own modules: `python -m command…`."""
        path = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
        ours = {"PYTHONPATH": path, **(environment or {})}
        return self.start(name, [sys.executable, "-m", *command], port=port, environment=ours, told=told)

    def on_exit(self, act: Callable[[], object]) -> None:
        self._stack.callback(act)

    def port(self) -> int:
        return free_port()


def need_files(count: int) -> None:
    """Let this process, and those it starts, have `count` open files. Raises Refused with what to do."""
    if (allowed := allow_all()) < count:
        raise Refused(f"this needs {count} open files and {allowed} are allowed: `ulimit -Hn {count}` as root, first")


def need(program: str) -> str:
    """Path of a peer's program. Raises Refused with the package to install."""
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        raise Refused(f"{program} is not installed; `make bench` installs the peers from Debian's packages")
    return found


@dataclass(frozen=True, slots=True)
class Load:
    """What a load generator did. wrong: answers other than 2xx, broken connections, and `late`: those that took more
    than LATE_S, of which nobody knows more than that.
    """

    requests: int
    seconds: float
    wrong: int
    late: int = 0


def wrk(
    url: str, *, seconds: float, gzip: bool = False, connections: int = CONNECTIONS, script: Path | None = None
) -> Load:
    """Keep-alive load on one address by Debian's wrk, as much as one core can make. script: what it asks, in Lua."""
    command = [need("wrk"), "-t1", f"-c{connections}", f"-d{seconds:g}s", f"--timeout={LATE_S}s"]
    if gzip:
        command += ["-H", "Accept-Encoding: gzip"]
    if script is not None:
        command += ["-s", str(script)]
    started_s = time.monotonic()
    output = subprocess.run([*command, loopback_only(url)], check=True, capture_output=True, text=True).stdout
    requests = re.search(r"(\d+) requests in", output)
    if requests is None:
        raise RuntimeError(f"wrk said: {output}")
    wrong = sum(int(number) for number in re.findall(r"Non-2xx or 3xx responses: (\d+)", output))
    broken = {name: int(number) for name, number in re.findall(r"(connect|read|write|timeout) (\d+)", output)}
    late = broken.get("timeout", 0)
    return Load(int(requests[1]), time.monotonic() - started_s, wrong + sum(broken.values()), late)


def write_results(findings: Sequence[Finding]) -> Path:
    """All findings of a run as JSON, with what is needed to judge them."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    path = RESULTS / f"{stamp}.json"
    content = {
        "at": stamp,
        "commit": commit.stdout.strip(),
        "python": platform.python_version(),
        "kernel": platform.release(),
        "cores": os.cpu_count(),
        "load_average": os.getloadavg(),
        "findings": [asdict(finding) for finding in findings],
    }
    path.write_text(json.dumps(content, indent=2) + "\n")
    return path
