"""Writes the tables of docs/numbers.md: `python -m bench.page`. The newest finding of each kind counts.

What stands between the two marks is replaced; the rest of the page is for people to write.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from bench.harness import RESULTS, ROOT

PAGE: Final = ROOT / "docs" / "numbers.md"
BEGIN: Final = "<!-- written by python -m bench.page: begin -->"
END: Final = "<!-- written by python -m bench.page: end -->"


def newest(folder: Path) -> list[dict[str, Any]]:
    """The newest finding of each kind, in the order of the scenarios."""
    from bench.__main__ import SCENARIOS

    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for path in sorted(folder.glob("*.json")):
        run = json.loads(path.read_text())
        current = {each["scenario"] for each in run["findings"]}
        found = {key: each for key, each in found.items() if key[0] not in current}
        for each in run["findings"]:
            found[each["scenario"], each["what"], each["unit"]] = each | {"at": run["at"], "commit": run["commit"]}
    return sorted(found.values(), key=lambda each: SCENARIOS.index(each["scenario"]))


def tables(findings: Iterable[dict[str, Any]]) -> str:
    """All findings as one table, and how an edge grows as a second one."""
    lines = ["| what | unit | Rostra | peer | ratio | promised | kept |", "| --- | --- | --- | --- | --- | --- | --- |"]
    growth: dict[tuple[int, str], dict[str, float]] = {}
    commits, days = set(), set()
    for each in findings:
        commits.add(each["commit"])
        days.add(each["at"][:8])
        if each["scenario"] == "growth":
            growth.setdefault((each["facts"]["count"], each["facts"]["kind"]), {})[each["unit"]] = each["value"]
            if not each["bar"]:
                continue
        kept = {True: "yes", False: "**no**", None: ""}[each["kept"]]
        cells = [_shown(each[name]) for name in ("value", "peer", "ratio")]
        lines.append(f"| {each['what']} | {each['unit']} | {' | '.join(cells)} | {each['bar']} | {kept} |")
    lines += ["", "How an edge grows (CPU in % of a core, memory in MB):", ""]
    lines += ["| listeners | HLS: CPU | HLS: memory | radio: CPU | radio: memory |", "| --- | --- | --- | --- | --- |"]
    for count in sorted({count for count, _ in growth}):
        row = [growth.get((count, kind), {}) for kind in ("hls", "stream")]
        cells = [_shown(each.get(unit)) for each in row for unit in ("% of a core", "MB")]
        lines.append(f"| {count:,} | {' | '.join(cells)} |")
    lines += ["", f"Measured on {', '.join(sorted(days))} at {', '.join(sorted(commits))}."]
    return "\n".join(lines)


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:,}"


def main() -> None:
    before, _, rest = PAGE.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n\n{tables(newest(RESULTS))}\n\n{END}{after}")


if __name__ == "__main__":
    main()
