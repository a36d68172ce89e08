"""A site as it comes, `rostra site`, beside a NATS of its own, for scenarios about notices and cases. Loopback only."""

from __future__ import annotations

import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import httpx

from bench.harness import Bench, Running
from tests.kit.servers import Nats

READY_S: Final = 120


class LawSite:
    """Started, killed and started again on the same port, folder and database."""

    def __init__(self, bench: Bench, database_url: str, folder: Path, **settings: str) -> None:
        """settings: of `rostra.toml`, by their names."""
        folder.mkdir(parents=True, exist_ok=True)
        self._bench = bench
        self._nats = Nats(folder)
        self._nats.start()
        bench.on_exit(self._nats.kill)
        self.port = bench.port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.data = folder / "data"
        named = {
            "nats_url": self._nats.url,
            "database_url": database_url,
            "data_dir": str(self.data),
            "site_port": str(self.port),
            "site_url": self.url,
            "metrics_port": "0",
            **settings,
        }
        self._environment = {f"ROSTRA_{name.upper()}": value for name, value in named.items()}
        self.running: Running | None = None

    def start(self) -> None:
        """Start it, and wait until it can work."""
        self.running = self._bench.python("site", "rostra", "site", environment=self._environment)
        end_s = time.monotonic() + READY_S
        while time.monotonic() < end_s and self.running.popen.poll() is None:
            with suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/readyz", trust_env=False).status_code == 200:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"the site was not ready within {READY_S} s:\n{self.running.log_text()[-3000:]}")

    def kill(self) -> None:
        """SIGKILL."""
        assert self.running is not None
        self.running.popen.kill()
        with suppress(subprocess.TimeoutExpired):
            self.running.popen.wait(10)

    @property
    def cookie_name(self) -> str:
        return f"rostra_session_{self.port}"
