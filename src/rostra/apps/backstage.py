"""The second site of `rostra up`, for speakers, hosts and moderators: when there is one, and what others hear of it."""

from __future__ import annotations

import dataclasses

from rostra.apps.settings import Settings, WrongSetting, address


def has_backstage(settings: Settings) -> bool:
    """Raises WrongSetting when its port is another process's."""
    if not settings.backstage_apart:
        return False
    others = ("site_port", "edge_port", "stage_port", *(("standby_port",) if settings.warm_standby else ()))
    for name in (*others, "streaming_port"):
        if getattr(settings, name) == settings.backstage_port:
            raise WrongSetting(
                user_message=f"backstage_port is {settings.backstage_port}, and so is {name}. Give backstage another, "
                "or set backstage_apart to false."
            )
    return True


def told_of_it(settings: Settings) -> Settings:
    """As every process is to know it. Behind a proxy that gives it no address of its own, links stay at the site's."""
    if settings.backstage_url or settings.site_url:
        return settings
    return dataclasses.replace(settings, backstage_url=address(settings.bind_host, settings.backstage_port))
