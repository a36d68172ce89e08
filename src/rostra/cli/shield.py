"""`rostra shield`: the level of the shield, and tickets of listeners, from the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from rostra.apps.settings import Settings
from rostra.apps.settings_reading import load
from rostra.platform.errors import RostraError
from rostra.platform.log import configure_logging
from rostra.shield.levels import Level

T = TypeVar("T")
AUTOMATIC = "automatic"
shield = typer.Typer(help="Look at the shield and set its level.", no_args_is_help=True)
SettingsFile = Annotated[Path | None, typer.Option("--settings", help="A rostra.toml. Default: ./rostra.toml, if any.")]
Folder = Annotated[Path | None, typer.Option("--data", help="Folder of the Rostra that runs.")]


@shield.command()
def status(data: Folder = None, settings: SettingsFile = None) -> None:
    """Say which level holds, who set it and why."""
    from rostra.apps.shielding import status as act

    for line in _run(act(_settings(settings, data))):
        typer.echo(line)


@shield.command("set")
def set_level(
    level: Annotated[str, typer.Argument(help="calm, busy, hostile, siege; automatic: leave it to the edges again.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in the log.")],
    minutes: Annotated[int | None, typer.Option("--for", min=1, help="Minutes, then the edges decide again.")] = None,
    data: Folder = None,
    settings: SettingsFile = None,
) -> None:
    """Set the level on every edge, whatever they measure."""
    from rostra.apps.shielding import set_level as act

    words = {each.word: each for each in Level}
    if level not in words and level != AUTOMATIC:
        raise typer.BadParameter(f"Say {', '.join(words)} or {AUTOMATIC}.", param_hint="LEVEL")
    lasting = None if minutes is None else timedelta(minutes=minutes)
    typer.echo(_run(act(_settings(settings, data), words.get(level), lasting=lasting, reason=reason)))


@shield.command()
def revoke(
    ticket: Annotated[str, typer.Argument(help="A listener's ticket, as it came; - to read it from standard input.")],
    data: Folder = None,
    settings: SettingsFile = None,
) -> None:
    """End one listener's ticket on every edge."""
    from rostra.apps.shielding import revoke as act

    text = typer.get_text_stream("stdin").read() if ticket == "-" else ticket
    typer.echo(_run(act(_settings(settings, data), text)))


@shield.command("change-keys")
def change_keys(data: Folder = None, settings: SettingsFile = None) -> None:
    """Give listeners' tickets a new key; good tickets go on. It takes ten seconds."""
    from rostra.apps.upkeep import change_listener_keys

    _run(change_listener_keys(_settings(settings, data)))
    typer.echo("New tickets are signed with a new key; those of the last quarter of an hour still count.")


def _settings(path: Path | None, data: Path | None) -> Settings:
    with _told():
        chosen = load(path, data_dir=data)
    configure_logging("console", "error")  # the edges log what changes; here people read an answer
    return chosen


def _run(work: Coroutine[Any, Any, T]) -> T:
    with _told():
        return asyncio.run(work)


@contextmanager
def _told() -> Iterator[None]:
    """An expected failure is one clear line."""
    try:
        yield
    except RostraError as error:
        typer.secho(f"rostra: {error.user_message}", err=True, fg=typer.colors.RED)
        raise typer.Exit(1) from error
