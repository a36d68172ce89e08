"""`rostra speak`: a real speaker on stage that plays a sound file."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from rostra.platform.errors import RostraError

if TYPE_CHECKING:
    import httpx

    from rostra.cli.whip_client import Admissions
    from rostra.platform.clock import Clock
    from rostra.stage.sound_file import SoundFile
    from rostra.stage.whip_speaker import WhipSpeaker

SHOWN_EVERY_S: Final = 1.0


def speak(
    file: Annotated[Path, typer.Argument(help="Any sound file: WAV, MP3, Ogg, FLAC, M4A …")],
    invite: Annotated[str | None, typer.Option(help="Your invitation link, …/i/….")] = None,
    name: Annotated[str, typer.Option(help="The name that the others see. Default: the invitation's.")] = "",
    whip: Annotated[str | None, typer.Option(help="Instead of an invitation: the WHIP address …")] = None,
    ticket: Annotated[str | None, typer.Option(help="… and a ticket for it.")] = None,
    loop: Annotated[bool, typer.Option("--loop", help="Begin again at the end of the file.")] = False,
    in_step: Annotated[
        bool, typer.Option("--in-step", help="Join the loop where the clock says, so that several voices take turns.")
    ] = False,
    seconds: Annotated[float | None, typer.Option(help="Leave after so many seconds.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="End with one JSON object of figures.")] = False,
) -> None:
    """Speak on stage: play FILE to everybody there, and into the programme while the broadcast is live."""
    if (invite is None) == (whip is None or ticket is None):
        typer.secho("rostra: Give either --invite, or both --whip and --ticket.", err=True, fg=typer.colors.RED)
        raise typer.Exit(2)
    from rostra.cli.whip_client import FixedAdmission, InvitedAdmission

    async def act() -> None:
        import httpx

        from rostra.platform.clock import SystemClock
        from rostra.stage.sound_file import SoundFile

        sound = SoundFile(file, loop=loop, in_step=SystemClock() if in_step else None)
        async with httpx.AsyncClient(timeout=10, follow_redirects=False) as http:
            if invite is not None:
                await _speak(http, InvitedAdmission(http, invite, name), sound, seconds, as_json=as_json)
            elif whip is not None and ticket is not None:
                await _speak(http, FixedAdmission(whip, ticket), sound, seconds, as_json=as_json)

    try:
        asyncio.run(act())
    except RostraError as error:
        typer.secho(f"rostra: {error.user_message}", err=True, fg=typer.colors.RED)
        raise typer.Exit(1) from error
    except KeyboardInterrupt as error:
        raise typer.Exit(0) from error


async def _speak(
    http: httpx.AsyncClient,
    admissions: Admissions,
    sound: SoundFile,
    seconds: float | None,
    *,
    as_json: bool,
) -> None:
    """Speak until the file or the time ends, or until Ctrl-C; the stage is told that we leave."""
    from rostra.cli.whip_client import BroadcastOver, WhipClient
    from rostra.platform.clock import SystemClock
    from rostra.platform.tasks import Tasks
    from rostra.stage.whip_speaker import WhipSpeaker

    clock = SystemClock()
    speaker = WhipSpeaker(sound, WhipClient(http, admissions), clock)
    tasks = Tasks()
    if not as_json and sys.stderr.isatty():
        tasks.spawn("show", _show(speaker, clock))
    try:
        async with asyncio.timeout(seconds):
            await speaker.run()
    except TimeoutError:
        pass
    except BroadcastOver:
        if not speaker.figures.connections:
            raise
        typer.secho("The broadcast has ended.", err=True)
    finally:
        await tasks.close()
        if as_json:
            typer.echo(json.dumps(_figures(speaker)))


def _figures(speaker: WhipSpeaker) -> dict[str, float | int]:
    figures = speaker.figures
    return {
        "connections": figures.connections,
        "connect_ms": figures.connect_ms,
        "seconds_sent": round(figures.blocks_sent * 0.02, 2),
        "packets_heard": figures.packets_heard,
        "heard_dbfs": speaker.meter.dbfs,
    }


async def _show(speaker: WhipSpeaker, clock: Clock) -> None:
    """One line that is written over: what is sent and what comes back."""
    while True:
        figures = _figures(speaker)
        typer.echo(
            f"\r{figures['seconds_sent']:7.1f} s sent, hearing {figures['heard_dbfs']:6.1f} dBFS, "
            f"{figures['connections']} connection(s) ",
            nl=False,
            err=True,
        )
        await clock.sleep(SHOWN_EVERY_S)
