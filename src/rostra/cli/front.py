"""`rostra config haproxy` and `rostra shield sync`: HAProxy in front of a house."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from rostra.apps.settings import Settings
from rostra.cli.running import fail, run, settings_of
from rostra.platform.errors import RostraError
from rostra.shield.front import (
    BackstageFront,
    Front,
    FrontRefused,
    Peer,
    backstage_configuration,
    configuration,
)

SOCKET: Final = "/run/rostra/haproxy.sock"
config = typer.Typer(name="config", help="Print configurations of what stands in front.", no_args_is_help=True)
Addresses = Annotated[list[str] | None, typer.Option(help="host:port; repeat it for several.")]


def haproxy_text(settings: Settings, **given: Any) -> str:
    """The configuration, with the processes of this machine where none are named. Raises FrontRefused."""
    shown = _host(settings)
    edge, site, stage, peer = (given.pop(name) or [] for name in ("edge", "site", "stage", "peer"))
    streams = given.pop("streams") or ([f"{shown}:{settings.streaming_port}"] if settings.streaming_port else [])
    backstages = given.pop("backstage")
    if not backstages and settings.backstage_apart and not site:
        backstages = [f"{shown}:{settings.backstage_port}"]
    rest: dict[str, Any] = {name: tuple(each) if isinstance(each, list) else each for name, each in given.items()}
    return configuration(
        Front(
            edges=tuple(edge or [f"{shown}:{settings.edge_port}"]),
            sites=tuple(site or [f"{shown}:{settings.site_port}"]),
            streams=tuple(streams),
            backstages=tuple(backstages or []),
            stages=tuple(stage or [f"{shown}:{settings.stage_port}"]),
            peers=tuple(_peer(each) for each in peer),
            **rest,
        )
    )


@config.command()
def haproxy(
    certificate: Annotated[str, typer.Option(help="File with key and chain. Empty: TLS ends before it.")] = "",
    bind: Annotated[list[str] | None, typer.Option(help="Where the public comes. Default: :443 and [::]:443.")] = None,
    redirect_bind: Annotated[
        list[str] | None, typer.Option(help="Where plain HTTP is sent on to HTTPS, such as :80.")
    ] = None,
    edge: Addresses = None,
    site: Addresses = None,
    streams: Annotated[list[str] | None, typer.Option(help="host:port of a site's streaming_port.")] = None,
    stage: Annotated[list[str] | None, typer.Option(help="host:port of the stage.")] = None,
    backstage: Annotated[
        list[str] | None, typer.Option(help="host:port of a site of speakers, hosts and moderators alone.")
    ] = None,
    standby: Annotated[str, typer.Option(help="host:port of the second stage.")] = "",
    standby_bind: Annotated[list[str] | None, typer.Option(help="Where its speakers come, such as :8443.")] = None,
    name: Annotated[str, typer.Option(help="Which of the peers this HAProxy is.")] = "a",
    peer: Annotated[list[str] | None, typer.Option(help="name=host:port of every HAProxy, this one too.")] = None,
    trusted: Annotated[
        list[str] | None, typer.Option(help="Network of a CDN or proxy in front, whose X-Forwarded-For is believed.")
    ] = None,
    per_network: Annotated[int, typer.Option(help="Connections that one /24 or /48 may have.", min=1)] = 4000,
    size: Annotated[str, typer.Option(help="small, medium or large.")] = "small",
    socket: Annotated[str, typer.Option(help="Where `rostra shield sync` speaks to it.")] = SOCKET,
    settings: Annotated[Path | None, typer.Option("--settings", help="A rostra.toml.")] = None,
) -> None:
    """Print a configuration of HAProxy for one or many edges."""
    chosen = settings_of(settings)
    try:
        text = haproxy_text(
            chosen,
            certificate=certificate,
            bind=bind or [":443", "[::]:443"],
            redirect_bind=redirect_bind or [],
            edge=edge,
            site=site,
            streams=streams,
            stage=stage,
            backstage=backstage,
            standby=standby,
            standby_bind=standby_bind or [],
            name=name,
            peer=peer,
            trusted=trusted or [],
            per_network=per_network,
            size=size,
            socket=socket,
        )
    except RostraError as error:
        fail(error)
    typer.echo(text, nl=False)


@config.command("backstage")
def backstage_front(
    certificate: Annotated[str, typer.Option(help="File with key and chain. Empty: TLS ends before it.")] = "",
    bind: Annotated[list[str] | None, typer.Option(help="Where they come. Default: :8444 and [::]:8444.")] = None,
    backstage: Addresses = None,
    stage: Addresses = None,
    trusted: Annotated[list[str] | None, typer.Option(help="Network of a proxy in front.")] = None,
    settings: Annotated[Path | None, typer.Option("--settings", help="A rostra.toml.")] = None,
) -> None:
    """Print a configuration of a second HAProxy, for speakers, hosts and moderators alone."""
    chosen = settings_of(settings)
    shown = _host(chosen)
    try:
        text = backstage_configuration(
            BackstageFront(
                backstages=tuple(backstage or [f"{shown}:{chosen.backstage_port}"]),
                stages=tuple(stage or [f"{shown}:{chosen.stage_port}"]),
                certificate=certificate,
                bind=tuple(bind or (":8444", "[::]:8444")),
                trusted=tuple(trusted or []),
            )
        )
    except RostraError as error:
        fail(error)
    typer.echo(text, nl=False)


def sync(
    socket: Annotated[list[str] | None, typer.Option(help="Runtime API of a HAProxy; repeat it for several.")] = None,
    settings: Annotated[Path | None, typer.Option("--settings", help="A rostra.toml.")] = None,
) -> None:
    """Keep the level and the keys of tickets in a running HAProxy up to date."""
    from rostra.apps.front_sync import run_front_sync

    run(settings, lambda chosen: run_front_sync(chosen, socket or [SOCKET]))


def _host(settings: Settings) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "127.0.0.1"}.get(settings.bind_host, settings.bind_host)  # noqa: S104
    return f"[{host}]" if ":" in host else host


def _peer(text: str) -> Peer:
    name, found, address = text.partition("=")
    if not found:
        raise FrontRefused(text, user_message=f"--peer {text!r} must be name=host:port.")
    return Peer(name, address)
