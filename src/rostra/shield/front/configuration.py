"""HAProxy's configuration, from the text file `haproxy.cfg` beside this module.

The file holds everything that is alike in all houses, with its reasons; what differs is `Front`. Every value that comes
from an operator is checked against a form, so that no space or line break in it becomes another directive.
"""

from __future__ import annotations

import ipaddress
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from importlib import resources
from typing import Final, NamedTuple

from rostra.platform.errors import RostraError
from rostra.platform.randomness import token
from rostra.shield.carrying import PLAIN_COOKIE, SECURE_COOKIE
from rostra.shield.front import refusals
from rostra.shield.rates import CARRIER_TICKETS
from rostra.shield.sharing import MOST_CONNECTIONS

_ADDRESS: Final = re.compile(r"(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.*-]*):[0-9]{1,5}")
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_PATH: Final = re.compile(r"/[A-Za-z0-9_./-]{1,200}")
HSTS: Final = 'http-response set-header Strict-Transport-Security "max-age=31536000" if !straight'


class FrontRefused(RostraError):
    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "front_refused"


class Peer(NamedTuple):
    """Another HAProxy of the same house, or this one: its name and the address where peers reach it."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Size:
    """What a machine can take. maxconn: connections of clients (some 7.5 kB each with their buffers, more with TLS, and
    2.6 open files); handshakes: a second; networks, tickets: entries of tables (some 100 bytes each)."""

    maxconn: int
    threads: int
    handshakes: int
    listeners: int
    streams: int
    networks: str
    tickets: str


SIZES: Final = {
    "small": Size(4000, 1, 150, 3000, 1000, "128k", "64k"),
    "medium": Size(12_000, 1, 300, 10_000, 4000, "512k", "256k"),
    "large": Size(50_000, 4, 1200, 40_000, 16_000, "1m", "512k"),
}
"""1 core and 1 GB; 2 cores and 4 GB; a machine for HAProxy alone, 4 cores and 8 GB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """One HAProxy. Addresses are host:port, as HAProxy writes them.

    certificate: a file with key and chain; empty where something in front ends TLS. bind: where the public comes;
    redirect_bind: where plain HTTP is sent on to HTTPS. standby, standby_bind: the second stage, and the port on which
    it is reached (its `standby_url`). peers: all HAProxies, this one (`name`) too; empty for one alone. trusted:
    networks of proxies or a CDN in front, whose X-Forwarded-For is believed. per_network: connections that one network
    may have. backstages: sites of speakers, hosts and moderators alone; those of `sites` otherwise, but with a queue of
    their own in any case. streams: where sites answer streams alone; those of `sites` otherwise. keys: four that nobody
    knows; None makes them.
    """

    edges: tuple[str, ...]
    sites: tuple[str, ...]
    stages: tuple[str, ...]
    streams: tuple[str, ...] = ()
    backstages: tuple[str, ...] = ()
    certificate: str = ""
    bind: tuple[str, ...] = (":443", "[::]:443")
    redirect_bind: tuple[str, ...] = ()
    standby: str = ""
    standby_bind: tuple[str, ...] = ()
    name: str = "a"
    peers: tuple[Peer, ...] = ()
    trusted: tuple[str, ...] = ()
    per_network: int = 4000
    socket: str = "/run/rostra/haproxy.sock"
    size: str = "small"
    keys: tuple[str, ...] | None = field(default=None, repr=False)


class Template(string.Template):
    delimiter = "@"
    idpattern = None  # type: ignore[assignment]  # only the form with braces: addresses of mail and the like stay
    braceidpattern = r"[a-z_0-9]+"


def configuration(front: Front) -> str:
    """The whole text. Raises FrontRefused, with what to do, for a value that has not its form."""
    _check(front)
    size = SIZES[front.size]
    tls = f" ssl crt {front.certificate} alpn h2,http/1.1" if front.certificate else ""
    kinds = {
        "stage": front.stages,
        "edge": front.edges,
        "site": front.sites,
        "stream": front.streams or front.sites,
        "backstage": front.backstages or front.sites,
    }
    if front.standby:
        kinds["standby"] = (front.standby,)
    keys = front.keys if front.keys is not None else tuple(token(32) for _ in range(4))
    text = Template(resources.files(__package__).joinpath("haproxy.cfg").read_text()).substitute(
        maxconn=size.maxconn,
        threads=size.threads,
        handshakes=size.handshakes,
        listeners=size.listeners,
        streams=size.streams,
        networks=size.networks,
        tickets=size.tickets,
        socket=front.socket,
        bind=binds(front.bind, tls),
        per_network=front.per_network,
        at_once=MOST_CONNECTIONS,
        carrier_tickets=CARRIER_TICKETS,
        cookie=SECURE_COOKIE if front.certificate else PLAIN_COOKIE,
        hsts=HSTS if front.certificate else "",
        trusted=f"acl from_proxy src {' '.join(front.trusted)}" if front.trusted else "acl from_proxy always_false",
        localpeer=f"localpeer {front.name}" if front.peers else "",
        peers=_peers(front.peers),
        share=" peers mesh" if front.peers else "",
        redirect=_redirect(front),
        standby_bind=binds(front.standby_bind, tls),
        use_standby=_use_standby(front),
        standby_backend=_standby(front.standby),
        **{f"{kind}_servers": servers(kind, addresses) for kind, addresses in kinds.items()},
        running=running(kinds),
        **refusals.words(),
        **{f"key_{number}": key for number, key in enumerate(keys, 1)},
    )
    return re.sub(r"\n[ \n]*\n\n", "\n\n", re.sub(r"\n +(?=\n)", "\n", text))


def servers(kind: str, addresses: tuple[str, ...]) -> str:
    """The lines of a backend: each server, and once more for when none is ready, as while the bus is away: those that
    run are asked all the same, since most of what they do needs nobody else (`running`).
    """
    named = [(f"{kind}{number}", address) for number, address in enumerate(addresses, 1)]
    ready = [f"    server {name} {address}" for name, address in named]
    still = [
        f"    server {name}_still {address} no-check backup track running_{kind}/{name}" for name, address in named
    ]
    return "\n".join(["    option allbackups", *ready, *still])


def running(kinds: Mapping[str, tuple[str, ...]]) -> str:
    """Backends that nobody is sent to: whether the processes of each kind run at all."""
    return "\n\n".join(
        f"backend running_{kind}\n    option httpchk GET /healthz\n    default-server check\n"
        + "\n".join(f"    server {kind}{number} {address}" for number, address in enumerate(addresses, 1))
        for kind, addresses in kinds.items()
    )


def _peers(peers: tuple[Peer, ...]) -> str:
    """Bans and taken-back tickets are told to the others; rates are not, since what is told replaces what is there."""
    if not peers:
        return ""
    return "peers mesh\n" + "\n".join(f"    peer {peer.name} {peer.address}" for peer in peers)


def _redirect(front: Front) -> str:
    if not front.redirect_bind:
        return ""
    return f"frontend plain\n{binds(front.redirect_bind, '')}\n    http-request redirect scheme https code 301\n"


def _standby(address: str) -> str:
    if not address:
        return ""
    return (
        "\nbackend standby\n    option httpchk GET /readyz\n    default-server check maxconn 256 maxqueue 64\n"
        f"{servers('standby', (address,))}\n"
    )


def binds(addresses: tuple[str, ...], tls: str) -> str:
    """IPv6 apart from IPv4: in a common socket all of IPv4 would be one /48."""
    only = {True: " v6only", False: ""}
    return "\n".join(f"    bind {address}{only[address.startswith('[')]}{tls}" for address in addresses)


def _use_standby(front: Front) -> str:
    ports = {address.rpartition(":")[2] for address in front.standby_bind}
    return f"    use_backend standby if to_stage {{ dst_port {' '.join(sorted(ports))} }}" if ports else ""


def need(name: str, value: str, form: re.Pattern[str], wanted: str) -> None:
    if not form.fullmatch(value):
        raise FrontRefused(f"{name} {value!r}", user_message=f"{name} is {value!r}, but it must be {wanted}.")


def need_addresses(name: str, addresses: tuple[str, ...]) -> None:
    """At least one, and each of them host:port."""
    if not addresses:
        raise FrontRefused(f"no {name}", user_message=f"Name at least one {name}: --{name} 127.0.0.1:8001.")
    for address in addresses:
        need(name, address, _ADDRESS, "host:port")


def need_path(path: str) -> None:
    need("a path", path, _PATH, "absolute, of letters, digits, dots, dashes")


def need_network(network: str) -> None:
    try:
        ipaddress.ip_network(network)
    except ValueError as error:
        raise FrontRefused(str(error), user_message=f"{network!r} is no network. Write 10.0.0.0/8.") from error


def _check(front: Front) -> None:
    for name, addresses in (("edge", front.edges), ("site", front.sites), ("stage", front.stages)):
        need_addresses(name, addresses)
    bound = (*front.bind, *front.redirect_bind, *front.standby_bind)
    for address in (
        *bound,
        *front.streams,
        *front.backstages,
        *filter(None, (front.standby,)),
        *(peer.address for peer in front.peers),
    ):
        need("an address", address, _ADDRESS, "host:port")
    for name in (front.name, *(peer.name for peer in front.peers)):
        need("a peer's name", name, _NAME, "letters, digits, dots, dashes")
    for path in filter(None, (front.certificate, front.socket)):
        need_path(path)
    for key in front.keys or ():
        need("a key", key, _NAME, "base64url")
    if front.peers and front.name not in {peer.name for peer in front.peers}:
        raise FrontRefused(
            front.name, user_message=f"{front.name} is not among the peers. Say which of them this is: --name."
        )
    if bool(front.standby) != bool(front.standby_bind):
        raise FrontRefused("half a standby", user_message="--standby and --standby-bind go together.")
    if front.size not in SIZES:
        raise FrontRefused(front.size, user_message=f"--size must be one of {', '.join(SIZES)}.")
    for network in front.trusted:
        need_network(network)
