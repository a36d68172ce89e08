"""What a HAProxy is told, and what may stand in its configuration."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from rostra.media.wire import SigningKeys
from rostra.shield.front import Facts, Front, FrontRefused, Peer, commands, configuration
from rostra.shield.front.runtime import LEASE_S, MOST_REVOKED

ONE, TWO, THREE, NOBODYS = "a" * 43, "b" * 43, "c" * 43, "z" * 43
FRONT = Front(edges=("127.0.0.1:8001",), sites=("127.0.0.1:8000",), stages=("127.0.0.1:8002",))


def told(facts: Facts) -> list[str]:
    return commands(facts, now_s=1000.5, random=NOBODYS)


def test_what_is_said_in_order() -> None:
    """A family without a former key gets one that nobody knows, never an empty one."""
    facts = Facts(2, SigningKeys(current=ONE, previous=TWO), SigningKeys(current=THREE), {"j" * 22: 2000})
    assert told(facts) == [
        "set var proc.level int(2)",
        f"set var proc.l1 str({ONE})",
        f"set var proc.l0 str({TWO})",
        f"set var proc.s1 str({THREE})",
        f"set var proc.s0 str({NOBODYS})",
        f"set table revoked key {'j' * 22} data.gpt0 1",
        f"set var proc.keys_until int({1000 + LEASE_S})",
    ]


@pytest.mark.parametrize("bad", ["", "x", "a" * 42 + ")", "a" * 40 + ");x", "a" * 43 + "\n"])
def test_a_key_that_is_none_is_never_said(bad: str) -> None:
    """It might carry a command, or be one that everybody knows; then no ticket is asked for."""
    pair = SigningKeys(current=ONE)
    for facts in (
        Facts(3, SigningKeys(current=bad), pair),
        Facts(3, pair, SigningKeys(current=ONE, previous=f"{bad} ")),
    ):
        said = told(facts)
        assert not any("keys_until" in each for each in said)
        assert all(re.fullmatch(r"set var proc\.\w+ (int\(3\)|str\(\w{43}\))", each) for each in said)


def test_streams_go_to_their_port_where_there_is_one() -> None:
    """And to the site where there is none; pages never go there."""
    for streams, found in (((), "127.0.0.1:8000"), (("127.0.0.1:8004",), "127.0.0.1:8004")):
        text = configuration(replace(FRONT, streams=streams))
        backend = text.partition("backend streams\n")[2].partition("backend ")[0]
        assert f"server stream1 {found}\n" in backend
        assert text.count(":8004") == 3 * len(streams), "ready, still running, and whether it runs"
    with pytest.raises(FrontRefused):
        configuration(replace(FRONT, streams=("127.0.0.1:8004 check",)))


def test_without_a_family_only_the_level_is_said() -> None:
    assert told(Facts(9, SigningKeys(current=ONE), None)) == ["set var proc.level int(3)"]


def test_a_name_that_is_none_is_not_said() -> None:
    pair = SigningKeys(current=ONE)
    assert not any("table" in each for each in told(Facts(0, pair, pair, {"x; shutdown": 2000, "j" * 21: 2000})))


def test_what_was_taken_back_is_forgotten_in_time_and_in_number() -> None:
    facts = Facts(revoked={"old": 999, "new": 1001})
    facts.forget(1000)
    assert facts.revoked == {"new": 1001}
    facts.revoked = {str(number): 2000 for number in range(MOST_REVOKED + 2)}
    facts.forget(1000)
    assert next(iter(facts.revoked)) == "2"


def test_no_placeholder_is_left_and_keys_are_new_each_time() -> None:
    one, two = configuration(FRONT), configuration(FRONT)
    assert "@{" not in one
    keys = re.findall(r"proc\.[ls][01] str\(([A-Za-z0-9_-]{43})\)", one + two)
    assert len(keys) == len(set(keys)) == 8


def test_tls_brings_the_cookie_that_no_other_host_can_set() -> None:
    assert "req.cook(rt)" in configuration(FRONT)
    with_tls = configuration(replace(FRONT, certificate="/etc/ssl/rostra.pem"))
    assert "req.cook(__Secure-rt)" in with_tls
    assert "bind :443 ssl crt /etc/ssl/rostra.pem alpn h2,http/1.1" in with_tls
    assert "bind [::]:443 v6only ssl crt" in with_tls


@pytest.mark.parametrize(
    "wrong",
    [
        {"edges": ()},
        {"edges": ("127.0.0.1",)},
        {"sites": ("127.0.0.1:8000 check\n    server evil 192.0.2.1:1",)},
        {"bind": (":443 ssl",)},
        {"certificate": "relative.pem"},
        {"certificate": "/a b"},
        {"socket": "/run/x\n"},
        {"name": "b", "peers": (Peer("a", "10.0.0.1:1"),)},
        {"peers": (Peer("a x", "10.0.0.1:1"),)},
        {"standby": "127.0.0.1:8003"},
        {"trusted": ("everybody",)},
        {"size": "huge"},
        {"keys": ("a b",) * 4},
    ],
)
def test_nothing_becomes_another_directive(wrong: dict[str, Any]) -> None:
    with pytest.raises(FrontRefused) as refused:
        configuration(replace(FRONT, **wrong))
    assert refused.value.user_message
