"""The standby of `rostra up`: a second stage on the same machine. What it is called, and what it runs with."""

from __future__ import annotations

import dataclasses
import re
import socket

from rostra.apps.settings import Settings, WrongSetting


def stage_id(port: int) -> str:
    """The name of this machine's stage on a port, as NATS keys can hold it: the same after each restart."""
    return f"{re.sub(r'[^A-Za-z0-9-]', '-', socket.gethostname()) or 'stage'}-{port}"


def has_standby(settings: Settings) -> bool:
    """Not where the stage has an address of its own and the standby none: speakers could not follow it there.

    Raises WrongSetting when its port is another process's.
    """
    if not settings.warm_standby or (settings.stage_url and not settings.standby_url):
        return False
    for name in ("site_port", "edge_port", "stage_port"):
        if getattr(settings, name) == settings.standby_port:
            raise WrongSetting(
                user_message=f"standby_port is {settings.standby_port}, and so is {name}. Give the standby another, "
                "or set warm_standby to false."
            )
    return True


def told_of_it(settings: Settings) -> Settings:
    """As every process is to know it: pages may speak to the standby."""
    return dataclasses.replace(settings, standby_urls=(*settings.standby_urls, settings.standby))


def its_own(settings: Settings) -> Settings:
    """What the standby itself runs with: a stage on another port. Both take their UDP ports from one range."""
    return dataclasses.replace(settings, stage_port=settings.standby_port, stage_url=settings.standby_url)
