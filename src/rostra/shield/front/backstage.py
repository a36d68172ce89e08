"""A second HAProxy, for speakers, hosts and moderators alone: its configuration, from `backstage.cfg` beside this.

It shares no port, process, queue, table or limit with the public's, which may be at its end while this one is idle.
It needs no keys: the stage judges tickets, the site judges sessions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import resources

from rostra.shield.front import refusals
from rostra.shield.front.configuration import (
    HSTS,
    Template,
    binds,
    need_addresses,
    need_network,
    need_path,
    running,
    servers,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackstageFront:
    """Addresses are host:port. backstages, stages: where a site of theirs and a stage answer. certificate: a file with
    key and chain; empty where something in front ends TLS. trusted: networks of such proxies."""

    backstages: tuple[str, ...]
    stages: tuple[str, ...]
    certificate: str = ""
    bind: tuple[str, ...] = (":8444", "[::]:8444")
    trusted: tuple[str, ...] = ()


def backstage_configuration(front: BackstageFront) -> str:
    """The whole text. Raises FrontRefused, with what to do, for a value that has not its form."""
    for name, addresses in (("backstage", front.backstages), ("stage", front.stages), ("bind", front.bind)):
        need_addresses(name, addresses)
    for network in front.trusted:
        need_network(network)
    tls = ""
    if front.certificate:
        need_path(front.certificate)
        tls = f" ssl crt {front.certificate} alpn h2,http/1.1"
    text = Template(resources.files(__package__).joinpath("backstage.cfg").read_text()).substitute(
        bind=binds(front.bind, tls),
        hsts=HSTS.removesuffix(" if !straight") if front.certificate else "",
        trusted=f"acl from_proxy src {' '.join(front.trusted)}" if front.trusted else "acl from_proxy always_false",
        stage_servers=servers("stage", front.stages),
        backstage_servers=servers("backstage", front.backstages),
        running=running({"stage": front.stages, "backstage": front.backstages}),
        **refusals.words(),
    )
    return re.sub(r"\n +(?=\n)", "\n", text)
