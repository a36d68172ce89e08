"""`rostra flaggers …`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from rostra.cli.running import run

flaggers_app = typer.Typer(help="The register of trusted flaggers (docs/law/flaggers.md).", no_args_is_help=True)

Handle = Annotated[str, typer.Argument(help="Its account here, as in its address: @HANDLE.")]
Reason = Annotated[str, typer.Option(help="Why. It goes into the ledger.")]
DataFolder = Annotated[Path | None, typer.Option("--data")]
SettingsFile = Annotated[Path | None, typer.Option("--settings", help="A rostra.toml. Default: ./rostra.toml, if any.")]


@flaggers_app.command("add")
def add(
    handle: Handle,
    name: Annotated[str, typer.Option(help="The name of the body, as it was named.")],
    area: Annotated[list[str], typer.Option(help="A category of the EU's list, such as VIOLENCE. Repeat it.")],
    named_by: Annotated[str, typer.Option(help="The Digital Services Coordinator that has named it.")],
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day from which on it is named.")],
    data: DataFolder = None,
    settings: SettingsFile = None,
) -> None:
    """Have the notices of an account come first in these areas."""
    from rostra.apps import flaggers

    run(
        settings,
        lambda chosen: flaggers.add(
            chosen, handle, typer.echo, name=name, areas=area, named_by=named_by, since=since.date()
        ),
        data_dir=data,
    )


@flaggers_app.command("list")
def list_all(data: DataFolder = None, settings: SettingsFile = None) -> None:
    """Show the register as it is now."""
    from rostra.apps import flaggers

    run(settings, lambda chosen: flaggers.list_all(chosen, typer.echo), data_dir=data)


@flaggers_app.command("suspend")
def suspend(handle: Handle, reason: Reason, data: DataFolder = None, settings: SettingsFile = None) -> None:
    """Treat its notices like all others for now, such as while the coordinator looks into misuse."""
    from rostra.apps import flaggers

    run(settings, lambda chosen: flaggers.suspend(chosen, handle, reason, typer.echo), data_dir=data)


@flaggers_app.command("resume")
def resume(handle: Handle, reason: Reason, data: DataFolder = None, settings: SettingsFile = None) -> None:
    """End a suspension."""
    from rostra.apps import flaggers

    run(settings, lambda chosen: flaggers.resume(chosen, handle, reason, typer.echo), data_dir=data)


@flaggers_app.command("remove")
def remove(handle: Handle, reason: Reason, data: DataFolder = None, settings: SettingsFile = None) -> None:
    """Take it from the register: the coordinator has revoked it."""
    from rostra.apps import flaggers

    run(settings, lambda chosen: flaggers.remove(chosen, handle, reason, typer.echo), data_dir=data)
