"""A whole Rostra for a test: `rostra up` as its user starts it, on free ports and a folder of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from rostra.apps.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class House:
    """A running `rostra up`. log: everything it has printed.

    standby, backstage: with a stage that stands by, with a second site for speakers, hosts and moderators. People get
    both; most tests do without.
    Its edge does not raise its level by itself: on a slow machine a browser or two are a crowd.
    """

    folder: Path
    demo: bool = False
    standby: bool = False
    backstage: bool = False
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=lambda: free_port(5))
    process: subprocess.Popen[bytes] | None = None

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def edge(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def stage(self) -> str:
        return f"http://127.0.0.1:{self.port + 2}"

    @property
    def organisers(self) -> str:
        """Where speakers, hosts and moderators are: a site of their own, if there is one."""
        return f"http://127.0.0.1:{self.port + 4}" if self.backstage else self.site

    @property
    def standby_port(self) -> int:
        return self.port + 3

    @property
    def ports(self) -> dict[str, int]:
        """Of each process that speaks HTTP."""
        return {"site": self.port, "edge": self.port + 1, "stage": self.port + 2, "standby": self.standby_port,
                "backstage": self.port + 4}  # fmt: skip

    @property
    def log(self) -> str:
        return (self.folder / "up.log").read_text()

    @property
    def run(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.folder / "data" / "run.json").read_text())
        return content

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "rostra", *words]

    def clean_environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ROSTRA_")}
        ours = {"PYTHONPATH": str(ROOT / "src"), "COLUMNS": "200", "ROSTRA_SHIELD_LEVELS": "by-hand"}
        ours |= {"ROSTRA_WARM_STANDBY": str(self.standby), "ROSTRA_BACKSTAGE_APART": str(self.backstage)}
        return {**kept, **ours, **self.environment}

    def start(self, seconds: float = 300) -> None:
        """Start and wait until `run.json` is there. Raises with the log when it does not come."""
        words = ["up", "--data", str(self.folder / "data"), "--port", str(self.port)]
        self.folder.mkdir(parents=True, exist_ok=True)
        log = (self.folder / "up.log").open("ab")
        self.process = subprocess.Popen(
            self.command(*words, *(["--demo"] if self.demo else [])),
            stdout=log,
            stderr=log,
            cwd=self.folder,
            env=self.clean_environment(),
        )
        log.close()
        end = time.monotonic() + seconds
        while not (self.folder / "data" / "run.json").exists():
            if self.process.poll() is not None:
                raise RuntimeError(f"rostra up ended with {self.process.returncode}:\n{self.log}")
            if time.monotonic() > end:
                self.stop()
                raise RuntimeError(f"rostra up was not ready within {seconds:g} s:\n{self.log}")
            time.sleep(0.05)

    def wait_for(self, name: str, seconds: float = 60) -> None:
        """Wait until a process says that it can work."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with suppress(httpx.HTTPError):
                answer = httpx.get(f"http://127.0.0.1:{self.ports[name]}/readyz", trust_env=False)
                if answer.status_code == 200:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"{name} was not ready within {seconds:g} s:\n{self.log[-3000:]}")

    def stop(self) -> int:
        """Ctrl-C; the exit status."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise
        return self.process.returncode

    def pid_of(self, name: str) -> int:
        """The process id of a child, found in /proc by its command line and parent.

        `standby` is the stage that was started to stand by, wherever the rooms are.
        """
        assert self.process is not None
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                words = (entry / "cmdline").read_bytes().decode().split("\0")
            except (OSError, ValueError, IndexError):
                continue
            words = [word[2:] for word in words if word in ("--standby", "--backstage")] or words
            if parent == self.process.pid and (name in words or any(Path(word).name == name for word in words[:1])):
                return int(entry.name)
        raise LookupError(f"no child {name}")
