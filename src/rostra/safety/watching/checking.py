"""Whether an expression can be a rule: its names, its types, what it costs. Everything is known before it runs once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from rostra.safety.watching.engine import FAILURES, try_pattern
from rostra.safety.watching.facts import FIELDS, Type
from rostra.safety.watching.parsing import Call, Field, Items, Literal, Name, Node, Operation, parse

PATTERNS_MAX: Final = 8
PATTERN_CHARACTERS: Final = 500
REPEATS_MAX: Final = 200
"""Fail closed. A pattern is compiled whenever a rule runs, and `x{1000}` is a thousand x; matching itself is linear in
the text, whatever the pattern: there is no going back in it."""
_REPEATS: Final = re.compile(r"\{(?:\d+,)?(\d+)\}|\{(\d+),\}")
_NUMBERS: Final = (Type.INT, Type.DOUBLE)
_LOOPS: Final = ("exists", "all", "exists_one")
_ON_TEXT: Final = ("contains", "startsWith", "endsWith", "matches")
_LISTED: Final = (Type.STRINGS,)


@dataclass(frozen=True, slots=True)
class Checked:
    """asks: what it names, such as `author.posts_last_day`: what is not asked for need not be found out."""

    type: Type
    asks: frozenset[str]


def check(expression: str) -> Checked:
    """Raises ExpressionWrong unless it is an expression that is true or false for every post."""
    node = parse(expression)
    checker = _Checker()
    found = checker.type_of(node)
    if found is not Type.BOOL:
        raise node.at.wrong(f"A rule has to be true or false; this is of type {found}.")
    return Checked(found, frozenset(checker.asks))


class _Checker:
    def __init__(self) -> None:
        self.asks: set[str] = set()
        self._patterns = 0
        self._loop: str | None = None

    def type_of(self, node: Node) -> Type:
        match node:
            case Literal():
                return _literal(node)
            case Items():
                return self._items(node)
            case Name():
                return self._name(node)
            case Field():
                return self._field(node)
            case Operation():
                return self._operation(node)
            case Call():
                return self._call(node)

    def _items(self, node: Items) -> Type:
        for each in node.items:
            self._want(each, Type.STRING, "A list that is written out has texts in it")
        if not node.items:
            raise node.at.wrong("An empty list says nothing.")
        return Type.STRINGS

    def _name(self, node: Name) -> Type:
        if node.name == self._loop:
            return Type.STRING
        hint = "Say which of its facts, such as post.text." if node.name in ("post", "author") else _names("post")
        raise node.at.wrong(f"{node.name!r} is no value. {hint}")

    def _field(self, node: Field) -> Type:
        if not isinstance(node.of, Name) or node.of.name not in ("post", "author") or node.of.name == self._loop:
            raise node.at.wrong("Only post and author have facts.")
        whole = f"{node.of.name}.{node.name}"
        if whole not in FIELDS:
            raise node.at.wrong(f"There is no {whole}. {_names(node.of.name)}")
        self.asks.add(whole)
        return FIELDS[whole]

    def _operation(self, node: Operation) -> Type:
        sign, operands = node.sign, node.operands
        if sign in ("&&", "||", "!"):
            for each in operands:
                self._want(each, Type.BOOL, f"{sign} joins what is true or false")
            return Type.BOOL
        if sign == "?":
            self._want(operands[0], Type.BOOL, "Before ? stands what is true or false")
            return self._alike(node, operands[1], operands[2], "Both sides of : have to be of one type")
        if sign == "in":
            self._want(operands[0], Type.STRING, "A list has texts in it")
            self._want(operands[1], Type.STRINGS, "After in stands a list")
            return Type.BOOL
        if sign in ("==", "!=", "<", "<=", ">", ">="):
            return self._comparison(node)
        if len(operands) == 1:
            found = self.type_of(operands[0])
            if found not in _NUMBERS:
                raise node.at.wrong(f"Only a number can be negative; this is of type {found}.")
            return found
        found = self._alike(node, operands[0], operands[1], f"{sign} takes two of one type; double(…) makes a double")
        if found not in _NUMBERS:
            raise node.at.wrong(f"{sign} is for numbers; this is of type {found}.")
        if sign == "/" and not (isinstance(operands[1], Literal) and operands[1].value):
            raise node.at.wrong("Divide by a number that is written out and is not 0: a rule must not fail on a post.")
        return found

    def _comparison(self, node: Operation) -> Type:
        left, right = (self.type_of(each) for each in node.operands)
        if left is not right and not (left in _NUMBERS and right in _NUMBERS):
            raise node.at.wrong(f"{left} and {right} are never compared.")
        if node.sign not in ("==", "!=") and left not in (*_NUMBERS, Type.STRING):
            raise node.at.wrong(f"Of type {left} nothing is more or less than another.")
        return Type.BOOL

    def _call(self, node: Call) -> Type:
        if node.of is not None and node.name in _LOOPS:
            return self._loops(node, node.of)
        if node.of is not None and node.name in _ON_TEXT:
            self._want(node.of, Type.STRING, f"{node.name} is for a text")
            (argument,) = self._arguments(node, 1)
            self._want(argument, Type.STRING, f"{node.name} takes a text")
            if node.name == "matches":
                self._pattern(argument)
            return Type.BOOL
        if node.name == "size":
            given = (*(() if node.of is None else (node.of,)), *node.arguments)
            if len(given) != 1 or self.type_of(given[0]) not in (Type.STRING, *_LISTED):
                raise node.at.wrong("size is of one text or of one list.")
            return Type.INT
        if node.name in ("double", "int") and node.of is None:
            (argument,) = self._arguments(node, 1)
            if self.type_of(argument) not in _NUMBERS:
                raise node.at.wrong(f"{node.name} makes a number of another one.")
            return Type(node.name)
        known = ", ".join((*_ON_TEXT, *_LOOPS, "size", "double", "int"))
        raise node.at.wrong(f"There is no {node.name} here. There is: {known}.")

    def _loops(self, node: Call, over: Node) -> Type:
        if self._loop is not None:
            raise node.at.wrong("No loop in another one: it would cost as much as both lists multiplied.")
        self._want(over, Type.STRINGS, f"{node.name} is for a list")
        name, condition = self._arguments(node, 2)
        if not isinstance(name, Name) or name.name in ("post", "author"):
            raise node.at.wrong(f"First a name for each entry: list.{node.name}(each, …).")
        self._loop = name.name
        self._want(condition, Type.BOOL, f"{node.name} asks what is true or false of each entry")
        self._loop = None
        return Type.BOOL

    def _pattern(self, node: Node) -> None:
        if not isinstance(node, Literal) or not isinstance(node.value, str):
            raise node.at.wrong("A pattern is written out, so that it can be checked: r'…'.")
        if self._loop is not None:
            raise node.at.wrong("No pattern in a loop: use contains, startsWith or endsWith there.")
        self._patterns += 1
        if self._patterns > PATTERNS_MAX:
            raise node.at.wrong(f"A rule may have {PATTERNS_MAX} patterns. Join them: r'one|two'.")
        if len(node.value) > PATTERN_CHARACTERS:
            raise node.at.wrong(f"A pattern may have {PATTERN_CHARACTERS} characters.")
        repeats = 1
        for found in _REPEATS.finditer(node.value):
            repeats *= max(1, int(found[1] or found[2]))
        if repeats > REPEATS_MAX:
            raise node.at.wrong(f"What stands in braces may multiply to {REPEATS_MAX}; here it is {repeats}.")
        try:
            try_pattern(node.value)
        except FAILURES as error:
            raise node.at.wrong(f"This is no pattern: {_reason(error)}.") from error

    def _arguments(self, node: Call, number: int) -> tuple[Node, ...]:
        if len(node.arguments) != number:
            raise node.at.wrong(f"{node.name} takes {number} in its brackets, not {len(node.arguments)}.")
        return node.arguments

    def _want(self, node: Node, wanted: Type, why: str) -> None:
        if (found := self.type_of(node)) is not wanted:
            raise node.at.wrong(f"{why}; this is of type {found}.")

    def _alike(self, node: Operation, one: Node, other: Node, why: str) -> Type:
        left, right = self.type_of(one), self.type_of(other)
        if left is not right:
            raise node.at.wrong(f"{why}; here are {left} and {right}.")
        return left


def _literal(node: Literal) -> Type:
    if isinstance(node.value, bool):
        return Type.BOOL
    return {str: Type.STRING, int: Type.INT, float: Type.DOUBLE}[type(node.value)]


def _names(of: str) -> str:
    return "There is: " + ", ".join(name for name in FIELDS if name.startswith(f"{of}.")) + "."


def _reason(error: Exception) -> str:
    """The last line of what the engine says, which is the one for people."""
    lines = [each for each in str(error).splitlines() if each.startswith("error:")]
    return lines[-1].removeprefix("error: ").partition(". Check ")[0] if lines else "it is too large or cannot be read"
