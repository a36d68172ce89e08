"""Expressions of rules: what passes the check runs on every post and is true or false; nothing else gets through."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from rostra.safety.watching.checking import check
from rostra.safety.watching.engine import compiled, context
from rostra.safety.watching.facts import FIELDS, AuthorFacts, Facts, PostFacts, Type
from rostra.safety.watching.parsing import ExpressionWrong

texts = st.text(max_size=30)
lists = st.lists(texts, max_size=4).map(tuple)
counts = st.integers(0, 10**6)
facts = st.builds(
    Facts,
    st.builds(PostFacts, text=texts, folded=texts, tags=lists, links=lists, characters=counts, is_reply=st.booleans()),
    st.builds(AuthorFacts, handle=texts, age_days=st.floats(0, 10_000), followers=counts, posts=counts),
)


def named(wanted: Type) -> st.SearchStrategy[str]:
    return st.sampled_from([name for name, kind in FIELDS.items() if kind is wanted])


def quoted(text: str) -> str:
    return "'" + "".join(f"\\u{ord(each):04x}" if ord(each) < 0x10000 else "?" for each in text) + "'"


strings = named(Type.STRING) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8).map(quoted)
whole = st.one_of(
    named(Type.INT),
    st.integers(0, 999).map(str),
    named(Type.STRINGS).map("size({})".format),
    strings.map("size({})".format),
)
numbers = st.recursive(
    whole,
    lambda inner: st.tuples(inner, st.sampled_from("+-"), inner).map(lambda each: f"({' '.join(each)})"),
    max_leaves=4,
)
compared = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
atoms = st.one_of(
    named(Type.BOOL),
    st.sampled_from(["true", "false"]),
    st.tuples(numbers, compared, numbers).map(" ".join),
    st.tuples(strings, compared, strings).map(" ".join),
    st.tuples(named(Type.DOUBLE), compared, numbers).map(" ".join),
    st.tuples(strings, named(Type.STRINGS)).map(" in ".join),
    st.tuples(named(Type.STRING), st.sampled_from(["contains", "startsWith", "endsWith"]), strings).map(
        lambda each: f"{each[0]}.{each[1]}({each[2]})"
    ),
    st.tuples(named(Type.STRING), st.sampled_from([r"\bbuy\b", "(?i)x|y", r"\d{2,5}"])).map(
        lambda each: f"{each[0]}.matches(r'{each[1]}')"
    ),
    st.tuples(named(Type.STRINGS), st.sampled_from(["exists", "all", "exists_one"]), strings).map(
        lambda each: f"{each[0]}.{each[1]}(one, one.contains({each[2]}) || size(one) > 3)"
    ),
)
expressions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(lambda each: f"({' '.join(each)})"),
        inner.map("!({})".format),
        st.tuples(inner, inner, inner).map(lambda each: f"({each[0]} ? {each[1]} : {each[2]})"),
    ),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(expressions, facts)
def test_a_rule_that_was_taken_is_true_or_false(expression: str, of: Facts) -> None:
    """The engine has no complaint about what was checked, whatever the post."""
    with suppress(ExpressionWrong):  # one that grew too long or too deep
        check(expression)
        assert compiled(expression).execute(context(of.plain())) in (True, False)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60) | st.text("post.authxlinks()[]'\"\\r<>=!&|?:+-*/ 019\n", max_size=60))
def test_whatever_is_typed_is_taken_or_named_as_wrong(expression: str) -> None:
    """With a place that is in the text, or right behind it."""
    line, column = fault(expression)
    assert 0 <= line <= expression.count("\n") + 1
    assert 0 <= column <= len(expression) + 1


def fault(expression: str) -> tuple[int, int]:
    """Where it is; 0, 0 without one."""
    try:
        check(expression)
    except ExpressionWrong as error:
        return error.line, error.column
    return 0, 0
