"""A Rostra whose processes run on their own, as on several machines: two stages, so that one can stand by."""

from __future__ import annotations

import signal
import subprocess
from dataclasses import dataclass, field

from tests.kit.running import House
from tests.kit.servers import Nats


@dataclass
class Apart(House):
    """A NATS server, a site, an edge and two stages, `stage` and `standby`; nobody starts anew what has died."""

    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, seconds: float = 300) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "data").mkdir()
        self._nats = Nats(self.folder)
        self._nats.start()
        self.environment |= {
            "ROSTRA_NATS_URL": self._nats.url,
            "ROSTRA_DATA_DIR": str(self.folder / "data"),
            "ROSTRA_SITE_PORT": str(self.port),
            "ROSTRA_EDGE_PORT": str(self.port + 1),
            "ROSTRA_STAGE_PORT": str(self.port + 2),
            "ROSTRA_STANDBY_URLS": f"http://127.0.0.1:{self.standby_port}",
        }
        try:
            for name in ("site", "edge", "stage", "standby"):
                self.run_process(name)
            for name in self.processes:
                self.wait_for(name, seconds)
        except BaseException:
            self.stop()
            raise

    def run_process(self, name: str) -> None:
        kind = "stage" if name == "standby" else name
        environment = self.clean_environment()
        if name == "standby":
            environment["ROSTRA_STAGE_PORT"] = str(self.standby_port)
        with (self.folder / "up.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                self.command(kind), stdout=log, stderr=log, cwd=self.folder, env=environment
            )

    def pid_of(self, name: str) -> int:
        return self.processes[name].pid

    def kill(self, name: str) -> None:
        self.processes[name].kill()
        self.processes[name].wait()

    def bus_goes(self) -> None:
        """NATS is killed."""
        self._nats.kill()

    def bus_comes(self) -> None:
        """It is there again, at the same address, with what it had on the disk."""
        self._nats.start()

    def stop(self) -> int:
        for process in reversed(self.processes.values()):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._nats.kill()
        return 0
