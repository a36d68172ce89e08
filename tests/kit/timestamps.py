"""A time-stamp authority of our own: OpenSSL's `ts` behind a small HTTP server on the loopback."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

_CONFIG = """
[req]
distinguished_name = name
prompt = no
[name]
CN = {name}
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[authority]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = stamps
[stamps]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
"""


class OwnAuthority:
    """roots: a PEM file with who vouches for it; chain: with its own certificate, too. asked: every query that came."""

    def __init__(self, folder: Path, name: str = "An authority of a test") -> None:
        folder.mkdir(parents=True)
        self.folder, self.roots = folder, folder / "root.pem"
        self.asked: list[bytes] = []
        self.answers: bytes | None = None  # what it says in place of a time stamp
        self.status = "200 OK"
        (folder / "serial").write_text("01\n")
        (folder / "ts.cnf").write_text(_CONFIG.format(folder=folder, name=name))
        self._make("root", "-x509", "-days", "30", "-extensions", "root", "-subj", f"/CN=Who vouches for {name}")
        self._make("tsa")
        signed = ["-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "30"]
        extensions = ["-extfile", "ts.cnf", "-extensions", "authority"]
        self._openssl("x509", "-req", "-in", "tsa.pem", *signed, *extensions, "-out", "tsa.crt")
        self.chain = folder / "chain.pem"
        self.chain.write_text(self.roots.read_text() + (folder / "tsa.crt").read_text())

    def stamp(self, query: bytes) -> bytes:
        """A TimeStampResp for a TimeStampReq (RFC 3161)."""
        (self.folder / "query.tsq").write_bytes(query)
        keys = ["-signer", "tsa.crt", "-inkey", "tsa.key"]
        self._openssl("ts", "-reply", "-config", "ts.cnf", "-queryfile", "query.tsq", *keys, "-out", "answer.tsr")
        return (self.folder / "answer.tsr").read_bytes()

    def verifies(self, note: Path, answer: Path) -> bool:
        """What OpenSSL says, which has none of our code."""
        asked = ["-data", str(note), "-in", str(answer), "-CAfile", "root.pem"]
        return "Verification: OK" in self._openssl("ts", "-verify", *asked)

    def _make(self, name: str, *more: str) -> None:
        key = ["-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key"]
        self._openssl("req", "-new", "-config", "ts.cnf", *key, "-out", f"{name}.pem", *more)

    def _openssl(self, *words: str) -> str:
        done = subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, text=True, check=True)
        return done.stdout + done.stderr


@asynccontextmanager
async def serving(authority: OwnAuthority) -> AsyncIterator[str]:
    """Its address, while the block runs."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length:")[2].split()[0])
        query = await reader.readexactly(length)
        authority.asked.append(query)
        said = authority.answers
        if said is None:
            said = await asyncio.to_thread(authority.stamp, query)
        lines = [f"HTTP/1.1 {authority.status}", "Content-Type: application/timestamp-reply", "Connection: close"]
        lines += [f"Content-Length: {len(said)}", "Location: http://127.0.0.1:1/elsewhere", "", ""]
        writer.write("\r\n".join(lines).encode() + said)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/tsa"
