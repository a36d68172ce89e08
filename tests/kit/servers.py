"""Real servers for tests: NATS and PostgreSQL on loopback, each in a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from rostra.apps.ports import free_port

POSTGRES_BIN = Path("/usr/lib/postgresql/15/bin")


def nats_binary() -> str:
    beside = Path(sys.executable).with_name("nats-server")
    return str(beside) if beside.exists() else "nats-server"


def wait_for_port(
    port: int, process: subprocess.Popen[bytes], what: str, seconds: float = 15, address: str = "127.0.0.1"
) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"{what} ended with {process.returncode} before it listened")
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex((address, port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"{what} did not listen on {port} within {seconds:g} s")


class Nats:
    """A nats-server that a test may kill and start again on the same port and store."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        log = (self._folder / "nats.log").open("ab")
        command = [nats_binary(), "-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", str(self._folder / "store")]
        self._process = subprocess.Popen(command, stdout=log, stderr=log)
        log.close()
        wait_for_port(self.port, self._process, "nats-server")

    def kill(self) -> None:
        """SIGKILL: what was only in memory is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


class Postgres:
    """A PostgreSQL cluster in a folder of its own, that a test may kill and start again on the same port.

    durable: a commit is on the disk before it is answered. PostgreSQL refuses to run as root, so root hands it to the
    user that Debian's package made.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._port = free_port()
        self.url = f"postgresql://rostra@127.0.0.1:{self._port}/postgres"
        self._identity: dict[str, Any] = {}
        self._folder = Path(tempfile.mkdtemp(prefix="rostra-postgres-"))
        data = self._folder / "data"
        data.mkdir()
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            self._identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            for owned in (self._folder, data):
                os.chown(owned, user.pw_uid, user.pw_gid)
        make = [str(POSTGRES_BIN / "initdb"), "-D", str(data), "-A", "trust", "-U", "rostra", "-E", "UTF8", "--no-sync"]
        subprocess.run(make, check=True, capture_output=True, cwd=self._folder, **self._identity)
        settings: dict[str, Any] = {
            "port": self._port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": data,
        }
        if not durable:
            settings["fsync"] = "off"
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self._command = [str(POSTGRES_BIN / "postgres"), "-D", str(data), *options]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, cwd=self._folder, start_new_session=True, **self._identity
            )
        wait_for_port(self._port, self._process, "postgres")
        _wait_until_ready(self._port, self._process)

    def kill(self) -> None:
        """SIGKILL to all of its processes: what was only in memory is gone."""
        if self._process is not None:
            server = psutil.Process(self._process.pid)
            server.suspend()  # so that it starts nothing anew in between
            every = server.children(recursive=True)
            for each in (*every, server):
                each.kill()
            self._process.wait()
            psutil.wait_procs(every, timeout=10)
            self._process = None

    def end(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # "fast": open connections are closed
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[str]:
    """Such a cluster; yields postgresql://… of its superuser."""
    server = Postgres(durable=durable)
    try:
        server.start()
        yield server.url
    finally:
        server.end()


def _wait_until_ready(port: int, process: subprocess.Popen[bytes], seconds: float = 30) -> None:
    """PostgreSQL listens before it lets anybody in."""
    end = time.monotonic() + seconds
    while subprocess.run(
        [POSTGRES_BIN / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], check=False
    ).returncode:
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"postgres did not let anybody in within {seconds:g} s")
        time.sleep(0.05)


@contextmanager
def coturn(folder: Path, *, secret: str, address: str = "127.0.0.1") -> Iterator[int]:
    """A TURN server at `address` that takes credentials made of `secret`; yields its port."""
    port = free_port()
    command = ["turnserver", "-n", "--use-auth-secret", f"--static-auth-secret={secret}", "--realm=rostra.test"]
    command += [f"--listening-ip={address}", f"--listening-port={port}", f"--relay-ip={address}"]
    command += ["--allow-loopback-peers", "--no-tls", "--no-dtls", "--no-cli", "--no-software-attribute", "--verbose"]
    command += [f"--pidfile={folder / 'turn.pid'}", f"--userdb={folder / 'turn.db'}", "--log-file=stdout"]
    with (folder / "turn.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        wait_for_port(port, process, "turnserver", address=address)
        yield port
    finally:
        process.terminate()
        process.wait(10)
