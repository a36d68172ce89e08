"""Reading an expression: the part of CEL that rules are written in, with the place of everything in it.

What is read here is CEL, so `cel` evaluates it; but this is less of it, and the rest is refused with a sentence that
says where. Less, so that a rule costs about what it is long: no loop stands in another one, nothing is put together
that is larger than what was there.

Source: the Common Expression Language, language definition (github.com/google/cel-spec), "Syntax".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

EXPRESSION_CHARACTERS: Final = 2_000
DEPTH_MAX: Final = 24
"""Both fail closed: a longer or deeper expression is no rule."""
_TOKEN: Final = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
    |(?P<string>r?(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"))
    |(?P<double>\d+\.\d+)
    |(?P<int>\d+)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>&&|\|\||==|!=|<=|>=|[-+*/<>!?:.,()\[\]])""",
    re.VERBOSE,
)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"'}
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")
_COMPARISONS: Final = ("==", "!=", "<", "<=", ">", ">=", "in")


class ExpressionWrong(ValueError):
    """line, column: of the fault, from 1 on. The text says what is wrong and what would be right."""

    def __init__(self, text: str, line: int, column: int) -> None:
        super().__init__(text)
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Place:
    line: int
    column: int

    def wrong(self, text: str) -> ExpressionWrong:
        return ExpressionWrong(text, self.line, self.column)


@dataclass(frozen=True, slots=True)
class Literal:
    value: bool | int | float | str
    at: Place
    is_raw: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list that is written out."""

    items: tuple[Node, ...]
    at: Place


@dataclass(frozen=True, slots=True)
class Name:
    """`post`, or what a loop calls each entry."""

    name: str
    at: Place


@dataclass(frozen=True, slots=True)
class Field:
    """`post.text`."""

    of: Node
    name: str
    at: Place


@dataclass(frozen=True, slots=True)
class Call:
    """`size(x)`; with `of`, `x.size()`."""

    name: str
    of: Node | None
    arguments: tuple[Node, ...]
    at: Place


@dataclass(frozen=True, slots=True)
class Operation:
    """sign: of CEL, `?` for a choice, `-` with one operand for a negative number."""

    sign: str
    operands: tuple[Node, ...]
    at: Place


Node = Literal | Items | Name | Field | Call | Operation


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: Place


def parse(expression: str) -> Node:
    """Raises ExpressionWrong."""
    if len(expression) > EXPRESSION_CHARACTERS:
        raise ExpressionWrong(f"An expression may have {EXPRESSION_CHARACTERS} characters. Make two rules of it.", 1, 1)
    reader = _Reader(list(_tokens(expression)))
    found = reader.choice()
    reader.expect_end()
    return found


def _tokens(expression: str) -> Iterator[_Token]:
    at, line, line_start = 0, 1, 0
    while at < len(expression):
        place = Place(line, at - line_start + 1)
        found = _TOKEN.match(expression, at)
        if found is None:
            shown = expression[at]
            text = (
                "This text has no end: a quotation mark is missing."
                if shown in "'\""
                else f"{shown!r} is no sign here."
            )
            raise place.wrong(text)
        kind, token = found.lastgroup or "", found[0]
        if kind != "space":
            yield _Token(kind, token, place)
        if (breaks := token.count("\n")) > 0:
            line, line_start = line + breaks, at + token.rindex("\n") + 1
        at = found.end()
    yield _Token("end", "the end", Place(line, at - line_start + 1))


class _Reader:
    """Recursive descent, one method for each level of the grammar."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def choice(self) -> Node:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise self._token.at.wrong(f"More than {DEPTH_MAX} brackets in each other. Make two rules of it.")
        found = self._either()
        if (sign := self._take("?")) is not None:
            yes = self._either()
            self._need(":")
            found = Operation("?", (found, yes, self.choice()), sign.at)
        self._depth -= 1
        return found

    def expect_end(self) -> None:
        if self._token.kind != "end":
            raise self._token.at.wrong(f"The expression could end here, but {self._token.text!r} follows.")

    def _either(self) -> Node:
        found = self._both()
        while (sign := self._take("||")) is not None:
            found = Operation("||", (found, self._both()), sign.at)
        return found

    def _both(self) -> Node:
        found = self._comparison()
        while (sign := self._take("&&")) is not None:
            found = Operation("&&", (found, self._comparison()), sign.at)
        return found

    def _comparison(self) -> Node:
        found = self._sum()
        if (sign := self._take(*_COMPARISONS)) is not None:
            found = Operation(sign.text, (found, self._sum()), sign.at)
            if self._token.text in _COMPARISONS:
                raise self._token.at.wrong("One comparison at a time: join two of them by && or ||.")
        return found

    def _sum(self) -> Node:
        found = self._product()
        while (sign := self._take("+", "-")) is not None:
            found = Operation(sign.text, (found, self._product()), sign.at)
        return found

    def _product(self) -> Node:
        found = self._unary()
        while (sign := self._take("*", "/")) is not None:
            found = Operation(sign.text, (found, self._unary()), sign.at)
        return found

    def _unary(self) -> Node:
        """One `!` or `-` at most: two of them say nothing, or are a slip."""
        if (sign := self._take("!", "-")) is not None:
            return Operation(sign.text, (self._member(),), sign.at)
        return self._member()

    def _member(self) -> Node:
        found = self._primary()
        while self._take(".") is not None:
            name = self._token
            if name.kind != "name":
                raise name.at.wrong(f"A name has to follow the dot, not {name.text!r}.")
            self._next += 1
            if self._take("(") is not None:
                found = Call(name.text, found, self._several(")"), name.at)
            else:
                found = Field(found, name.text, name.at)
        return found

    def _primary(self) -> Node:
        token = self._token
        self._next += 1
        if token.kind == "string":
            return Literal(_text(token), token.at, is_raw=token.text[0] == "r")
        if token.kind == "int":
            return Literal(_whole(token), token.at)
        if token.kind == "double":
            return Literal(float(token.text), token.at)
        if token.kind == "name" and token.text in ("true", "false"):
            return Literal(token.text == "true", token.at)
        if token.kind == "name" and token.text != "in":
            if self._take("(") is not None:
                return Call(token.text, None, self._several(")"), token.at)
            return Name(token.text, token.at)
        if token.text == "(":
            found = self.choice()
            self._need(")")
            return found
        if token.text == "[":
            return Items(self._several("]"), token.at)
        self._next -= 1
        raise token.at.wrong(f"A value is missing before {token.text!r}.")

    def _several(self, end: str) -> tuple[Node, ...]:
        found: list[Node] = []
        while self._take(end) is None:
            if found:
                self._need(",")
            found.append(self.choice())
        return tuple(found)

    @property
    def _token(self) -> _Token:
        return self._tokens[min(self._next, len(self._tokens) - 1)]

    def _take(self, *texts: str) -> _Token | None:
        token = self._token
        if token.kind in ("sign", "name") and token.text in texts:
            self._next += 1
            return token
        return None

    def _need(self, text: str) -> None:
        if self._take(text) is None:
            raise self._token.at.wrong(f"{text!r} is missing before {self._token.text!r}.")


def _whole(token: _Token) -> int:
    value = int(token.text)
    if value > 2**31:
        raise token.at.wrong("A number may be 2147483648 at most.")
    return value


def _text(token: _Token) -> str:
    if token.text[0] == "r":
        return token.text[2:-1]

    def meant(found: re.Match[str]) -> str:
        code = found[1]
        if code[0] == "u" and len(code) == 5:
            return chr(int(code[1:], 16))
        if code not in _ESCAPES:
            raise token.at.wrong(
                f"\\{code} means nothing in a text. For a pattern write r'…', where it stays as it is."
            )
        return _ESCAPES[code]

    value = _ESCAPE.sub(meant, token.text[1:-1])
    if any(0xD800 <= ord(each) <= 0xDFFF for each in value):
        raise token.at.wrong("Half of a character: \\u is for characters up to U+FFFF.")
    return value
