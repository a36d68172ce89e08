"""Rules: what a file may say, where it is wrong, and what runs of it."""

from __future__ import annotations

from itertools import count

import pytest

from rostra.safety.watching.checking import check
from rostra.safety.watching.facts import AuthorFacts, Facts, PostFacts, folded, hosts_of, posts_per_day
from rostra.safety.watching.parsing import DEPTH_MAX, EXPRESSION_CHARACTERS, ExpressionWrong
from rostra.safety.watching.rules import RULES_MAX, Act, RuleSet, RulesWrong, load
from rostra.safety.watching.running import Running

FILE = """\
# Ours.
[[rule]]
name = "links-from-newcomers"
description = "A new account posts links to several sites."
when = '''
author.age_days < 3
  && size(post.hosts) >= 3'''
act = "hold"
category = "SCAMS_AND_FRAUD"

[[rule]]
name = "pills"
description = "The post offers prescription drugs."
when = '''post.folded.matches(r'\\b(viagra|xanax)\\b') && !post.is_reply'''
act = "queue"
category = "UNSAFE_AND_PROHIBITED_PRODUCTS"
"""


def facts(text: str = "", *, links: tuple[str, ...] = (), age_days: float = 100.0, is_reply: bool = False) -> Facts:
    post = PostFacts(text=text, folded=folded(text), links=links, hosts=hosts_of(links), is_reply=is_reply)
    return Facts(post, AuthorFacts(handle="ada", age_days=age_days))


def running(text: str = FILE) -> Running:
    return Running(load(text), lambda: 0.0)


def names(found: Running, of: Facts, **how: object) -> list[str]:
    return [rule.name for rule in found.run(of, **how).met]  # type: ignore[arg-type]


def test_a_file_becomes_rules_that_run() -> None:
    rules = running()
    assert names(rules, facts("Buy XANAX now")) == ["pills"]
    assert names(rules, facts("Buy xan\u200bax now")) == ["pills"]
    assert names(rules, facts("Xanaxes")) == []
    assert names(rules, facts("xanax", is_reply=True)) == []
    three = ("https://a.example/1", "https://www.b.example", "https://c.example")
    assert names(rules, facts("xanax", links=three, age_days=0.5)) == ["links-from-newcomers", "pills"]
    assert names(rules, facts(links=three, age_days=3.0)) == []
    assert names(rules, facts("xanax", links=three, age_days=0.5), only=Act.HOLD) == ["links-from-newcomers"]
    assert rules.asks == {"author.age_days", "post.hosts", "post.folded", "post.is_reply"}


def test_a_rule_changes_its_version_with_its_meaning_only() -> None:
    before = {rule.name: rule.version for rule in load(FILE).rules}
    reworded = {rule.name: rule.version for rule in load(FILE.replace("A new account", "An account of today")).rules}
    assert reworded == before
    changed = {rule.name: rule.version for rule in load(FILE.replace(">= 3", ">= 4")).rules}
    assert changed["pills"] == before["pills"]
    assert changed["links-from-newcomers"] != before["links-from-newcomers"]


@pytest.mark.parametrize(
    ("was", "now", "place", "words"),
    [
        ("size(post.hosts) >= 3", "size(post.host) >= 3", (7, 16), "There is no post.host."),
        ("age_days < 3\n", "age_days < '3'\n", (6, 17), "double and string are never compared"),
        ("!post.is_reply", "!post.text", (14, 63), "joins what is true or false"),
        (r"(viagra|xanax)", "(viagra|xanax", (14, 31), "unclosed group"),
        ('act = "queue"', 'act = "delete"', (15, 0), "can queue, label or hold, and nothing else"),
        ('"SCAMS_AND_FRAUD"', '"SCAMS"', (9, 0), "No category"),
        ('name = "pills"', 'name = "links-from-newcomers"', (12, 0), "already"),
        ('name = "pills"', 'name = "Pills!"', (12, 0), "small letters"),
        ('name = "pills"', 'name = "pills"\nweight = 3', (13, 0), "'weight' is no part of a rule"),
        ('name = "pills"', "name = pills", (12, 8), "Invalid value"),
        ("# Ours.", "house = 1", (1, 0), "there is only [[rule]]"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(was: str, now: str, place: tuple[int, int], words: str) -> None:
    assert was in FILE
    with pytest.raises(RulesWrong) as caught:
        load(FILE.replace(was, now))
    (problem,) = caught.value.problems
    assert (problem.line, problem.column) == place
    assert words in problem.text


def test_all_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(RulesWrong) as caught:
        load(FILE.replace("post.hosts", "post.host").replace('"queue"', '"ban"').replace("PRODUCTS", "THINGS"))
    assert len(caught.value.problems) == 3
    assert "line 7, column 16" in caught.value.user_message


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("post.text", "has to be true or false"),
        ("true && nope", "'nope' is no value"),
        ("post.links.all(a, post.links.exists(b, a == b))", "No loop in another one"),
        ("post.tags.exists(t, t.matches('x'))", "No pattern in a loop"),
        ("post.text.matches(post.warning)", "written out"),
        ("post.text.matches('(a{9}){99}')", "multiply to 200"),
        ("author.posts / author.followers > 2", "not 0"),
        ("author.posts / 0 > 2", "not 0"),
        ("author.age_days * 2 > 1.0", "takes two of one type"),
        ("post.text + 'x' == 'y'", "for numbers"),
        ("'x' in post.text", "After in stands a list"),
        ("post.text == 1 || true", "never compared"),
        ("post.is_reply < true", "nothing is more or less"),
        ("1 < 2 < 3", "One comparison at a time"),
        ("post.text.lower() == 'x'", "There is no lower here"),
        ("post.text.contains('x', 'y')", "takes 1"),
        ("size(post.characters) > 1", "size is of one text"),
        ("'\\d' == post.text", "means nothing in a text"),
        ("'abc == post.text", "quotation mark"),
        ("post.text == 'a' ; true", "no sign here"),
        ("(true", "')' is missing"),
        ("true true", "could end here"),
        ("", "A value is missing"),
        ("(" * 30 + "true" + ")" * 30, f"More than {DEPTH_MAX} brackets"),
        ("true || " * 300 + "true", f"{EXPRESSION_CHARACTERS} characters"),
        ("author.posts > 99999999999", "2147483648 at most"),
    ],
)
def test_what_is_no_rule_is_refused_before_it_runs(expression: str, words: str) -> None:
    with pytest.raises(ExpressionWrong, match=r".") as caught:
        check(expression)
    assert words in str(caught.value)


def test_a_file_has_an_end() -> None:
    block = FILE[FILE.index('[[rule]]\nname = "pills"') :]
    many = "\n".join(block.replace("pills", f"pills-{number}") for number in range(RULES_MAX + 1))
    with pytest.raises(RulesWrong, match=f"There may be {RULES_MAX} rules"):
        load(many)
    assert load("").rules == ()


def test_rules_that_take_too_long_stop_and_say_so() -> None:
    """Of two rules the second does not begin once the bound is reached: what is left is for later."""
    ticks = count(step=0.015)
    slow = Running(load(FILE), lambda: next(ticks))
    outcome = slow.run(facts("xanax"), within_s=0.02)
    assert not outcome.is_whole
    assert outcome.met == ()
    assert Running(load(FILE), lambda: 0.0).run(facts("xanax"), within_s=0.02).is_whole


def test_a_rule_that_fails_is_in_no_other_ones_way() -> None:
    """A number can grow beyond what the engine has; the post is then met by the other rules."""
    grows = FILE.replace(
        "author.age_days < 3\n  && size(post.hosts) >= 3",
        "author.posts * 2147483648 * 2147483648 * 2147483648 > 3",
    )
    big = Facts(PostFacts(folded="xanax"), AuthorFacts(posts=2**31))
    outcome = running(grows).run(big)
    assert [rule.name for rule in outcome.met] == ["pills"]
    assert not outcome.is_whole


def test_no_rules_meet_nothing() -> None:
    assert Running(RuleSet(), lambda: 0.0).run(facts("anything")).met == ()


def test_facts_are_what_they_say() -> None:
    assert hosts_of(("https://WWW.a.example/x", "http://a.example", "https://b.example:8443/")) == (
        "a.example",
        "b.example",
    )
    assert hosts_of(("https://[", "mailto:x")) == ()
    assert folded("Ｆｕｌｌ\u200dwidth STRASSE ﬁ") == "fullwidth strasse fi"
    assert posts_per_day(30, 0.25) == 30
    assert posts_per_day(30, 10) == 3
