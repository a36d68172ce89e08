"""House rules that no linter knows: module sizes, settings that are documented, texts that name no machine."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULE_LINES_MAX = 600
TEST_LINES_MAX = 800
UNWANTED_NAMES = {"utils", "helpers", "manager", "service", "common", "base", "misc"}
UNWANTED_WORDS = re.compile(r"/work/|/root/|files\.pythonhosted|registry\.npmjs|deb\.debian\.org")


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    return [ROOT / name for name in listed if (ROOT / name).is_file()]


def module_sizes() -> list[str]:
    """A module that does not fit its limit is two modules."""
    faults = []
    for path in tracked("src/*.py", "tests/*.py", "bench/*.py", "frontend/src/*.ts"):
        limit = TEST_LINES_MAX if "tests" in path.parts else MODULE_LINES_MAX
        lines = len(path.read_text().splitlines())
        if lines > limit:
            faults.append(f"{path.relative_to(ROOT)} has {lines} lines; {limit} is the limit. Split it.")
    return faults


def module_names() -> list[str]:
    """A module is named by what it does."""
    return [
        f"{path.relative_to(ROOT)} says nothing about its content. Name it by its domain word."
        for path in tracked("src/*.py", "frontend/src/*.ts")
        if path.stem in UNWANTED_NAMES
    ]


def settings_documented() -> list[str]:
    """docs/operate/settings.md names every setting, with its default, and no other."""
    sys.path.insert(0, str(ROOT / "src"))
    from rostra.apps.settings import Settings
    from rostra.apps.settings_reading import PREFIX

    page = ROOT / "docs/operate/settings.md"
    text = page.read_text() if page.exists() else ""
    found = set(re.findall(rf"^\| `{PREFIX}([A-Z_]+)`", text, re.MULTILINE))
    wanted = {each.name.upper() for each in fields(Settings)}
    faults = [f"docs/operate/settings.md does not name {PREFIX}{name}." for name in sorted(wanted - found)]
    faults += [
        f"docs/operate/settings.md names {PREFIX}{name}, which does not exist." for name in sorted(found - wanted)
    ]
    return faults


def decisions_listed() -> list[str]:
    """docs/decisions/README.md names every decision once, and no number stands for two."""
    folder = ROOT / "docs/decisions"
    listed = (folder / "README.md").read_text()
    names = [path.name for path in sorted(folder.glob("[0-9]*.md"))]
    faults = [
        f"docs/decisions/README.md names {name} {count} times; once is right."
        for name in names
        if (count := listed.count(f"({name})")) != 1
    ]
    numbers = [name[:4] for name in names]
    faults += [f"Two decisions have the number {each}." for each in set(numbers) if numbers.count(each) > 1]
    return faults


def machine_free() -> list[str]:
    """Nothing in the project names the machine it was written on or the host of a registry."""
    faults = []
    for path in tracked():
        if path == Path(__file__).resolve() or path.suffix in {".png", ".woff2", ".mp4", ".wav", ".bin"}:
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        if found := UNWANTED_WORDS.search(text):
            faults.append(f"{path.relative_to(ROOT)} names {found.group()!r}.")
    return faults


def main() -> int:
    faults = [*module_sizes(), *module_names(), *settings_documented(), *decisions_listed(), *machine_free()]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
