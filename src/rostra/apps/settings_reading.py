"""Settings, read once at start from `rostra.toml` and the environment, and checked.

This is the only module that looks at the environment. A name `data_dir` is `data_dir = "…"` in the file and
`ROSTRA_DATA_DIR` in the environment; the environment wins.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any, Final, get_type_hints

from rostra.apps.settings import Settings, WrongSetting
from rostra.apps.settings_rules import check

PREFIX: Final = "ROSTRA_"


def load(path: Path | None = None, *, environment: dict[str, str] | None = None, **given: Any) -> Settings:
    """Settings from defaults, the file, the environment, and `given` (the command line), in rising order.

    path: a rostra.toml that must exist; None takes ./rostra.toml if there is one.
    Raises WrongSetting with a sentence that names the setting and its source.
    """
    environment = dict(os.environ) if environment is None else environment
    values: dict[str, tuple[Any, str]] = {}
    values |= _from_file(path if path is not None else Path("rostra.toml"), required=path is not None)
    values |= _from_environment(environment)
    values |= {name: (value, f"--{name.replace('_', '-')}") for name, value in given.items() if value is not None}
    hints = get_type_hints(Settings)
    settings = Settings(**{name: _convert(name, hints[name], *pair) for name, pair in values.items()})
    check(settings, {name: source for name, (_, source) in values.items()})
    return settings


def environment_of(settings: Settings) -> dict[str, str]:
    """This process's environment, changed so that `load` returns these settings in a child."""
    result = dict(os.environ)
    for each in fields(Settings):
        value = getattr(settings, each.name)
        result[PREFIX + each.name.upper()] = ",".join(value) if isinstance(value, tuple) else str(value)
    return result


def _from_file(path: Path, *, required: bool) -> dict[str, tuple[Any, str]]:
    try:
        content = tomllib.loads(path.read_text())
    except FileNotFoundError as error:
        if required:
            raise WrongSetting(user_message=f"There is no settings file {path}. Check the path.") from error
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WrongSetting(user_message=f"The settings file {path} cannot be read: {error}.") from error
    _refuse_unknown(content, f"the file {path}", str)
    return {name: (value, f"{name} in {path}") for name, value in content.items()}


def _from_environment(environment: dict[str, str]) -> dict[str, tuple[Any, str]]:
    found = {name[len(PREFIX) :].lower(): value for name, value in environment.items() if name.startswith(PREFIX)}
    _refuse_unknown(found, "the environment", lambda name: PREFIX + name.upper())
    return {name: (value, PREFIX + name.upper()) for name, value in found.items()}


def _refuse_unknown(found: dict[str, Any], where: str, shown: Any) -> None:
    known = {each.name for each in fields(Settings)}
    for name in found:
        if name not in known:
            raise WrongSetting(
                user_message=f"There is no setting {shown(name)} (in {where}). "
                "docs/operate/settings.md lists the settings; check the spelling."
            )


def _convert(name: str, kind: Any, value: Any, source: str) -> Any:
    """`value` as the type of the setting. Raises WrongSetting."""
    try:
        if kind is bool:
            return _boolean(value)
        if kind is int:
            if isinstance(value, (bool, float)):
                raise ValueError(value)
            return int(value)
        if kind is Path:
            return Path(value).expanduser()
        if kind == tuple[str, ...]:
            items = value.split(",") if isinstance(value, str) else value
            return tuple(str(item).strip() for item in items if str(item).strip())
        return str(value)
    except (ValueError, TypeError) as error:
        wanted = {bool: "true or false", int: "a whole number"}.get(kind, "text")
        raise WrongSetting(user_message=f"{source} is {value!r}, but {name} takes {wanted}.") from error


def _boolean(value: Any) -> bool:
    text = str(value).strip().lower()
    if text in ("true", "1", "yes", "on"):
        return True
    if text in ("false", "0", "no", "off", ""):
        return False
    raise ValueError(text)
