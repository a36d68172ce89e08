"""The configuration of HAProxy, run: which tickets count, where requests go, what is refused, what is cached."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import jwt
import pytest

from rostra.media.wire import SigningKeys
from rostra.shield.admission import Admission, Standing, mint
from rostra.shield.front import Facts, Front, Peer, RuntimeApi, RuntimeRefused, commands, configuration
from rostra.shield.tickets import TicketClass, new_key
from rostra.shield.tickets import mint as mint_seat
from tests.integration.delivery.test_in_front import certificate
from tests.kit.fronts import Echo, House, checked

LISTENER, SPEAKER = SigningKeys(current=new_key(), previous=new_key()), SigningKeys(current=new_key())
# A key whose 32 bytes begin with zeros: HAProxy takes secrets for C strings.
ZEROS = SigningKeys(current="A" * 43)
V4, V6 = "7f000000", "0" * 32
PART, STATE, ENTER = "/live/4711/aac64/p1.m4s", "/live/4711/state.json", "/live/4711/enter"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("front")).running() as house:
        yield house


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """With a proxy of ours in front of it, which is 127.0.0.1."""
    with House(tmp_path_factory.mktemp("behind"), trusted=("127.0.0.0/8",)).running() as house:
        yield house


@pytest.fixture
async def siege(house: House) -> House:
    """Sound is for those with a ticket, so an answer says whether a ticket counts."""
    await tell(house, Facts(level=3, listener=LISTENER, speaker=SPEAKER))
    return house


@pytest.fixture
async def calm(house: House) -> House:
    await tell(house, Facts(level=0, listener=LISTENER, speaker=SPEAKER))
    return house


async def tell(house: House, facts: Facts) -> None:
    await RuntimeApi(house.socket).tell(commands(facts, now_s=time.time(), random=new_key()))


def ask(house: House, path: str, *, host: str = "127.0.0.1", method: str = "GET", **fields: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    with httpx.Client(trust_env=False, verify=False, timeout=20) as client:
        return client.request(method, f"http://{host}:{house.port}{path}", headers=named)


def announced(house: House, path: str, length: int) -> bytes:
    """The answer to a body that is announced and does not come."""
    with socket.create_connection(("127.0.0.1", house.port), timeout=30) as made:
        made.sendall(f"POST {path} HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n\r\n".encode())
        return made.recv(100)


def ticket(
    keys: SigningKeys = LISTENER,
    *,
    broadcast: str = "4711",
    network: str = V4,
    lasts_s: int = 600,
    jti: str = "listener-of-the-tests-",
    standing: Standing = Standing.LISTENER,
) -> str:
    return mint(keys, Admission(broadcast, standing, network, jti, int(time.time()) + lasts_s))


def spoiled(text: str, header: dict[str, str], signature: str | None = None) -> str:
    _, payload, old = text.split(".")
    first = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return f"{first}.{payload}.{old if signature is None else signature}"


def by_another_algorithm(text: str) -> str:
    """Signed rightly with our key, but with HS512, as its header says."""
    signed = spoiled(text, {"alg": "HS512", "typ": "JWT"}).rpartition(".")[0]
    signature = hmac.digest(LISTENER.current.encode(), signed.encode(), "sha512")
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


@pytest.mark.parametrize("size", ["small", "medium", "large"])
def test_haproxy_takes_the_configuration(tmp_path: Path, size: str) -> None:
    """With all that it can have: TLS, several of each, peers, a standby, a CDN in front."""
    certificate(tmp_path)
    front = Front(
        edges=("127.0.0.1:8001", "10.0.0.2:8001", "[2001:db8::1]:8001"),
        sites=("127.0.0.1:8000", "10.0.0.2:8000"),
        stages=("127.0.0.1:8002",),
        certificate=str(tmp_path / "listen.pem"),
        redirect_bind=(":80", "[::]:80"),
        standby="127.0.0.1:8003",
        standby_bind=(":8443", "[::]:8443"),
        name="b",
        peers=(Peer("a", "10.0.0.1:10000"), Peer("b", "10.0.0.2:10000")),
        trusted=("192.0.2.0/24", "2001:db8::/32"),
        size=size,
    )
    said = checked(configuration(front), tmp_path)
    assert "Configuration file is valid" in said
    assert "WARNING" not in said


LOOKED_S = 8
"""HAProxy looks every two seconds, and believes the third look."""


def test_when_nobody_is_ready_those_that_run_are_asked(tmp_path: Path) -> None:
    """The bus is away: no process is ready, and each does what it can. While one is ready, the others get nothing."""
    second = Echo("second")
    house = House(tmp_path)
    house.file.write_text(configuration(replace(house.front, edges=(house.edge.address, second.address))))
    asked = {"edge": STATE, "site": "/", "stage": "/whip/4711", "backstage": "/i/x"}
    with house.running():
        for each in (house.edge, house.site, house.stage, house.behind):
            each.ready = False
        end_s = time.monotonic() + LOOKED_S
        while time.monotonic() < end_s:
            for who, path in asked.items():
                assert ask(house, path).json()["who"] in (who, "second" if who == "edge" else who)
            time.sleep(0.2)
        assert {ask(house, STATE).json()["who"] for _ in range(10)} == {"second"}
        second.ready = False
        time.sleep(LOOKED_S)
        assert {ask(house, STATE).json()["who"] for _ in range(10)} <= {"edge", "second"}
    second.shutdown()
    second.server_close()


async def test_a_ticket_opens_the_sound(siege: House) -> None:
    """As a cookie, as a bearer, in the query; signed with the present key or the one before; for IPv4 and IPv6."""
    good = ticket()
    assert ask(siege, STATE, cookie=f"other=1; rt={good}").json()["who"] == "edge"
    assert ask(siege, STATE, authorization=f"Bearer {good}").json()["who"] == "edge"
    assert ask(siege, f"{STATE}?ticket={good}").json()["who"] == "edge"
    before = ticket(SigningKeys(current=str(LISTENER.previous)))
    assert ask(siege, STATE, cookie=f"rt={before}").status_code == 200
    assert ask(siege, STATE, host="[::1]", cookie=f"rt={ticket(network=V6)}").status_code == 200
    assert ask(siege, PART, cookie=f"rt={good}").status_code == 200


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "x",
        "a.b.c",
        ticket(SigningKeys(current=new_key())),
        spoiled(ticket(), {"alg": "none", "typ": "JWT"}, ""),
        spoiled(ticket(), {"alg": "none"}),
        spoiled(ticket(), {"alg": "HS512", "typ": "JWT"}),
        ticket(lasts_s=-120),
        ticket(network="c0000200"),
        ticket(network=V6),
        ticket(broadcast="4712"),
        ticket(jti="short"),
        jwt.encode({"exp": int(time.time()) + 600}, LISTENER.current, algorithm="HS256"),
        jwt.encode({"b": "4711", "p": V4, "c": 3, "jti": "a" * 22}, LISTENER.current, algorithm="HS256"),
        ticket(SigningKeys(current="")),
        by_another_algorithm(ticket()),
    ],
)
async def test_what_is_no_ticket_opens_nothing(siege: House, bad: str) -> None:
    asked = siege.edge.asked[STATE]
    assert ask(siege, STATE, cookie=f"rt={bad}").status_code == 403
    assert ask(siege, STATE, host="[::1]", cookie=f"rt={ticket(network=V4)}").status_code == 403
    assert siege.edge.asked[STATE] == asked


async def test_the_way_in_is_open_in_a_siege(siege: House) -> None:
    """The entry, the line, the multivariant playlist and radio go to the edge, which decides; the site goes on."""
    for path in (ENTER, "/live/4711/line.json", "/live/4711/index.m3u8", "/listen/4711.mp3"):
        assert ask(siege, path).json()["who"] == "edge"
    assert ask(siege, "/b/evening").json()["who"] == "site"


async def test_calm_asks_for_no_ticket(calm: House) -> None:
    assert ask(calm, STATE).json()["who"] == "edge"
    assert ask(calm, PART).status_code == 200


async def test_keys_change_while_it_runs(house: House) -> None:
    newer = SigningKeys(current=new_key(), previous=LISTENER.current)
    await tell(house, Facts(level=3, listener=newer, speaker=SPEAKER))
    assert ask(house, STATE, cookie=f"rt={ticket(newer)}").status_code == 200
    assert ask(house, STATE, cookie=f"rt={ticket()}").status_code == 200
    old = ticket(SigningKeys(current=str(LISTENER.previous)))
    assert ask(house, STATE, cookie=f"rt={old}").status_code == 403
    await tell(house, Facts(level=3, listener=SigningKeys(current=newer.current), speaker=SPEAKER))
    assert ask(house, STATE, cookie=f"rt={ticket()}").status_code == 403


async def test_a_ticket_that_was_taken_back(siege: House) -> None:
    mine = ticket(jti="r" * 22)
    assert ask(siege, STATE, cookie=f"rt={mine}").status_code == 200
    facts = Facts(level=3, listener=LISTENER, speaker=SPEAKER, revoked={"r" * 22: 2_000_000_000})
    await tell(siege, facts)
    assert ask(siege, STATE, cookie=f"rt={mine}").status_code == 403
    assert ask(siege, STATE, cookie=f"rt={ticket(jti='s' * 22)}").status_code == 200


async def test_without_news_of_the_keys_nobody_is_asked_for_a_ticket(siege: House) -> None:
    """When `rostra shield sync` has been gone for long, edges and stages decide alone."""
    await RuntimeApi(siege.socket).tell([f"set var proc.keys_until int({int(time.time()) - 1})"])
    assert ask(siege, STATE).json()["who"] == "edge"
    assert ask(siege, "/whip/4711", method="POST").json()["who"] == "stage"


async def test_speakers_reach_the_stage_and_others_do_not(siege: House) -> None:
    """Listeners' keys open no stage, and a preflight needs no ticket."""
    seat = a_seat("anna")
    answer = ask(siege, "/whip/4711", method="POST", authorization=f"Bearer {seat}").json()
    assert (answer["who"], answer["fields"]["authorization"]) == ("stage", f"Bearer {seat}")
    assert ask(siege, "/whip/4711", method="OPTIONS").json()["who"] == "stage"
    asked = siege.stage.asked["/whip/4711"]
    for bad in ("", f"Bearer {ticket(standing=Standing.SPEAKER)}", f"Bearer {spoiled(seat, {'alg': 'none'}, '')}"):
        refused = ask(siege, "/whip/4711", method="POST", authorization=bad)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert siege.stage.asked["/whip/4711"] == asked
    assert "set-priority-class int(-100) if speaker" in siege.file.read_text()


async def test_a_house_full_of_speakers_leaves_room_for_the_next(calm: House) -> None:
    """Eight full broadcasts at once: each speaker's page holds a connection, and somebody may still come."""
    calm.stage.gate.clear()
    address, limits = f"http://127.0.0.1:{calm.port}/stage/4711/events", httpx.Limits(max_connections=8 * 13)
    async with httpx.AsyncClient(timeout=20, limits=limits, trust_env=False) as client:
        seats = [{"Authorization": f"Bearer {a_seat(f'speaker-{number}')}"} for number in range(8 * 13)]
        held = [asyncio.ensure_future(client.get(address, headers=seat)) for seat in seats]
        try:
            async with asyncio.timeout(15):
                while calm.stage.at_once < len(held):
                    await asyncio.sleep(0.05)
        finally:
            calm.stage.gate.set()
            answers = await asyncio.gather(*held)
    assert {answer.status_code for answer in answers} == {200}


def a_seat(speaker_id: str) -> str:
    return mint_seat(
        SPEAKER,
        broadcast_id="4711",
        ticket_class=TicketClass.SPEAKER,
        speaker_id=speaker_id,
        name=speaker_id.title(),
        now=datetime.now(UTC),
    )


async def test_a_key_with_zero_bytes_counts_too(house: House) -> None:
    await tell(house, Facts(level=3, listener=ZEROS, speaker=ZEROS))
    seat = mint_seat(
        ZEROS,
        broadcast_id="4711",
        ticket_class=TicketClass.SPEAKER,
        speaker_id="anna",
        name="Anna",
        now=datetime.now(UTC),
    )
    assert ask(house, "/whip/4711", method="POST", authorization=f"Bearer {seat}").json()["who"] == "stage"
    assert ask(house, PART, authorization=f"Bearer {ticket(ZEROS)}").status_code == 200


async def test_only_haproxy_says_whose_request_it_is(calm: House) -> None:
    answer = ask(
        calm, STATE, x_forwarded_for="203.0.113.1, 203.0.113.2", forwarded="for=203.0.113.1", x_real_ip="203.0.113.1"
    ).json()
    names = {name.lower(): value for name, value in answer["fields"].items()}
    assert names["x-forwarded-for"] == "127.0.0.1"
    assert "forwarded" not in names
    assert "x-real-ip" not in names


async def test_a_crowd_costs_the_edge_one_part(calm: House) -> None:
    """Whatever a listener adds to it: a query, a cookie, a token, a Host that is not ours."""
    path = "/live/4711/aac64/p77.m4s"
    for number in range(20):
        made_up = {"cookie": f"rt={ticket()}; n={number}", "authorization": f"Bearer {number}", "Host": f"h{number}"}
        answer = ask(calm, f"{path}?n={number}", **made_up)
        assert len(answer.content) == 40_000
    assert {asked: times for asked, times in calm.edge.asked.items() if asked.startswith(path)} == {path: 1}
    assert int(answer.headers["age"]) <= 10


async def test_an_edge_hears_that_a_warning_was_pressed_away(calm: House) -> None:
    """It keeps the sound of what is for adults behind it; anything else in the query is still thrown away."""
    path = "/live/4711/aac64/p79.m4s"
    for query in ("show=1", "show=1&n=2", "show=2"):
        assert ask(calm, f"{path}?{query}").status_code == 200
    assert {asked for asked in calm.edge.asked if asked.startswith(path)} == {f"{path}?show=1", path}


async def test_the_straight_way_to_the_cache_is_for_a_calm_day(house: House) -> None:
    """It ends as soon as the level rises: what is in the cache needs a ticket in a siege, and is limited when busy."""
    path = "/live/4711/aac64/p78.m4s"
    await tell(house, Facts(level=0, listener=LISTENER, speaker=SPEAKER))
    assert ask(house, path, x_forwarded_for="203.0.113.1").status_code == 200
    assert house.edge.told[path]["x-forwarded-for"] == "127.0.0.1"
    await tell(house, Facts(level=3, listener=LISTENER, speaker=SPEAKER))
    assert ask(house, path).status_code == 403
    assert ask(house, path, cookie=f"rt={ticket()}").status_code == 200
    await tell(house, Facts(level=1, listener=LISTENER, speaker=SPEAKER))
    await counted(house, "network_sound", "::ffff:127.0.0.0", 5000)
    assert ask(house, path).status_code == 429
    await counted(house, "network_sound", "::ffff:127.0.0.0", 0)
    assert house.edge.asked[path] == 1


async def test_what_may_not_be_asked(calm: House) -> None:
    assert ask(calm, "/metrics").status_code == 404
    assert announced(calm, STATE, 5).startswith(b"HTTP/1.1 413 ")
    assert announced(calm, "/whip/4711", 900_000).startswith(b"HTTP/1.1 413 ")


async def test_one_ticket_is_not_enough_for_many(calm: House) -> None:
    """Above two hundred requests in ten seconds it is told to wait; the others go on."""
    await counted(calm, "tickets", "g" * 22, 150)
    assert ask(calm, STATE, cookie=f"rt={ticket(jti='g' * 22)}").status_code == 200
    await counted(calm, "tickets", "g" * 22, 250)
    refused = ask(calm, STATE, cookie=f"rt={ticket(jti='g' * 22)}")
    assert refused.status_code == 429
    assert 5 <= int(refused.headers["retry-after"]) <= 15
    assert ask(calm, STATE, cookie=f"rt={ticket(jti='c' * 22)}").status_code == 200


@pytest.mark.parametrize(
    ("table", "path", "times", "refused_from"),
    [
        ("network_sound", STATE, 5000, 1),
        ("network_sound", STATE, 1500, 2),
        ("network_requests", "/b/evening", 3000, 0),
        ("network_requests", ENTER, 1000, 1),
        ("network_requests", "/b/evening", 300, 2),
    ],
)
async def test_a_network_without_tickets_is_limited_by_the_level(
    house: House, table: str, path: str, times: int, refused_from: int
) -> None:
    """Calm does not count sound; a holder of a ticket and another network notice nothing."""
    for level in (0, 1, 2):
        await tell(house, Facts(level=level, listener=LISTENER, speaker=SPEAKER))
        await counted(house, table, "::ffff:127.0.0.0", times)
        assert ask(house, path).status_code == (429 if level >= refused_from else 200)
        assert ask(house, STATE, cookie=f"rt={ticket(jti='n' * 22)}").status_code == 200
        assert ask(house, path, host="[::1]").status_code == 200
    await counted(house, table, "::ffff:127.0.0.0", 0)


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/@anna/feed.rss", "application/rss+xml, application/atom+xml;q=0.9, */*;q=0.5"),
        ("/api/v1/timelines/public", "application/json"),
        ("/b/evening", ""),
        (STATE, "*/*"),
        (ENTER, "application/json"),
    ],
)
async def test_a_program_is_never_given_a_page_to_solve(house: House, path: str, accept: str) -> None:
    """Feed readers, apps and players get 429, a time and JSON."""
    await tell(house, Facts(level=2, listener=LISTENER, speaker=SPEAKER))
    for table in ("network_requests", "network_sound"):
        await counted(house, table, "::ffff:127.0.0.0", 3000)
    refused = ask(house, path, accept=accept)
    assert (refused.status_code, refused.headers["content-type"]) == (429, "application/problem+json")
    assert 5 <= int(refused.headers["retry-after"]) <= 20
    assert (refused.json()["code"], refused.json()["status"]) == ("too_many_requests", 429)
    person = ask(house, path, accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert (person.status_code, person.headers["content-type"]) == (429, "text/html; charset=utf-8")
    assert "<script" not in person.text
    assert len(person.content) < 15_000
    for table in ("network_requests", "network_sound"):
        await counted(house, table, "::ffff:127.0.0.0", 0)


async def test_refusals_of_other_kinds_are_json_too(siege: House) -> None:
    for path, method, code in ((STATE, "GET", "ticket_needed"), ("/whip/4711", "POST", "seat_needed")):
        assert ask(siege, path, method=method).json()["code"] == code
    assert ask(siege, "/metrics").json()["code"] == "not_found"


def test_a_house_that_is_away_says_so_to_programs_in_json(tmp_path: Path) -> None:
    """Nobody stands behind this HAProxy: people at the entry get the page that comes again, programs JSON."""
    away = ("127.0.0.1:9",)
    house = House(tmp_path)
    house.file.write_text(configuration(replace(house.front, edges=away, sites=away, stages=away)))
    with house.running():
        for path in (STATE, ENTER, "/api/v1/instance", "/api/v1/streaming"):
            answer = ask(house, path, accept="*/*")
            assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
            assert 5 <= int(answer.headers["retry-after"]) <= 15
        person = ask(house, ENTER, accept="text/html")
        assert (person.status_code, "One moment" in person.text) == (503, True)
        assert 10 <= int(person.headers["retry-after"]) <= 25


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, 2001:db8::7", "2001:db8::7"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, ::FFFF:192.0.2.44", "192.0.2.44"),
        ("nonsense", "127.0.0.1"),
        ("203.0.113.9, unknown", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
async def test_a_proxy_of_ours_is_believed_for_the_last_address(behind: House, said: str, meant: str) -> None:
    """What a listener wrote to the left of it, and what is no address, counts for nothing; others are not believed."""
    assert ask(behind, STATE, x_forwarded_for=said).status_code == 200
    assert behind.edge.told[STATE]["x-forwarded-for"] == meant
    assert ask(behind, STATE, host="[::1]", x_forwarded_for=said).status_code == 200
    assert behind.edge.told[STATE]["x-forwarded-for"] == "::1"


async def test_a_mapped_address_is_counted_with_its_own_network(behind: House) -> None:
    """And not with all of IPv4, which would be one /48."""
    await tell(behind, Facts(level=2, listener=LISTENER, speaker=SPEAKER))
    await counted(behind, "network_sound", "::ffff:203.0.113.0", 5000)
    assert ask(behind, STATE, x_forwarded_for="::ffff:203.0.113.9").status_code == 429
    assert ask(behind, STATE, x_forwarded_for="::ffff:198.51.100.9").status_code == 200


async def counted(house: House, table: str, key: str, times: int) -> None:
    """As if so many requests had come in the last ten seconds."""
    await RuntimeApi(house.socket).tell([f"set table {table} key {key} data.http_req_rate {times}"])


async def test_who_is_banned_is_not_let_in(calm: House) -> None:
    """As docs/operate/haproxy.md has it: a network by any address that ends in zeros."""
    await RuntimeApi(calm.socket).tell(["set table banned key ::ffff:127.0.5.0 data.gpt0 1"])
    assert asked_from("127.0.5.9", calm.port) == b""
    assert asked_from("127.0.6.9", calm.port) == b"HTTP/1.1 200"


def asked_from(source: str, port: int) -> bytes:
    """How the answer begins; empty for who is turned away, be it while connecting or afterwards."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=30, source_address=(source, 0)) as made:
            made.sendall(f"GET {STATE} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
            return made.recv(12)
    except (ConnectionResetError, BrokenPipeError):
        return b""


async def test_slow_heads_end(calm: House) -> None:
    """By HAProxy's own clock: five seconds for a head. A calm listener beside them is served."""
    slow = socket.create_connection(("127.0.0.1", calm.port), timeout=30)
    slow.sendall(b"GET / HTTP/1.1\r\nHost: h\r\nX: ")
    assert ask(calm, STATE).status_code == 200
    assert slow.recv(100).startswith(b"HTTP/1.1 408 ")
    slow.close()


async def test_a_haproxy_that_is_not_ours_or_not_there(tmp_path: Path, house: House) -> None:
    with pytest.raises(RuntimeRefused):
        await RuntimeApi(str(tmp_path / "nothing.sock")).tell(["set var proc.level int(1)"])
    with pytest.raises(RuntimeRefused):
        await RuntimeApi(house.socket).tell(["set table nonsense key x data.gpt0 1"])
