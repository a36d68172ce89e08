"""What stands in front of an edge: nginx and HAProxy with TLS and HTTP/2 as the documentation has them, and Icecast."""

from __future__ import annotations

import asyncio
import grp
import io
import os
import pwd
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import av
import httpx
import m3u8
import pytest

from rostra.apps.ports import free_port
from rostra.media import wire
from rostra.media.part import Part, encode_part
from rostra.media.renditions import MP3_MONO, OPUS_STEREO, Rendition
from rostra.media.wire import Airing
from rostra.platform.bus import Bus
from tests.integration.delivery.test_edge import (
    _fields,
    airing,
    an_edge,
    ready_bus,
    until_playable,
)
from tests.kit.ending import call_off
from tests.kit.servers import wait_for_port

__all__ = ["airing", "ready_bus"]
EXAMPLES = Path(__file__).parents[3] / "docs" / "operate" / "examples"
PATH = "/live/4711/aac64/"


@contextmanager
def running(port: int, *command: str) -> Iterator[None]:
    with tempfile.TemporaryFile() as said:  # a pipe that nobody reads would stop the server when it is full
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
        try:
            wait_for_port(port, process, command[0])
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)
            said.seek(0)
            print(said.read().decode()[-2000:])


def certificate(folder: Path) -> Path:
    """A key and a certificate for 127.0.0.1 that signs itself."""
    wish = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    files = ["-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"]
    subprocess.run([*wish.split(), *files], check=True, capture_output=True)
    both = (folder / "privkey.pem").read_bytes() + (folder / "fullchain.pem").read_bytes()
    (folder / "listen.pem").write_bytes(both)
    return folder / "fullchain.pem"


@contextmanager
def nginx(folder: Path, port: int, edge: str) -> Iterator[None]:
    """The example with this machine's names, in the least of a frame that nginx needs."""
    example = (EXAMPLES / "nginx-edge.conf").read_text()
    for name, here in (
        ("/var/cache/nginx/rostra", f"{folder}/cache"),
        ("/etc/ssl/rostra", str(folder)),
        ("listen 443", f"listen 127.0.0.1:{port}"),
        ("127.0.0.1:8001", edge.removeprefix("http://")),
    ):
        assert name in example
        example = example.replace(name, here)
    user = f"user {pwd.getpwuid(os.geteuid()).pw_name};" if os.geteuid() == 0 else ""
    paths = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; {user} pid {folder}/nginx.pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ access_log off; {paths}\n{example}\n}}\n"
    )
    with running(port, "/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")):
        yield


@contextmanager
def haproxy(folder: Path, port: int, edge: str) -> Iterator[None]:
    example = (EXAMPLES / "haproxy-edge.cfg").read_text()
    for name, here in (
        ("/etc/ssl/rostra", str(folder)),
        ("bind :443", f"bind 127.0.0.1:{port}"),
        ("127.0.0.1:8001", edge.removeprefix("http://")),
        ("maxconn 20000", "maxconn 200"),
    ):
        assert name in example
        example = example.replace(name, here)
    (folder / "haproxy.cfg").write_text(example)
    with running(port, "/usr/sbin/haproxy", "-db", "-f", str(folder / "haproxy.cfg")):
        yield


@pytest.mark.parametrize("proxy", [nginx, haproxy])
async def test_listeners_over_http_2(ready_bus: Bus, airing: Airing, tmp_path: Path, proxy: object) -> None:
    """A blocked reload, the hinted part, many who ask the same, what a cache says of itself, an endless stream."""
    port = free_port()
    trust = ssl.create_default_context(cafile=certificate(tmp_path))
    async with an_edge(ready_bus) as edge:
        async with httpx.AsyncClient() as direct:
            await until_playable(direct, edge, airing)
        with proxy(tmp_path, port, edge):  # type: ignore[operator]
            async with httpx.AsyncClient(
                http2=True, verify=trust, base_url=f"https://127.0.0.1:{port}", timeout=20, trust_env=False
            ) as client:
                first = await client.get(f"{PATH}index.m3u8")
                assert first.http_version == "HTTP/2"
                assert first.headers["content-encoding"] == "gzip"
                parsed = m3u8.loads(first.text)
                hinted = str(parsed.preload_hint.uri)
                segment, part = divmod(int(hinted[1:-4]) + 1, 8)

                query = f"{PATH}index.m3u8?_HLS_msn={segment}&_HLS_part={part}"
                *same, sound = await asyncio.gather(*(client.get(query) for _ in range(8)), client.get(PATH + hinted))
                assert {answer.status_code for answer in (*same, sound)} == {200}
                assert all(f"p{segment * 8 + part}.m4s" in answer.text for answer in same)
                assert sound.content[4:8] == b"moof"
                again = await client.get(PATH + hinted)
                assert again.content == sound.content
                assert again.headers["access-control-expose-headers"] == "Age, Date, Retry-After"
                if proxy is nginx:
                    assert sorted(answer.headers["x-cache"] for answer in same) == ["HIT"] * 7 + ["MISS"]
                    assert again.headers["x-cache"] == "HIT"
                else:
                    assert 0 <= int(again.headers["age"]) < 20

                heard = 0
                async with asyncio.timeout(60), client.stream("GET", "/listen/4711.aac") as radio:
                    assert radio.http_version == "HTTP/2"
                    async for piece in radio.aiter_bytes():
                        heard += len(piece)
                        if heard > 40_000:  # the burst is 25 kB; the rest comes as it is made
                            break
                assert (await client.get("/live/4711/here?n=00000001")).headers["cache-control"] == "no-store"


async def publish_silence(bus: Bus, airing: Airing, rendition: Rendition) -> None:
    """Parts of silence, on time, for ever."""
    clock = airing.clock()
    assert clock is not None
    index = 0
    while True:
        count = rendition.frame_count(clock, index)
        await bus.publish_durable(
            wire.parts_subject(airing.broadcast_id, rendition.name),
            encode_part(Part(index, [rendition.silence] * count)),
            message_id=f"{rendition.name}.{index}",
        )
        index += 1
        if index > 40:
            await asyncio.sleep(clock.part_s)


@contextmanager
def icecast(folder: Path, edge: str, suffix: str) -> Iterator[str]:
    """An Icecast that relays one of our radio streams, as the documentation has it; the address of its mount."""
    port = free_port()
    owner = ""
    folder.chmod(0o777)
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        owner = f"<changeowner><user>nobody</user><group>{grp.getgrgid(nobody.pw_gid).gr_name}</group></changeowner>"
        for each in (folder, *folder.parents[:2]):
            each.chmod(each.stat().st_mode | 0o011)
    (folder / "icecast.xml").write_text(
        "<icecast><limits><clients>10</clients><sources>4</sources></limits>"
        "<authentication><source-password>x</source-password><admin-user>a</admin-user>"
        "<admin-password>x</admin-password></authentication><hostname>127.0.0.1</hostname>"
        f"<listen-socket><port>{port}</port><bind-address>127.0.0.1</bind-address></listen-socket>"
        f"<relay><server>127.0.0.1</server><port>{edge.rpartition(':')[2]}</port><mount>/listen/4711.{suffix}</mount>"
        f"<local-mount>/evening.{suffix}</local-mount><on-demand>0</on-demand>"
        "<relay-shoutcast-metadata>1</relay-shoutcast-metadata></relay>"
        f"<paths><basedir>{folder}</basedir><logdir>{folder}</logdir>"
        "<webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot></paths>"
        "<logging><accesslog>-</accesslog><errorlog>-</errorlog><loglevel>2</loglevel></logging>"
        f"<security><chroot>0</chroot>{owner}</security></icecast>"
    )
    with running(port, "/usr/bin/icecast2", "-c", str(folder / "icecast.xml")):
        yield f"http://127.0.0.1:{port}/evening.{suffix}"


async def until_relayed(client: httpx.AsyncClient, mount: str) -> None:
    for _ in range(400):
        with suppress(httpx.TransportError):  # it lets go of its port once while it changes its user
            async with client.stream("GET", mount) as answer:  # it knows no HEAD
                if answer.status_code == 200:
                    return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{mount} never came")


def renamed(airing: Airing) -> Airing:
    return Airing(**{**_fields(airing), "title": "After the break"})  # type: ignore[arg-type]


async def test_icecast_relays_ogg_and_its_titles(ready_bus: Bus, airing: Airing, tmp_path: Path) -> None:
    """Who listens to a relay of ours gets the new title when the host has changed it, and goes on hearing."""
    async with an_edge(ready_bus) as edge, httpx.AsyncClient(timeout=20, trust_env=False) as client:
        opus = asyncio.create_task(publish_silence(ready_bus, airing, OPUS_STEREO))
        await until_playable(client, edge, airing)
        with icecast(tmp_path, edge, "opus") as mount:
            await until_relayed(client, mount)
            first = b"TITLE=" + airing.title.encode()
            heard = await hear(client, mount, until=first)
            listening = asyncio.create_task(hear(client, mount, until=b"TITLE=After the break", more_bytes=4000))
            await asyncio.sleep(0)
            await ready_bus.put(wire.AIRINGS, airing.broadcast_id, renamed(airing))
            heard = await listening
            assert first in heard
            late = await hear(client, mount, until=b"OpusTags", more_bytes=2000)
            assert b"TITLE=After the break" in late
        with av.open(io.BytesIO(heard)) as opened:
            assert sum(frame.samples for frame in opened.decode(audio=0)) > 48_000
        await call_off(opus)


@pytest.mark.parametrize(("suffix", "kind"), [("aac", "audio/aac"), ("mp3", "audio/mpeg")])
async def test_icecast_relays_what_has_icy_titles(
    ready_bus: Bus, airing: Airing, tmp_path: Path, suffix: str, kind: str
) -> None:
    """It asks us for titles, and its listeners get them, also a new one; without asking they get the sound alone."""
    titles = {"Icy-MetaData": "1"}
    async with an_edge(ready_bus) as edge, httpx.AsyncClient(timeout=20, trust_env=False) as client:
        silence = asyncio.create_task(publish_silence(ready_bus, airing, MP3_MONO))
        await until_playable(client, edge, airing)
        with icecast(tmp_path, edge, suffix) as mount:
            await until_relayed(client, mount)
            async with client.stream("GET", mount, headers=titles) as answer:
                assert answer.headers["content-type"] == kind
                assert int(answer.headers["icy-metaint"]) > 0
                assert answer.headers["icy-name"] == airing.title
            await hear(client, mount, until=f"StreamTitle='{airing.title}'".encode(), headers=titles)
            await ready_bus.put(wire.AIRINGS, airing.broadcast_id, renamed(airing))
            await hear(client, mount, until=b"StreamTitle='After the break'", headers=titles)
            sound = await hear(client, mount, until=b"\xff", more_bytes=40_000)
        assert b"StreamTitle" not in sound
        assert samples(sound, suffix) > 48_000
        await call_off(silence)


def samples(sound: bytes, form: str) -> int:
    """How many samples are in it. Icecast begins anywhere, so that the first frame may be half of one."""
    heard = 0
    with av.open(io.BytesIO(sound), format=form) as opened:
        for packet in opened.demux(audio=0):
            with suppress(av.error.InvalidDataError):
                heard += sum(frame.samples for frame in packet.decode())
    return heard


async def hear(
    client: httpx.AsyncClient, url: str, *, until: bytes, more_bytes: int = 0, headers: dict[str, str] | None = None
) -> bytes:
    """The stream from its beginning until so many bytes after `until`."""
    heard = bytearray()
    async with asyncio.timeout(30), client.stream("GET", url, headers=headers) as answer:
        async for piece in answer.aiter_bytes():
            heard += piece
            if until in heard and len(heard) - heard.index(until) > more_bytes:
                break
    return bytes(heard)
