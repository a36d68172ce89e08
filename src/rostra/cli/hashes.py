"""`rostra hashes …`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rostra.cli.running import run

hashes_app = typer.Typer(help="Lists of picture hashes (docs/law/rules.md).", no_args_is_help=True)

DataFolder = Annotated[Path | None, typer.Option("--data")]
SettingsFile = Annotated[Path | None, typer.Option("--settings", help="A rostra.toml. Default: ./rostra.toml, if any.")]


@hashes_app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="On each line 64 hexadecimal digits (PDQ), then a label.")],
    name: Annotated[str, typer.Option(help="Of the list; one that has this name is replaced.")],
    category: Annotated[str, typer.Option(help="Of the EU's list, such as PROTECTION_OF_MINORS.")],
    description: Annotated[str, typer.Option(help="What the pictures show; whose post is held reads it.")],
    keyword: Annotated[str, typer.Option(help="Of the EU's list, or none.")] = "",
    data: DataFolder = None,
    settings: SettingsFile = None,
) -> None:
    """Hold posts with pictures that this list has."""
    from rostra.apps.hashes import import_file as act

    run(
        settings,
        lambda chosen: act(
            chosen,
            file,
            name=name,
            category=category,
            keyword=keyword,
            description=description,
            print_line=typer.echo,
        ),
        data_dir=data,
    )


@hashes_app.command("list")
def list_lists(data: DataFolder = None, settings: SettingsFile = None) -> None:
    """Show the lists, with their versions."""
    from rostra.apps.hashes import list_hashes

    run(settings, lambda chosen: list_hashes(chosen, typer.echo), data_dir=data)


@hashes_app.command("retire")
def retire(name: str, data: DataFolder = None, settings: SettingsFile = None) -> None:
    """Compare with this list no more."""
    from rostra.apps.hashes import retire_list

    run(settings, lambda chosen: retire_list(chosen, name, typer.echo), data_dir=data)
