"""The page that operators read names every fact of rules, with its type, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from rostra.safety.watching.facts import FIELDS

PAGE = Path(__file__).parents[3] / "docs/law/rules.md"


def test_the_page_and_the_code_name_the_same_facts() -> None:
    rows = re.findall(r"^\| `((?:post|author)\.\w+)` \| ([a-z ]+) \|", PAGE.read_text(), re.MULTILINE)
    assert dict(rows) == {name: kind.value for name, kind in FIELDS.items()}
    assert len(rows) == len(FIELDS)
