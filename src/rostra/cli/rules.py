"""`rostra rules …`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rostra.cli.running import fail, run
from rostra.platform.errors import RostraError

rules_app = typer.Typer(help="Rules that point moderators to posts (docs/law/rules.md).", no_args_is_help=True)

RulesFile = Annotated[Path, typer.Argument(help="A file of rules, such as rules.toml.")]
DataFolder = Annotated[Path | None, typer.Option("--data")]
SettingsFile = Annotated[Path | None, typer.Option("--settings", help="A rostra.toml. Default: ./rostra.toml, if any.")]


@rules_app.command("check")
def check(file: RulesFile) -> None:
    """Say what is wrong in a file, each fault with its line and column."""
    from rostra.apps.rules import read_rules

    try:
        found = read_rules(file)
    except RostraError as error:
        fail(error)
    for rule in found.rules:
        typer.echo(f"{rule.name} {rule.version}: {rule.act}, {rule.category}")
    typer.echo(f"{len(found.rules)} rules, all good.")


@rules_app.command("try")
def try_on(
    file: RulesFile,
    last: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many of the newest posts.")] = 1000,
    data: DataFolder = None,
    settings: SettingsFile = None,
) -> None:
    """Show which of the newest posts the rules would have met. Writes nothing."""
    from rostra.apps.rules import try_rules

    run(settings, lambda chosen: try_rules(chosen, file, last, typer.echo), data_dir=data)


@rules_app.command("report")
def report(
    days: Annotated[int, typer.Option(min=1, max=3660, help="How far back.")] = 180,
    data: DataFolder = None,
    settings: SettingsFile = None,
) -> None:
    """Show how often each rule was right, and what it missed, with the counts."""
    from rostra.apps.rules import report_rules

    run(settings, lambda chosen: report_rules(chosen, days, typer.echo), data_dir=data)
