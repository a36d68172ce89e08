"""`rostra speak` and `rostra stage` as people run them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import wave
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from rostra.apps.ports import free_port
from rostra.media.wire import PROCESSES, Phase, ProcessBeat
from rostra.platform.bus import Bus
from tests.integration.stage.conftest import BROADCAST, Stage, until
from tests.kit.servers import Nats
from tests.kit.tones import sine


@asynccontextmanager
async def rostra(*arguments: str, **settings: str) -> AsyncIterator[Process]:
    environment = os.environ | {"PYTHONPATH": "src"} | {f"ROSTRA_{k.upper()}": v for k, v in settings.items()}
    command = [sys.executable, "-m", "rostra", *arguments]
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE, env=environment)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """Two seconds of 440 Hz at 16 kHz: not the rate of the stage."""
    path = tmp_path / "tone.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes((sine(1320, 32_000) * 32767).astype("<i2").tobytes())
    return path


@asynccontextmanager
async def site(stage: Stage, speaker_id: str) -> AsyncIterator[str]:
    """A site that knows one invitation, `good`; yields its address."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        if "/api/v1/invitations/good/ticket " in head:
            whip_url = f"{stage.url}/whip/{BROADCAST}"
            status, document = "200 OK", {"ticket": stage.ticket(speaker_id), "whip_url": whip_url, "broadcast": {}}
        else:
            status, document = "410 Gone", {"detail": "This invitation has been withdrawn."}
        body = json.dumps(document).encode()
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_a_file_is_played_to_its_end(stage: Stage, sound: Path) -> None:
    """By invitation: the stage hears the tone, and the command ends with figures."""
    await stage.air(Phase.LIVE)
    async with (
        site(stage, "anna") as address,
        rostra("speak", str(sound), "--invite", f"{address}/i/good", "--name", "Anna", "--json") as process,
    ):
        await until(lambda: stage.state().programme_dbfs > -20)
        out, error = await process.communicate()
    assert process.returncode == 0, error
    figures = json.loads(out)
    assert figures["connections"] == 1
    assert figures["seconds_sent"] == pytest.approx(2.0, abs=0.1)
    assert figures["packets_heard"] > 50
    assert stage.state().speakers == []


async def test_ctrl_c_says_goodbye(stage: Stage, sound: Path) -> None:
    """The seat is free at once, not after a minute."""
    await stage.air(Phase.LIVE)
    whip = ["--whip", f"{stage.url}/whip/{BROADCAST}", "--ticket", stage.ticket("anna")]
    async with rostra("speak", str(sound), "--loop", *whip) as process:
        await until(lambda: bool(stage.state().speakers) and stage.state().speakers[0].connected)
        process.send_signal(signal.SIGINT)
        await process.wait()
    assert process.returncode == 0
    assert stage.state().speakers == []


async def test_seconds_end_a_loop(stage: Stage, sound: Path) -> None:
    await stage.air(Phase.DOORS_OPEN)
    whip = ["--whip", f"{stage.url}/whip/{BROADCAST}", "--ticket", stage.ticket("anna")]
    async with rostra("speak", str(sound), "--loop", "--seconds", "4", "--json", *whip) as process:
        out, error = await process.communicate()
    assert process.returncode == 0, error
    assert 0.5 < json.loads(out)["seconds_sent"] < 4


async def test_what_goes_wrong_is_said_in_a_sentence(stage: Stage, sound: Path, tmp_path: Path) -> None:
    """Each failure ends with status 1 and tells what to do."""
    whip = f"{stage.url}/whip/{BROADCAST}"
    nobody = f"http://127.0.0.1:{free_port()}/i/good"
    (tmp_path / "text.wav").write_text("no sound")
    async with site(stage, "anna") as address:
        cases = [
            (["nothing.wav", "--invite", nobody], 1, "There is no file nothing.wav"),
            ([str(tmp_path / "text.wav"), "--invite", nobody], 1, "no sound that Rostra can read"),
            ([str(sound), "--invite", nobody], 1, "does not answer"),
            ([str(sound), "--invite", "http://127.0.0.1/b/talk"], 1, "no invitation link"),
            ([str(sound), "--invite", f"{address}/i/withdrawn"], 1, "has been withdrawn"),
            ([str(sound), "--whip", whip, "--ticket", "forged"], 1, "This ticket is not valid"),
            ([str(sound), "--whip", whip, "--ticket", stage.ticket("anna")], 1, "has no stage now"),
            ([str(sound), "--whip", whip], 2, "Give either --invite, or both"),
        ]
        for arguments, status, sentence in cases:
            async with rostra("speak", *arguments) as process:
                _, error = await asyncio.wait_for(process.communicate(), 20)
            assert sentence in error.decode(), arguments
            assert process.returncode == status
            assert "Traceback" not in error.decode()


async def test_a_stage_process_starts_beats_and_stops(bus: Bus, own_nats: Nats, tmp_path: Path) -> None:
    """It says that it is there, refuses a taken port, and ends by SIGTERM with status 0."""
    settings = {"nats_url": own_nats.url, "data_dir": str(tmp_path), "stage_port": str(free_port())}
    async with rostra("stage", **settings) as process:
        beats: list[ProcessBeat] = []

        async def has_beaten() -> bool:
            stage_id = f"stage.{os.uname().nodename}-{settings['stage_port']}"
            try:
                found = await bus.get(PROCESSES, stage_id, ProcessBeat)
            except Exception:  # noqa: BLE001  # the bucket is made by the process
                return False
            beats.extend([found[0]] if found else [])
            return bool(beats)

        await until(has_beaten, 30)
        assert beats[0].kind == "stage"
        assert beats[0].url == f"http://127.0.0.1:{settings['stage_port']}"
        async with rostra("stage", **settings) as second:
            _, error = await second.communicate()
        assert second.returncode == 1
        assert "is in use" in error.decode()
        process.terminate()
        _, error = await process.communicate()
    assert process.returncode == 0, error
    assert b"Traceback" not in error
