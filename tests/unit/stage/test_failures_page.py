"""The page about failures promises only what a test shows."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def rows() -> list[list[str]]:
    lines = (ROOT / "docs/operate/failures.md").read_text().splitlines()
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return table[2:]


def test_every_row_is_backed_by_tests_that_exist() -> None:
    """Each fault says for each kind of person what happens, and names at least one test of this repository."""
    known = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^(?:async )?def (test_\w+)\(", path.read_text(), re.MULTILINE)
    }
    assert len(rows()) >= 15
    for row in rows():
        assert len(row) == 6, row
        assert all(row), row
        named = re.findall(r"`(test_\w+)`", row[-1])
        assert named, row[0]
        assert set(named) <= known, f"{row[0]}: {set(named) - known}"
