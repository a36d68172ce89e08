"""The command `rostra`: parse, call, print. Each command is imported when it runs, so that help is quick."""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path
from typing import Annotated

import typer

from rostra import __version__
from rostra.apps.settings import Settings
from rostra.apps.settings_reading import PREFIX
from rostra.cli import front
from rostra.cli.flaggers import flaggers_app
from rostra.cli.hashes import hashes_app
from rostra.cli.listen import listen
from rostra.cli.rules import rules_app
from rostra.cli.running import run, settings_of
from rostra.cli.shield import shield
from rostra.cli.speak import speak

app = typer.Typer(
    name="rostra",
    help="A live public conversation on your own servers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(speak)
app.command()(listen)
app.add_typer(rules_app, name="rules")
app.add_typer(front.config)
shield.command()(front.sync)
app.add_typer(shield, name="shield")
app.add_typer(hashes_app, name="hashes")
app.add_typer(flaggers_app, name="flaggers")

SettingsFile = Annotated[Path | None, typer.Option("--settings", help="A rostra.toml. Default: ./rostra.toml, if any.")]


@app.command()
def up(
    data: Annotated[Path | None, typer.Option(help="Folder for everything that must last.")] = None,
    port: Annotated[
        int | None, typer.Option(help="Port of the site; edge, stage, standby and backstage take the next four.")
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Put a demonstration interview on the air.")] = False,
    settings: SettingsFile = None,
) -> None:
    """Start everything on this machine and watch over it."""
    from rostra.apps.up import run_up

    names = ("site_port", "edge_port", "stage_port", "standby_port", "backstage_port")
    ports = {name: port + step for step, name in enumerate(names)} if port is not None else {}
    run(settings, lambda chosen: run_up(chosen, print_line=_print_line), data_dir=data, demo=demo or None, **ports)


@app.command()
def site(
    backstage: Annotated[
        bool, typer.Option("--backstage", help="Answer speakers, hosts and moderators alone, on backstage_port.")
    ] = False,
    settings: SettingsFile = None,
) -> None:
    """Run a site: pages, API, schedule."""
    from rostra.apps.site import run_site

    run(settings, lambda chosen: run_site(chosen, backstage=backstage))


@app.command()
def stage(
    standby: Annotated[
        bool, typer.Option("--standby", help="Take a room only when no other stage of this bus wants it.")
    ] = False,
    settings: SettingsFile = None,
) -> None:
    """Run a stage: speakers, mixing, encoding."""
    from rostra.apps.stage import run_stage

    run(settings, lambda chosen: run_stage(chosen, stands_by=standby))


@app.command()
def edge(settings: SettingsFile = None) -> None:
    """Run an edge: playlists, parts, radio streams."""
    from rostra.apps.edge import run_edge

    run(settings, run_edge)


@app.command()
def captions(settings: SettingsFile = None) -> None:
    """Run captions: recognise what is said on the air."""
    from rostra.apps.captions import run_captions

    run(settings, run_captions)


@app.command("sign-in")
def sign_in(data: Annotated[Path | None, typer.Option()] = None, settings: SettingsFile = None) -> None:
    """Print a new one-time sign-in link for the organiser."""
    from rostra.apps.upkeep import make_sign_in_link

    async def act(chosen: Settings) -> None:
        typer.echo(await make_sign_in_link(chosen))

    run(settings, act, data_dir=data)


@app.command("rebuild-bus")
def rebuild(settings: SettingsFile = None) -> None:
    """Write airings, keys and revocations to the bus again, from the database."""
    from rostra.apps.upkeep import rebuild_bus

    run(settings, rebuild_bus)


@app.command("rebuild-cases")
def rebuild_cases(data: Annotated[Path | None, typer.Option()] = None, settings: SettingsFile = None) -> None:
    """Derive the columns of every case from its log again, and name those that differed."""
    from rostra.apps.moderation import rebuild_cases as act

    run(settings, lambda chosen: act(chosen, _print_line), data_dir=data)


@app.command()
def publish(
    slug: Annotated[str, typer.Argument(help="The broadcast, as in its address: /b/SLUG.")],
    made_from: Annotated[str, typer.Option("--from", help="programme (as it was heard) or tracks (mixed anew).")],
    cut: Annotated[
        list[str] | None, typer.Option(help='What to leave out, such as "1:02.5 - 1:10". Repeat it.')
    ] = None,
    data: Annotated[Path | None, typer.Option()] = None,
    settings: SettingsFile = None,
) -> None:
    """Publish a replay anew, from the programme or from the clean tracks of the speakers."""
    from rostra.apps.publishing import publish as act
    from rostra.broadcast.replays import Source

    if made_from not in set(Source):
        raise typer.BadParameter("Say programme or tracks.", param_hint="--from")
    run(settings, lambda chosen: act(chosen, slug, Source(made_from), cut or [], _print_line), data_dir=data)


@app.command()
def role(
    handle: Annotated[str, typer.Argument(help="The account, as in its address: @HANDLE.")],
    role: Annotated[str, typer.Argument(help="owner, moderator, organiser or member.")],
    reason: Annotated[str, typer.Option(help="Why. It goes into the ledger.")] = "",
    data: Annotated[Path | None, typer.Option()] = None,
    settings: SettingsFile = None,
) -> None:
    """Say what an account may do here."""
    from rostra.apps.moderation import give_role
    from rostra.network.accounts import Role

    if role not in set(Role):
        raise typer.BadParameter("Say owner, moderator, organiser or member.", param_hint="role")
    run(settings, lambda chosen: give_role(chosen, handle, Role(role), reason, _print_line), data_dir=data)


ledger = typer.Typer(help="The record of every act of moderation.", no_args_is_help=True)
app.add_typer(ledger, name="ledger")


@ledger.command()
def show(
    case: Annotated[str, typer.Option(help="Only entries of this case.")] = "",
    last: Annotated[int, typer.Option(help="So many, the newest.", min=1, max=100_000)] = 50,
    data: Annotated[Path | None, typer.Option()] = None,
    settings: SettingsFile = None,
) -> None:
    """Print entries, one a line: when, what, who, whom it concerned and why, but for what was erased."""
    from rostra.apps.moderation import show_ledger

    run(settings, lambda chosen: show_ledger(chosen, case, last, _print_line), data_dir=data)


@ledger.command()
def impartial(data: Annotated[Path | None, typer.Option()] = None, settings: SettingsFile = None) -> None:
    """Read from the ledger whether anybody has decided about themselves, and name each such entry."""
    from rostra.apps.moderation import check_impartial

    run(settings, lambda chosen: check_impartial(chosen, _print_line), data_dir=data)


@ledger.command()
def verify(
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="A file with a checkpoint that was kept elsewhere. Repeat it.")
    ] = None,
    data: Annotated[Path | None, typer.Option()] = None,
    settings: SettingsFile = None,
) -> None:
    """Find any entry that was edited, dropped or moved, and name it."""
    from rostra.apps.moderation import verify_ledger

    run(settings, lambda chosen: verify_ledger(chosen, checkpoint or [], _print_line), data_dir=data)


@ledger.command()
def checkpoint(data: Annotated[Path | None, typer.Option()] = None, settings: SettingsFile = None) -> None:
    """Sign what there is and print it: keep it somewhere else, to prove later that nothing was changed."""
    from rostra.apps.moderation import print_checkpoint

    run(settings, lambda chosen: print_checkpoint(chosen, _print_line), data_dir=data)


@ledger.command()
def stamp(
    folder: Annotated[
        Path | None, typer.Option(help="Put the checkpoint and its time stamp there, to be kept elsewhere.")
    ] = None,
    data: Annotated[Path | None, typer.Option()] = None,
    settings: SettingsFile = None,
) -> None:
    """Sign what there is and have the authority outside say that it is there now (RFC 3161)."""
    from rostra.apps.moderation import stamp_ledger

    run(settings, lambda chosen: stamp_ledger(chosen, folder, _print_line), data_dir=data)


@app.command("settings")
def show_settings(settings: SettingsFile = None) -> None:
    """List every setting with its value and what it does."""
    chosen = settings_of(settings)
    for each in fields(Settings):
        value = getattr(chosen, each.name)
        shown = "(set)" if value and each.name.endswith(("_secret", "smtp_url")) else value
        typer.echo(f"{PREFIX}{each.name.upper()}={shown}\n    {each.metadata['doc']}")


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(f"rostra {__version__}")


def _print_line(line: str) -> None:
    typer.echo(line)
    sys.stdout.flush()
