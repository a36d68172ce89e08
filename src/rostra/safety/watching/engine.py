"""The engine that evaluates expressions, imported when there is a rule: it takes some 30 MB with what it imports."""

from __future__ import annotations

from typing import Any, Final

FAILURES: Final = (RuntimeError, ValueError, TypeError, ArithmeticError, LookupError)
"""What it raises when an expression cannot be evaluated."""


def compiled(expression: str) -> Any:
    """A program with `execute(context)`. Raises one of FAILURES."""
    import cel

    return cel.compile(expression)


def context(variables: dict[str, Any]) -> Any:
    """What programs run on, made once for all of them."""
    import cel

    return cel.Context(variables)


def try_pattern(pattern: str) -> None:
    """Raises one of FAILURES unless it is a pattern."""
    compiled("text.matches(pattern)").execute({"text": "", "pattern": pattern})
