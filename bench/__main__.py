"""`python -m bench [--minutes M] [--posts N] [--cases N] [scenario …]`: run scenarios, print a table, write results.

A scenario is a module of this package with `TITLE` and `run(bench) -> list[Finding]`; SCENARIOS names them.
"""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from bench.harness import Bench, Finding, Options, Refused, write_results

SCENARIOS: Final = (
    "edge_hls",
    "edge_waiting",
    "edge_progressive",
    "admission_check",
    "refusal",
    "front_cache",
    "slow_attack",
    "flood",
    "growth",
    "doors_open",
    "full_house",
    "take_down",
    "thirteen_speakers",
    "speech_over_loss",
    "killed_stage",
    "line_loss",
    "mouth_to_ear",
    "part_lengths",
    "network_reads",
    "network_pages",
    "page_experience",
    "network_search",
    "network_size",
    "streams",
    "ledger",
    "desk",
    "intake",
)


def main(words: Sequence[str]) -> int:
    """Run the named scenarios, or all. 2 when a scenario cannot run; a bar that is not kept is said, and no failure."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("names", nargs="*", metavar="scenario")
    parser.add_argument("--minutes", type=float, default=Options().minutes, help="how long thirteen speakers talk")
    parser.add_argument("--posts", type=int, default=Options().posts, help="how many posts are searched")
    parser.add_argument("--cases", type=int, default=Options().cases, help="how many cases a desk has")
    given = parser.parse_args(words)
    names: list[str] = given.names
    options = Options(minutes=given.minutes, posts=given.posts, cases=given.cases)
    console = Console(stderr=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that peers are stopped, whoever ends the bench
    unknown = [name for name in names if name not in SCENARIOS]
    if unknown:
        console.print(f"No scenario {', '.join(unknown)}. There are: {', '.join(SCENARIOS)}.")
        return 2
    findings: list[Finding] = []
    for name in names or SCENARIOS:
        module = importlib.import_module(f"bench.{name}")
        console.print(f"{name}: {module.TITLE}")
        try:
            with Bench(options) as bench:
                findings += module.run(bench)
        except Refused as error:
            console.print(f"[red]{error}")
            return 2
    Console().print(_table(findings))
    console.print(f"Written to {write_results(findings)}")
    return 0


def _table(findings: Sequence[Finding]) -> Table:
    table = Table("what", "unit", title="Rostra, measured")
    for name in ("ours", "peer", "ratio"):
        table.add_column(name, justify="right")
    table.add_column("bar")
    for finding in findings:
        mark = {True: "[green]kept", False: "[red]not kept", None: ""}[finding.kept]
        cells = [finding.value, finding.peer, finding.ratio]
        shown = ["" if cell is None else f"{cell:,}" for cell in cells]
        table.add_row(finding.what, finding.unit, *shown, f"{finding.bar} {mark}".strip())
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
