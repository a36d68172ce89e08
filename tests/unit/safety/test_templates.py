"""Templates: what is filled in, and which language is chosen."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.platform.errors import Invalid
from rostra.safety.templates import Template, TemplateText, checked_template, filled, in_language, left_open

NOW = datetime(2026, 5, 4, tzinfo=UTC)


def written(*languages: str) -> list[Template]:
    texts = [TemplateText(name="Threat", language=each, why="x") for each in languages]
    return [Template(id=at, text=text, by=None, written_at=NOW) for at, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("there", "reads", "chosen"),
    [
        (("de", "en"), ("de",), "de"),
        (("de", "en"), ("de-AT", "en"), "de"),
        (("en", "pt-BR", "pt"), ("pt",), "pt"),
        (("en", "pt-BR"), ("pt", "en"), "pt-BR"),
        (("de", "en"), ("fr", "en"), "en"),
        (("de",), ("fr", "en"), None),
    ],
)
def test_the_language_is_the_readers(there: tuple[str, ...], reads: tuple[str, ...], chosen: str | None) -> None:
    found = in_language(written(*there), reads)
    assert (None if found is None else found.text.language) == chosen


def test_facts_take_the_place_of_placeholders_once() -> None:
    """What a fact says is not read again: nobody puts a placeholder into a post to see what comes out."""
    text = TemplateText(name="Threat", language="en", facts="{account}: {quote}", why="{place}")
    got = filled(text, {"account": "@ben", "quote": "{place}", "place": ""})
    assert (got.facts, got.why) == ("@ben: {place}", "{place}")
    assert left_open(got)


@given(st.text())
def test_a_checked_template_holds_only_what_can_be_filled(words: str) -> None:
    try:
        text = checked_template(TemplateText(name="Any", language="en", why=words))
    except Invalid:
        return
    everything = dict.fromkeys(("what", "account", "published", "flagged", "quote", "place"), "x")
    assert not left_open(filled(text, everything))
