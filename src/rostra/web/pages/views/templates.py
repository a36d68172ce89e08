"""Reasons that moderators write often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateLine:
    """texts: (language, where it is changed)."""

    name: str
    texts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedTemplate:
    name: str = ""
    language: str = ""
    ground: str = "law"
    ground_text: str = ""
    facts: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonTemplatesPage:
    """`reason_templates.html`: the list and a form for a new one, or the form of one (is_new false).

    placeholders: what can stand in a text, and what takes its place.
    """

    lines: tuple[TemplateLine, ...]
    typed: TypedTemplate
    form_url: str
    is_new: bool
    written: str
    placeholders: Mapping[str, str]
    errors: Mapping[str, str]
