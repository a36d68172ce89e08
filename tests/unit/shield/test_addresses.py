"""Whose request it is: networks of addresses, and proxies that are believed or not."""

from __future__ import annotations

from ipaddress import ip_network

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.shield.addresses import UNKNOWN, Proxies, origin_of
from rostra.shield.carrying import in_authorization, in_plain_cookie, in_query, in_secure_cookie, set_cookies

OURS = Proxies((ip_network("127.0.0.1/32"), ip_network("10.0.0.0/8"), ip_network("fd00::/8")))


@pytest.mark.parametrize(
    ("address", "host", "network"),
    [
        ("127.0.0.1", "7f000001", "7f000000"),
        ("203.0.113.77", "cb00714d", "cb007100"),
        ("::ffff:203.0.113.77", "cb00714d", "cb007100"),
        ("::FFFF:cb00:714d", "cb00714d", "cb007100"),
        ("2001:db8:1:2:3:4:5:6", "20010db800010002", "20010db8000100000000000000000000"),
        ("fe80::1%eth0", "fe80000000000000", "fe800000000000000000000000000000"),
    ],
)
def test_networks_are_named_as_haproxy_names_them(address: str, host: str, network: str) -> None:
    """`ipmask(24,48),hex,lower`; an IPv4 address in an IPv6 socket is IPv4."""
    assert origin_of(address) == (bytes.fromhex(host), network)


@pytest.mark.parametrize("text", ["", "unknown", "1.2.3", "1.2.3.4.5", "::g", "1.2.3.4\0", "§", "1.2.3.4/24"])
def test_what_is_no_address_has_no_network(text: str) -> None:
    assert origin_of(text) == UNKNOWN


def test_without_trusted_proxies_nobody_is_believed() -> None:
    assert Proxies().client("127.0.0.1", "198.51.100.1") == "127.0.0.1"


def test_a_stranger_is_not_believed() -> None:
    assert OURS.client("198.51.100.9", "203.0.113.1") == "198.51.100.9"


def test_what_the_nearest_proxy_wrote_counts_not_what_a_client_made_up() -> None:
    """Read from the right: the client's own lies stand to the left of its true address."""
    assert OURS.client("127.0.0.1", "10.0.0.1, 192.0.2.66, 198.51.100.9") == "198.51.100.9"
    assert OURS.client("127.0.0.1", "192.0.2.66, 198.51.100.9, 10.1.2.3") == "198.51.100.9"
    assert OURS.client("::ffff:127.0.0.1", "198.51.100.9") == "198.51.100.9"


def test_ports_and_brackets_are_no_part_of_an_address() -> None:
    assert OURS.client("127.0.0.1", "198.51.100.9:4711") == "198.51.100.9"
    assert OURS.client("127.0.0.1", "[2001:db8::1]:4711") == "2001:db8::1"


def test_nonsense_counts_as_the_proxy_that_passed_it_on() -> None:
    assert OURS.client("127.0.0.1", "198.51.100.9, unknown") == "127.0.0.1"
    assert OURS.client("127.0.0.1", "unknown, 10.1.2.3") == "10.1.2.3"
    assert OURS.client("127.0.0.1", ", ".join(["10.0.0.1"] * 500)) == "10.0.0.1"


@given(st.text(max_size=80))
def test_no_header_makes_a_client_one_of_ours_or_fails(lie: str) -> None:
    """Whatever a client sends, the address that our proxy adds to its right decides."""
    assert OURS.client("127.0.0.1", f"{lie},198.51.100.9") == "198.51.100.9"


def test_a_ticket_is_found_where_it_travels() -> None:
    assert in_plain_cookie(b"a=b; rt=x.y.z; c=d") == b"x.y.z"
    assert in_secure_cookie(b"a=b;__Secure-rt=x.y.z") == b"x.y.z"
    assert in_authorization(b"Bearer x.y.z") == b"x.y.z"
    assert in_query(b"a=1&ticket=x.y.z&b=2") == b"x.y.z"


def test_nothing_else_is_taken_for_a_ticket() -> None:
    """On https a cookie that http could have set does not count."""
    assert in_secure_cookie(b"rt=x.y.z") == b""
    assert in_plain_cookie(b"art=x.y.z") == b""
    assert in_authorization(b"Basic x.y.z") == b""
    assert in_query(b"aticket=x.y.z") == b""


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites() -> None:
    sound, radio = set_cookies("x.y.z", "4711", secure=False)
    assert sound == "rt=x.y.z; Path=/live/4711; Max-Age=900; HttpOnly; SameSite=Lax"
    assert radio == "rt=x.y.z; Path=/listen; Max-Age=900; HttpOnly; SameSite=Lax"
    for cookie in set_cookies("x.y.z", "4711", secure=True):
        assert cookie.startswith("__Secure-rt=x.y.z; Path=/li")
        assert cookie.endswith("; Secure")


def test_a_second_broadcast_evicts_no_ticket() -> None:
    """In one browser with two tabs, each broadcast is sent the ticket that is for it."""
    browser = httpx.Client()
    for broadcast in ("47", "4711"):
        entered = httpx.Response(
            200,
            headers=[("set-cookie", cookie) for cookie in set_cookies(f"of.{broadcast}", broadcast, secure=True)],
            request=httpx.Request("GET", f"https://edge.example/live/{broadcast}/enter"),
        )
        browser.cookies.extract_cookies(entered)
    for path, sent in (
        ("/live/47/aac64/p1.m4s", "__Secure-rt=of.47"),
        ("/live/4711/index.m3u8", "__Secure-rt=of.4711"),
        ("/listen/4711.mp3", "__Secure-rt=of.4711"),
        ("/live/4712/index.m3u8", None),
    ):
        assert browser.build_request("GET", f"https://edge.example{path}").headers.get("cookie") == sent
