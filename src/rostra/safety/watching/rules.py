"""Rules: what an operator writes into `rules.toml`, checked as a whole before any of it is used."""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final

from rostra.platform.errors import Invalid, RostraError
from rostra.safety.categories import check_category
from rostra.safety.category_tree import Use
from rostra.safety.watching.checking import check
from rostra.safety.watching.parsing import ExpressionWrong

RULES_MAX: Final = 100
FILE_CHARACTERS: Final = 200_000
DESCRIPTION_CHARACTERS: Final = 300
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,59}")
_HEADER: Final = re.compile(r"^[ \t]*\[\[[ \t]*rule[ \t]*\]\]", re.MULTILINE)
_KEYS: Final = ("name", "description", "when", "act", "category", "keyword")


class Act(StrEnum):
    """All that a machine may do. queue: a case for people. label: a mark that people see who look at the post.

    hold: a case, and until people have decided it, or for so long as the house says, nobody but its author sees it.
    """

    QUEUE = "queue"
    LABEL = "label"
    HOLD = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """description: what it looks for, in plain language; the author of a post that it holds reads it.

    asks: the facts that its expression names. version: changes with whatever changes which posts it meets.
    """

    name: str
    description: str
    when: str
    act: Act
    category: str
    keyword: str = ""
    asks: frozenset[str] = frozenset()

    @property
    def version(self) -> str:
        meant = f"{self.when}\x00{self.act}\x00{self.category}\x00{self.keyword}"
        return hashlib.sha256(meant.encode()).hexdigest()[:12]

    @property
    def machine(self) -> str:
        """As the log of a case names what has found it."""
        return f"{self.name} {self.version}"

    @property
    def is_about_accounts(self) -> bool:
        """Whether it asks for nothing but who writes: then it is asked when a profile changes, too."""
        return bool(self.asks) and all(each.startswith("author.") for each in self.asks)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """text: the file. digest: of it."""

    rules: tuple[Rule, ...] = ()
    text: str = ""

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Problem:
    """line, column: in the file, from 1 on; column 0 where the whole line is meant."""

    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}{f', column {self.column}' if self.column else ''}: {self.text}"


class RulesWrong(RostraError):
    """A file of rules that cannot be used, with everything that is wrong in it."""

    status, code = HTTPStatus.UNPROCESSABLE_ENTITY, "rules_wrong"

    def __init__(self, problems: list[Problem]) -> None:
        text = "\n".join(str(each) for each in problems)
        super().__init__(text, user_message=f"These rules cannot be used:\n{text}")
        self.problems = problems


def load(text: str) -> RuleSet:
    """The rules of a file. Raises RulesWrong with every problem, not only the first one."""
    if len(text) > FILE_CHARACTERS:
        raise RulesWrong([Problem(1, 0, f"A file of rules may have {FILE_CHARACTERS} characters.")])
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulesWrong([_of_toml(error, text)]) from error
    problems = [
        Problem(1, 0, f"{key!r} means nothing here; there is only [[rule]].") for key in parsed if key != "rule"
    ]
    tables = parsed.get("rule", [])
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise RulesWrong([Problem(1, 0, "Each rule begins with a line [[rule]].")])
    if len(tables) > RULES_MAX:
        problems.append(Problem(1, 0, f"There may be {RULES_MAX} rules; here are {len(tables)}."))
    starts = [found.start() for found in _HEADER.finditer(text)]
    rules: dict[str, Rule] = {}
    for number, table in enumerate(tables[:RULES_MAX]):
        start = starts[number] if number < len(starts) else 0
        end = starts[number + 1] if number + 1 < len(starts) else len(text)
        rule, wrong = _rule(table, _Block(text, start, end))
        problems += wrong
        if rule is not None and rule.name in rules:
            problems.append(_Block(text, start, end).problem("name", f"There is a rule {rule.name!r} already."))
        elif rule is not None:
            rules[rule.name] = rule
    if problems:
        raise RulesWrong(problems)
    return RuleSet(rules=tuple(rules.values()), text=text)


@dataclass(frozen=True, slots=True)
class _Block:
    """Where one rule stands in the file."""

    text: str
    start: int
    end: int

    def problem(self, key: str, text: str) -> Problem:
        return Problem(self._line(self._key(key)), 0, text)

    def in_expression(self, expression: str, error: ExpressionWrong) -> Problem:
        """Exact when the file has the expression as it is, which it has between '…' and between '''…'''."""
        begins = self.text.find(expression, self._key("when"), self.end)
        if begins < 0:
            text = f"{error} (in line {error.line}, column {error.column} of the expression)"
            return self.problem("when", text)
        line, column = self._line(begins), begins - self.text.rfind("\n", 0, begins)
        if error.line == 1:
            return Problem(line, column + error.column - 1, str(error))
        return Problem(line + error.line - 1, error.column, str(error))

    def _key(self, key: str) -> int:
        found = re.compile(rf"^[ \t]*{key}[ \t]*=[ \t]*", re.MULTILINE).search(self.text, self.start, self.end)
        return self.start if found is None else found.end()

    def _line(self, at: int) -> int:
        return self.text.count("\n", 0, at) + 1


def _rule(table: dict[str, Any], block: _Block) -> tuple[Rule | None, list[Problem]]:
    problems = [block.problem(key, f"{key!r} is no part of a rule.") for key in table if key not in _KEYS]
    values: dict[str, str] = {}
    for key in _KEYS:
        value = table.get(key, "")
        if not isinstance(value, str):
            problems.append(block.problem(key, f"{key} has to be a text in quotation marks."))
        values[key] = value.strip() if isinstance(value, str) and key != "when" else str(value)
    if not _NAME.fullmatch(values["name"]):
        problems.append(block.problem("name", "A rule needs a name of 2 to 60 small letters, digits and hyphens."))
    if not 10 <= len(values["description"]) <= DESCRIPTION_CHARACTERS:
        wanted = f"Say in 10 to {DESCRIPTION_CHARACTERS} characters what the rule looks for: those it meets read it."
        problems.append(block.problem("description", wanted))
    if values["act"] not in tuple(Act):
        problems.append(block.problem("act", "A rule can queue, label or hold, and nothing else."))
    try:
        check_category(values["category"], values["keyword"], use=Use.OWN_TERMS)
    except Invalid as error:
        problems.append(block.problem(error.field or "category", f"No category or keyword of the EU's list: {error}."))
    asks: frozenset[str] = frozenset()
    try:
        asks = check(values["when"]).asks
    except ExpressionWrong as error:
        problems.append(block.in_expression(values["when"], error))
    if problems:
        return None, problems
    return Rule(**values | {"act": Act(values["act"])}, asks=asks), []  # type: ignore[arg-type]


_TOML_AT: Final = re.compile(r"\(at line (\d+), column (\d+)\)")


def _of_toml(error: tomllib.TOMLDecodeError, text: str) -> Problem:
    if (found := _TOML_AT.search(str(error))) is None:
        return Problem(text.count("\n") + 1, 0, str(error))
    return Problem(int(found[1]), int(found[2]), str(error).replace(found[0], "").strip() + ".")
