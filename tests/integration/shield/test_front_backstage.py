"""Speakers, hosts and moderators behind HAProxy: beside the public, and with a HAProxy of their own."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx
import pytest

from rostra.shield.front import BackstageFront, backstage_configuration
from tests.kit.fronts import House, haproxy
from tests.kit.servers import free_port

OURS = ("/b/evening/control", "/b/evening/stage", "/i/abc", "/desk", "/desk/7", "/broadcasts", "/broadcasts/new",
        "/api/v1/broadcasts/7/control", "/api/v1/invitations/abc/ticket", "/subjects/post.1")  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("front")).running() as house:
        yield house


@pytest.fixture(scope="module")
def behind(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of the second HAProxy."""
    port, file = free_port(), tmp_path_factory.mktemp("behind") / "backstage.cfg"
    front = BackstageFront(
        backstages=(house.behind.address,), stages=(house.stage.address,), bind=(f"127.0.0.1:{port}",)
    )
    file.write_text(backstage_configuration(front))
    with haproxy(file, port):
        yield port


def who(port: int, path: str, **fields: str) -> str:
    answer = httpx.get(f"http://127.0.0.1:{port}{path}", headers=fields, trust_env=False, timeout=20)
    return str(answer.json()["who"]) if answer.is_success else str(answer.status_code)


@pytest.mark.parametrize("path", OURS)
def test_one_address_for_all_keeps_their_process_apart(house: House, path: str) -> None:
    assert who(house.port, path) == "backstage"


@pytest.mark.parametrize(
    "path", ["/", "/b/evening", "/@ada", "/b/evening/controls", "/api/v1/timelines/public", "/desks", "/index"]
)
def test_the_public_does_not_reach_it(house: House, path: str) -> None:
    assert who(house.port, path) == "site"


def test_a_haproxy_of_their_own_leads_to_site_and_stage(house: House, behind: int) -> None:
    """With every address, as the site tells by itself what it answers; nobody says who asks but we."""
    for path in (*OURS, "/sign-in", "/static/assets/site.css"):
        assert who(behind, path) == "backstage"
    assert who(behind, "/whip/4711") == "stage"
    assert who(behind, "/metrics") == "404"
    who(behind, "/desk?seen", **{"X-Forwarded-For": "192.0.2.1"})
    assert house.behind.told["/desk?seen"]["x-forwarded-for"] == "127.0.0.1"


def test_whoever_has_found_it_is_bounded(behind: int) -> None:
    """By network: others go on. It costs the site nothing more."""
    asked, heard = 1300, b""
    with socket.create_connection(("127.0.0.1", behind), timeout=20, source_address=("127.9.9.9", 0)) as made:
        made.sendall(b"GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n" * asked)
        while heard.count(b"HTTP/1.1 ") < asked and (more := made.recv(1 << 16)):
            heard += more
    assert heard.count(b"HTTP/1.1 404") == 1200
    assert heard.count(b"HTTP/1.1 429") == 100
    assert who(behind, "/desk") == "backstage"
