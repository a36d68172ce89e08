"""Templates: a view goes in, HTML comes out."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from gettext import NullTranslations
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.runtime import Macro
from markupsafe import Markup

from rostra.platform.log import get_logger
from rostra.platform.remembered import Remembered
from rostra.platform.wording import ENGLISH, reading_in, words
from rostra.web.frame import Frame

_log = get_logger(__name__)
_WORD: Final = re.compile(r"(?<!^)(?=[A-Z])")
STATIC_PATH: Final = "/static"


@dataclass(frozen=True, slots=True)
class Assets:
    """The built files of the frontend, by the names of their sources (Vite's manifest).

    Without a build every name maps to itself: pages stay readable, and `is_built` says that something is missing.
    """

    manifest: dict[str, Any]

    @classmethod
    def read(cls, folder: Path) -> Assets:
        for place in (folder / "manifest.json", folder / ".vite" / "manifest.json"):
            if place.is_file():
                return cls(json.loads(place.read_text()))
        return cls({})

    @property
    def is_built(self) -> bool:
        return bool(self.manifest)

    def url(self, name: str) -> str:
        """URL of a built file; its name carries a hash of the content, so it may be kept for ever."""
        entry = self.manifest.get(name)
        return f"{STATIC_PATH}/{entry['file'] if entry else name}"

    def css(self, name: str) -> list[str]:
        """URLs of the stylesheets that a script brings along, those of its static imports included."""
        found: dict[str, None] = {}
        pending, seen = [name], set()
        while pending:
            current = pending.pop()
            if current in seen or (entry := self.manifest.get(current)) is None:
                continue
            seen.add(current)
            found |= dict.fromkeys(f"{STATIC_PATH}/{file}" for file in entry.get("css", ()))
            pending += entry.get("imports", ())
        return list(found)


class Renderer:
    """Jinja with everything escaped, undefined names refused, and words that can be translated.

    languages: gettext's catalogues by the language of a frame; a page in another one is in English.
    """

    def __init__(
        self, templates: Path, static: Path, languages: Mapping[str, NullTranslations] = MappingProxyType({})
    ) -> None:
        self.assets = Assets.read(static)
        self._languages = languages
        self._environment = Environment(
            loader=FileSystemLoader(templates),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        self._environment.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
            lambda text: words().gettext(text),
            lambda one, many, count: words().ngettext(one, many, count),
            newstyle=True,
        )
        self._environment.globals |= {"gettext": _worded, "_": _worded, "remembered": _remembered}
        self._environment.globals |= {"asset": self.assets.url, "asset_css": self.assets.css}

    def html(self, page: object, frame: Frame) -> bytes:
        """The page as HTML. `BroadcastPage` is rendered by broadcast.html, and so on."""
        template = self._environment.get_template(f"{template_name(page)}.html")
        with reading_in(self._languages.get(frame.language, ENGLISH)):
            return template.render(page=page, frame=frame).encode()


_WORDS: Final[Remembered[tuple[NullTranslations, str], Markup]] = Remembered(4_096)


def _worded(text: str, /, **variables: object) -> Markup:
    """`gettext` for templates, where everything is escaped. A page of home has 330 of them, of which nearly all are
    always the same: to put them together anew was a sixth of it.
    """
    language = words()
    if variables:
        return Markup(language.gettext(text)) % variables  # noqa: S704  # our own words; the variables are escaped
    key = language, text
    return _WORDS.get(key) or _WORDS.keep(key, Markup(language.gettext(text)) % variables)  # noqa: S704  # as above


_PARTS: Final[Remembered[tuple[NullTranslations, Macro, Hashable], Markup]] = Remembered(1_024)


def _remembered(macro: Macro, view: Hashable) -> Markup:
    """What a macro writes of a view, for those that need nothing else. On an evening everybody reads the same posts,
    and to write twenty was half of a page of home.
    """
    key = words(), macro, view
    return _PARTS.get(key) or _PARTS.keep(key, Markup(macro(view)))  # noqa: S704  # a macro escapes what it writes


def template_name(page: object) -> str:
    """SignInPage -> sign_in."""
    return _WORD.sub("_", type(page).__name__.removesuffix("Page")).lower()
