"""An edge on a real bus: history, the present, other clients than ours, restarts, the end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import httpx
import pytest

from rostra.apps.channels import ensure_channels
from rostra.apps.edge import Edge, NoBus, run_edge
from rostra.apps.ports import free_port
from rostra.apps.settings import Settings
from rostra.cli.listen import CannotListen, Ear, Heard
from rostra.media import wire
from rostra.media.wire import Airing, Phase
from rostra.platform.bus import Bus
from rostra.platform.clock import SystemClock
from rostra.safety.restrictions import BUCKET, Kind, Measure, Restriction, Standing, Subject
from rostra.web.edge.server import CannotListen as PortTaken
from tests.kit.ending import call_off
from tests.kit.programme import an_airing, go_on_air, parts_until, publish, tone_part
from tests.kit.servers import Nats

CLOCK = SystemClock()
WINDOW_S = 60


@asynccontextmanager
async def an_edge(bus: Bus, **more: object) -> AsyncIterator[str]:
    """An edge process's inside, in this loop; its address."""
    settings = Settings(window_s=WINDOW_S, edge_port=free_port(), **more)  # type: ignore[arg-type]
    edge = Edge(settings, bus, CLOCK)
    await edge.start()
    try:
        yield f"http://127.0.0.1:{edge.port}"
    finally:
        await edge.stop()


async def until_playable(client: httpx.AsyncClient, address: str, airing: Airing) -> str:
    """The media playlist, as soon as it reaches this moment or the end."""
    clock = airing.clock()
    assert clock is not None
    present = clock.part_at(CLOCK.now_us()) - 2
    for _ in range(400):
        answer = await client.get(f"{address}/live/{airing.broadcast_id}/aac64/index.m3u8")
        if answer.status_code == 200 and ("#EXT-X-ENDLIST" in answer.text or _hint(answer.text) >= present):
            return answer.text
        await asyncio.sleep(0.05)
    raise AssertionError(f"not playable: {answer.text}")


async def heard_by(ear: Ear, address: str, *, parts: int = 6) -> Heard:
    """What our player has heard when it has so many parts."""
    playing = asyncio.ensure_future(ear.run(address))
    async with asyncio.timeout(40):
        while ear.heard().parts < parts:
            assert not playing.done(), playing
            await asyncio.sleep(0.05)
    await call_off(playing)
    return ear.heard()


@pytest.fixture
async def ready_bus(bus: Bus) -> Bus:
    await ensure_channels(bus, window=timedelta(seconds=WINDOW_S))
    return bus


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=60) as client:
        yield client


@pytest.fixture
async def airing(ready_bus: Bus) -> AsyncIterator[Airing]:
    """On the air for 20 s already, and going on."""
    airing = an_airing(CLOCK, age_s=20)
    task = asyncio.create_task(go_on_air(ready_bus, CLOCK, airing))
    while await ready_bus.get(wire.AIRINGS, airing.broadcast_id, Airing) is None:
        assert not task.done(), task
    yield airing
    await call_off(task)


async def test_a_decision_reaches_an_edge_and_one_that_starts_later(
    ready_bus: Bus, client: httpx.AsyncClient, airing: Airing
) -> None:
    subject = Subject(Kind.BROADCAST, int(airing.broadcast_id))
    order = Restriction(
        id=1, kind=subject.kind, subject_id=subject.id, measure=Measure.WITHHOLD, from_us=CLOCK.now_us() - 1_000_000
    )

    async def answers(address: str, status: int) -> None:
        async with asyncio.timeout(20):
            path = f"{address}/live/{airing.broadcast_id}/aac64/index.m3u8"
            while (await client.get(path)).status_code != status:
                await asyncio.sleep(0.05)

    async with an_edge(ready_bus) as first:
        await until_playable(client, first, airing)
        await ready_bus.put(BUCKET, subject.key, Standing((order,)))
        await answers(first, 451)
        async with an_edge(ready_bus) as second:
            await answers(second, 451)
            await ready_bus.delete(BUCKET, subject.key)
            await answers(first, 200)
            await answers(second, 200)


async def test_two_edges_say_the_same(ready_bus: Bus, client: httpx.AsyncClient) -> None:
    """Numbers come from the media clock: an edge that starts later writes the same text and the same bytes."""
    airing = an_airing(CLOCK, age_s=12)
    async with an_edge(ready_bus) as first:
        await ready_bus.put(wire.AIRINGS, airing.broadcast_id, airing)
        for index in range(16):
            await publish(ready_bus, airing, tone_part(index))
        ended = Airing(**{**_fields(airing), "phase": Phase.ENDED, "ended_us": airing.clock().part_ends_us(15) - 1})  # type: ignore[union-attr]
        await ready_bus.put(wire.AIRINGS, airing.broadcast_id, ended)
        one = await until_playable(client, first, airing)
        async with an_edge(ready_bus) as second:
            other = await until_playable(client, second, airing)
            assert one == other
            assert one.endswith("#EXT-X-ENDLIST\n")
            for name in ("init.mp4", "s0.m4s", "s1.m4s", "p15.m4s"):
                path = f"/live/{airing.broadcast_id}/aac64/{name}"
                assert (await client.get(first + path)).content == (await client.get(second + path)).content


def _fields(airing: Airing) -> dict[str, object]:
    return {name: getattr(airing, name) for name in airing.__struct_fields__}


async def test_our_player_hears_the_tone(ready_bus: Bus, airing: Airing, client: httpx.AsyncClient) -> None:
    """From the multivariant playlist by blocking reloads: no gap, no stall, the level of the tone."""
    async with an_edge(ready_bus) as address:
        await until_playable(client, address, airing)
        heard = await heard_by(Ear(client, CLOCK), f"{address}/live/{airing.broadcast_id}/index.m3u8", parts=12)
        assert (heard.gaps, heard.errors) == (0, 0)
        assert heard.rms_db is not None
        assert -16 < heard.rms_db < -14
        assert heard.latency_s is not None
        assert heard.latency_s < 4


async def test_our_player_hears_the_radio(ready_bus: Bus, airing: Airing, client: httpx.AsyncClient) -> None:
    async with an_edge(ready_bus) as address:
        await until_playable(client, address, airing)
        heard = await heard_by(Ear(client, CLOCK), f"{address}/listen/{airing.broadcast_id}.aac", parts=20)
        assert heard.rms_db is not None
        assert -16 < heard.rms_db < -14


async def test_our_player_finds_the_playlist_of_a_page(
    ready_bus: Bus, airing: Airing, client: httpx.AsyncClient
) -> None:
    async with an_edge(ready_bus) as address:
        await until_playable(client, address, airing)
        playlist = f"{address}/live/{airing.broadcast_id}/index.m3u8"
        page = (
            "<!doctype html><link rel=stylesheet href=/a.css>"
            f'<link rel="alternate" type="application/vnd.apple.mpegurl" href="{playlist}">'
        )

        async def site(request: httpx.Request) -> httpx.Response:
            if request.url.host == "site.test":
                return httpx.Response(200, text=page, headers={"content-type": "text/html; charset=utf-8"})
            return await httpx.AsyncHTTPTransport().handle_async_request(request)

        async with httpx.AsyncClient(transport=httpx.MockTransport(site)) as browser:
            await heard_by(Ear(browser, CLOCK), "http://site.test/b/an-evening", parts=3)


async def test_our_player_says_what_is_wrong(ready_bus: Bus, client: httpx.AsyncClient) -> None:
    async with an_edge(ready_bus) as address:
        with pytest.raises(CannotListen) as refused:
            await Ear(client, CLOCK).run(f"{address}/live/1/index.m3u8")
        assert "no broadcast at this address" in refused.value.user_message


@pytest.mark.parametrize("path", ["/live/4711/index.m3u8", "/listen/4711.aac"])
async def test_ffmpeg_plays_without_a_warning(
    ready_bus: Bus, airing: Airing, client: httpx.AsyncClient, path: str
) -> None:
    """A player that is not ours, HLS and radio: AAC-LC, 48 kHz, stereo, the level of the tone.

    FFmpeg 5 asks for gaps as well, so only the rendition that is whole here is offered.
    """
    async with an_edge(ready_bus, renditions=("aac64",)) as address:
        await until_playable(client, address, airing)
        sink = ["-af", "volumedetect", "-f", "null", "-"]
        command = ["ffmpeg", "-hide_banner", "-nostats", "-t", "3", "-i", address + path, *sink]
        played = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=40)
        assert played.returncode == 0, played.stderr
        assert "Audio: aac (LC)" in played.stderr
        assert "48000 Hz, stereo" in played.stderr
        assert "mean_volume: -15." in played.stderr
        for word in ("error", "invalid", "non monoton", "corrupt", "failed"):
            assert word not in played.stderr.lower(), played.stderr


async def test_a_whole_programme_is_one_clean_file(ready_bus: Bus, airing: Airing, client: httpx.AsyncClient) -> None:
    """Init and segments joined: every frame is there and nothing is said about it."""
    async with an_edge(ready_bus) as address:
        await until_playable(client, address, airing)
        base = f"{address}/live/{airing.broadcast_id}/aac64"
        data = b"".join([(await client.get(f"{base}/{name}")).content for name in ("init.mp4", "s0.m4s", "s1.m4s")])
        probe = [
            "ffprobe",
            "-v",
            "warning",
            "-count_packets",
            "-show_entries",
            "stream=nb_read_packets,duration",
            "-of",
            "csv=p=0",
        ]
        read = await asyncio.to_thread(subprocess.run, [*probe, "-"], input=data, capture_output=True, timeout=20)
        assert (read.stdout.decode().strip(), read.stderr) == ("8.192000,384", b"")


async def test_what_was_silence_stays_silence_when_the_edge_begins_anew(
    ready_bus: Bus, client: httpx.AsyncClient
) -> None:
    """A part comes when its silence is listed. Another edge, which had none, has its sound; this one never."""
    airing = an_airing(CLOCK, age_s=12)
    path = f"/live/{airing.broadcast_id}/aac64/p16.m4s"
    await ready_bus.put(wire.AIRINGS, airing.broadcast_id, airing)
    async with an_edge(ready_bus, edge_url="http://late.example") as address, asyncio.timeout(60):
        for index in range(16):
            await publish(ready_bus, airing, tone_part(index))
        while (silence := await client.get(address + path)).status_code != 200:
            await asyncio.sleep(0.05)
        while [change async for change in _first(ready_bus, wire.SILENCES)] == []:
            await asyncio.sleep(0.05)
        for index in range(16, 20):
            await publish(ready_bus, airing, tone_part(index))
    for edge_url, same in (("http://late.example", True), ("http://other.example", False)):
        async with an_edge(ready_bus, edge_url=edge_url) as address, asyncio.timeout(60):
            while (again := await client.get(address + path)).status_code != 200:
                await asyncio.sleep(0.05)
            assert (again.content == silence.content) is same


async def test_a_restarted_bus_is_no_end(own_nats: Nats, ready_bus: Bus, client: httpx.AsyncClient) -> None:
    """While the bus is away the playlist goes on in silence; when it is back, so is the sound."""
    airing = an_airing(CLOCK, age_s=10)
    await ready_bus.put(wire.AIRINGS, airing.broadcast_id, airing)
    for part in parts_until(airing, CLOCK.now_us()):
        await publish(ready_bus, airing, part)
    async with an_edge(ready_bus) as address:
        before = await until_playable(client, address, airing)
        own_nats.kill()
        base = f"{address}/live/{airing.broadcast_id}/aac64"
        msn, part = divmod(_hint(before), 8)
        later = await client.get(f"{base}/index.m3u8?_HLS_msn={msn}&_HLS_part={part}")
        assert later.status_code == 200
        assert (await client.get(f"{address}/readyz")).status_code == 503
        own_nats.start()
        task = asyncio.create_task(_again(ready_bus, airing))
        try:
            for _ in range(100):
                name = f"p{_hint(later.text) - 1}.m4s"
                if len((await client.get(f"{base}/{name}")).content) > 2000:
                    break
                msn, part = divmod(_hint(later.text), 8)
                later = await client.get(f"{base}/index.m3u8?_HLS_msn={msn}&_HLS_part={part}")
            else:
                raise AssertionError("no sound after the bus came back")
        finally:
            await call_off(task)


async def _again(bus: Bus, airing: Airing) -> None:
    """A stage that goes on publishing; it tries until the bus is back."""
    clock = airing.clock()
    assert clock is not None
    while True:
        index = clock.part_at(CLOCK.now_us())
        await asyncio.sleep(max(0.0, (clock.part_ends_us(index) - CLOCK.now_us()) / 1_000_000))
        try:
            await publish(bus, airing, tone_part(index))
        except Exception:  # noqa: BLE001  # the bus is away, in several ways
            await asyncio.sleep(0.05)


def _hint(text: str) -> int:
    return int(text.rpartition('URI="p')[2].partition(".")[0])


async def test_health_readiness_and_beats(ready_bus: Bus, client: httpx.AsyncClient) -> None:
    async with an_edge(ready_bus, edge_url="https://edge.test") as address:
        assert (await client.get(f"{address}/healthz")).json() == {"ok": True}
        for _ in range(100):
            ready = await client.get(f"{address}/readyz")
            if ready.status_code == 200:
                break
            await asyncio.sleep(0.02)
        assert ready.json() == {"ready": True, "reasons": []}
        beats = [change async for change in _first(ready_bus, wire.PROCESSES)]
        assert b'"kind":"edge"' in beats[0]
        assert b"https://edge.test" in beats[0]
    assert [change async for change in _first(ready_bus, wire.PROCESSES)] == []


async def _first(bus: Bus, bucket: str) -> AsyncIterator[bytes]:
    """What a bucket holds now."""
    async for change in bus.watch(bucket):
        if change is None:
            return
        if change.value is not None:
            yield change.value


async def test_what_is_no_part_and_no_airing_is_passed_over(
    ready_bus: Bus, airing: Airing, client: httpx.AsyncClient
) -> None:
    """Nonsense on the bus is logged and costs nobody his sound."""
    async with an_edge(ready_bus) as address:
        await ready_bus.put(wire.AIRINGS, "1", b"not json")
        subject = wire.parts_subject(airing.broadcast_id, "aac64")
        await ready_bus.publish_durable(subject, b"\xc1", message_id="x")
        await ready_bus.publish(wire.state_subject(airing.broadcast_id), b"{}")
        before = await until_playable(client, address, airing)
        msn, part = divmod(_hint(before), 8)
        answer = await client.get(
            f"{address}/live/{airing.broadcast_id}/aac64/index.m3u8?_HLS_msn={msn}&_HLS_part={part}"
        )
        assert answer.status_code == 200


async def test_a_taken_port_is_said_clearly(ready_bus: Bus) -> None:
    async with an_edge(ready_bus) as address:
        port = int(address.rsplit(":", 1)[1])
        edge = Edge(Settings(window_s=WINDOW_S, edge_port=port), ready_bus, CLOCK)
        with pytest.raises(PortTaken) as refused:
            await edge.start()
        await edge.stop()
        assert str(port) in refused.value.user_message


async def test_an_edge_without_a_bus_says_what_to_set() -> None:
    with pytest.raises(NoBus) as refused:
        await run_edge(Settings())
    assert "ROSTRA_NATS_URL" in refused.value.user_message


async def test_sigterm_ends_it_in_order(
    own_nats: Nats, ready_bus: Bus, airing: Airing, client: httpx.AsyncClient
) -> None:
    """Who waits is told to come back, the radio's connection is closed, the process ends with 0."""
    port = free_port()
    environment = {
        **os.environ,
        "PYTHONPATH": "src",
        "ROSTRA_NATS_URL": own_nats.url,
        "ROSTRA_EDGE_PORT": str(port),
        "ROSTRA_EDGE_DRAIN_S": "0",
        "ROSTRA_LOG_FORM": "json",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "rostra", "edge", env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(600):
            with suppress(httpx.ConnectError):
                await until_playable(client, address, airing)
                break
            await asyncio.sleep(0.05)
        clock = airing.clock()
        assert clock is not None
        await asyncio.sleep(0.5)
        segment = clock.segment_of(clock.part_at(CLOCK.now_us())) + 1
        base = f"{address}/live/{airing.broadcast_id}/aac64"
        held = asyncio.create_task(client.get(f"{base}/index.m3u8?_HLS_msn={segment}"))
        await asyncio.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        answer = await held
        assert (answer.status_code, answer.json()["code"]) == (503, "edge_stopping")
        _, log = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0, log.decode()
        assert b"Traceback" not in log
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_an_edge_that_is_asked_to_stop_serves_on_for_a_while(
    ready_bus: Bus, airing: Airing, client: httpx.AsyncClient
) -> None:
    """Whoever waits gets the next part, newcomers are served, the radio goes on; but a proxy is told to look away.

    It is over as soon as nobody is there.
    """
    settings = Settings(window_s=WINDOW_S, edge_port=free_port(), edge_drain_s=30)
    edge = Edge(settings, ready_bus, CLOCK)
    await edge.start()
    address = f"http://127.0.0.1:{edge.port}"
    base = f"{address}/live/{airing.broadcast_id}/aac64/"
    try:
        segment, part = divmod(_hint(await until_playable(client, address, airing)) + 2, 8)
        async with client.stream("GET", f"{address}/listen/{airing.broadcast_id}.aac") as radio:
            sound = radio.aiter_bytes()
            await anext(sound)
            held = asyncio.create_task(client.get(f"{base}index.m3u8?_HLS_msn={segment}&_HLS_part={part}"))
            await asyncio.sleep(0.1)
            draining = asyncio.create_task(edge.drain())
            await asyncio.sleep(0)
            answer = await held
            assert (answer.status_code, answer.headers["connection"]) == (200, "close")
            ready = await client.get(f"{address}/readyz")
            assert (ready.status_code, ready.json()["reasons"]) == (
                503,
                ["This edge is being stopped; others have the same."],
            )
            assert (await client.get(f"{base}init.mp4")).status_code == 200
            await anext(sound)
            assert not draining.done()
        async with asyncio.timeout(20):
            await draining
    finally:
        await edge.stop()


def test_an_edge_loads_neither_database_nor_codec() -> None:
    """So that it stays small and starts quickly."""
    code = (
        "import sys; import rostra.apps.edge; "
        "print([name for name in ('sqlalchemy', 'av', 'aiortc', 'numpy', 'litestar') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": "src"}
    )
    assert done.stdout.strip() == "[]"
