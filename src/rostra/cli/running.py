"""Running a command: settings, log, event loop, and an expected failure as one clear line."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, NoReturn

import typer

from rostra.apps.settings import Settings
from rostra.apps.settings_reading import load
from rostra.platform.errors import RostraError
from rostra.platform.log import configure_logging


def settings_of(path: Path | None, **given: Any) -> Settings:
    try:
        return load(path, **given)
    except RostraError as error:
        fail(error)


def fail(error: RostraError) -> NoReturn:
    typer.secho(f"rostra: {error.user_message}", err=True, fg=typer.colors.RED)
    raise typer.Exit(1) from error


def run(path: Path | None, act: Any, **given: Any) -> None:
    """Load the settings, set up the log, run `act(settings)` on uvloop; an expected failure is one clear line."""
    import uvloop

    chosen = settings_of(path, **given)
    configure_logging("json" if chosen.log_form == "json" else "console", chosen.log_level)
    work: Coroutine[Any, Any, None] = act(chosen)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(work)
    except RostraError as error:
        fail(error)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
