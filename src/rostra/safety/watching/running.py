"""Running rules on what is known of a post: which of them are true of it, within a bound of time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from rostra.platform.log import get_logger
from rostra.platform.metrics import counter
from rostra.safety.watching.engine import FAILURES, compiled, context
from rostra.safety.watching.facts import Facts
from rostra.safety.watching.rules import Act, Rule, RuleSet

_log = get_logger(__name__)
BEFORE_S: Final = 0.02
"""What all rules that hold may take of a post's publication. Fails open: what was not run by then runs right after."""
AFTER_S: Final = 1.0
"""What all rules may take after it. Fails open: what was not run by then is not run for this post, and counted."""
_failed: Final = counter("rules_failed", "Rules that could not be run on a post, by why", ("why",))
_met: Final = counter("rules_met", "Posts that rules met, by what the rule does", ("act",))


@dataclass(frozen=True, slots=True)
class Outcome:
    """is_whole: every rule ran and none of them failed."""

    met: tuple[Rule, ...]
    is_whole: bool


class Running:
    """A set of rules, ready to run."""

    def __init__(self, rules: RuleSet, monotonic: Callable[[], float]) -> None:
        self.rules = rules
        self._monotonic = monotonic
        self._programs: list[tuple[Rule, Any]] = [(rule, compiled(rule.when)) for rule in rules.rules]
        self.asks = frozenset(name for rule in rules.rules for name in rule.asks)
        self.of_accounts = frozenset(rule.name for rule in rules.rules if rule.is_about_accounts)
        self.holds = tuple(rule for rule in rules.rules if rule.act is Act.HOLD)

    def run(
        self, facts: Facts, *, only: Act | None = None, within_s: float = AFTER_S, of_account: bool = False
    ) -> Outcome:
        """The rules that are true of these facts. only: those that do this. of_account: those that ask for no post."""
        given = context(facts.plain())
        met: list[Rule] = []
        is_whole = True
        ends = self._monotonic() + within_s
        for rule, program in self._programs:
            if (only is not None and rule.act is not only) or (of_account and rule.name not in self.of_accounts):
                continue
            if self._monotonic() > ends:
                _failed.labels("time").inc()
                _log.warning("rules_took_too_long", before=rule.name, bound_ms=round(within_s * 1000))
                return Outcome(tuple(met), is_whole=False)
            try:
                is_true = program.execute(given) is True
            except FAILURES as error:
                is_whole = False
                _failed.labels("error").inc()
                _log.warning("rule_failed", rule=rule.name, reason=str(error)[:200])
                continue
            if is_true:
                met.append(rule)
                _met.labels(rule.act.value).inc()
        return Outcome(tuple(met), is_whole)
