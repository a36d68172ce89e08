"""`rostra rules`: check a file, try it on what was posted, report how right it was. None of them writes anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Final

from rostra.apps.opening import open_database
from rostra.apps.settings import Settings
from rostra.flows.gather_facts import gather_facts
from rostra.network.posts import NoSuchPost, PostStore
from rostra.platform.clock import SystemClock
from rostra.platform.errors import RostraError
from rostra.safety.watching.figure_store import FigureStore
from rostra.safety.watching.rules import RuleSet, load
from rostra.safety.watching.running import Running
from rostra.safety.watching.tongues import load_model

SHOWN: Final = 5
BATCH: Final = 500
NEWEST: Final = 2**63 - 1


class NoRulesFile(RostraError):
    status, code = HTTPStatus.NOT_FOUND, "no_rules_file"


def read_rules(path: Path) -> RuleSet:
    """Raises NoRulesFile, RulesWrong with every fault."""
    try:
        return load(path.read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise NoRulesFile(str(error), user_message=f"The file {path} cannot be read: {error}.") from error


async def try_rules(settings: Settings, path: Path, last: int, print_line: Callable[[str], None]) -> None:
    """Which of the newest `last` posts the rules would have met, with the first few of each. Raises as read_rules.

    Facts are those of now: an account that was new when it posted may be older.
    """
    rules = read_rules(path)
    clock = SystemClock()
    running = Running(rules, clock.monotonic)
    if "post.detected_language" in running.asks:
        load_model()
    met: Counter[str] = Counter()
    examples: dict[str, list[str]] = {}
    looked, failed, before = 0, 0, NEWEST
    async with open_database(settings) as database:
        while looked < last:
            async with database.reading(at_length=True) as session:
                posts = PostStore(session)
                ids = await posts.newest(before, limit=min(BATCH, last - looked))
                for post_id in ids:
                    author = await posts.author_of(post_id)
                    try:
                        post = await posts.get(post_id, author, now=clock.now())
                    except NoSuchPost:
                        continue  # of an account that is not shown
                    source, warning = await posts.source(post_id)
                    facts = await gather_facts(
                        session, post, source, warning, asks=running.asks, is_edit=False, now=clock.now()
                    )
                    outcome = running.run(facts)
                    failed += not outcome.is_whole
                    for rule in outcome.met:
                        met[rule.name] += 1
                        examples.setdefault(rule.name, []).append(f"{settings.site}/posts/{post_id}")
            if not ids:
                break
            looked, before = looked + len(ids), ids[-1]
    print_line(f"{looked} posts, the newest first." + (f" On {failed} of them a rule failed." if failed else ""))
    for rule in rules.rules:
        print_line(f"{rule.name} ({rule.act}): {met[rule.name]} posts")
        for url in examples.get(rule.name, [])[:SHOWN]:
            print_line(f"  {url}")


async def report_rules(settings: Settings, days: int, print_line: Callable[[str], None]) -> None:
    """How often each rule was right in the last `days`, and what it missed, with the counts."""
    end = SystemClock().now()
    begin = end - timedelta(days=days)
    async with open_database(settings) as database, database.reading(at_length=True) as session:
        found = await FigureStore(session).between(begin, end)
    print_line(f"From {begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC, by cases that people have decided.")
    for each in found:
        print_line(f"{each.rule} ({each.category}): met {each.hits} posts, {each.decided} of them decided")
        print_line(f"  precision {_share(each.precision)}: {each.right} violations of {each.decided} decided")
        known = each.right + each.missed
        print_line(f"  recall {_share(each.recall)}: {each.right} of {known} known violations of its category")
    if not found:
        print_line("No rule has met a post.")


def _share(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1%}"
