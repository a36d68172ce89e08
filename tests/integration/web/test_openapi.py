"""The native API keeps what its description promises: generated calls, sensible and senseless, on a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from granian.constants import Interfaces
from granian.server.embed import Server
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks as openapi_checks

from rostra.flows.invite_speaker import invite_speaker
from rostra.flows.schedule_broadcast import schedule_broadcast
from rostra.network.accounts import AccountStore, Viewer
from rostra.shield.limits import Limit, Rate
from rostra.web.application import application
from rostra.web.guards.sessions import csrf_token
from rostra.web.site import Site
from tests.kit.acting import eventually
from tests.kit.engines import on_sqlite
from tests.kit.house import a_wish
from tests.kit.servers import free_port

WITHIN_S = 60.0  # a bound for a machine that does much else
EXAMPLES = 3
"""Of each operation and mode: a hundred calls in all."""
schemathesis.openapi.media_type("audio/flac", st.binary(max_size=200))
CHECKS = [
    not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
]


@dataclass(frozen=True)
class Known:
    """What is there, so that not every generated call ends at 404."""

    url: str
    cookies: dict[str, str]
    csrf: str
    paths: dict[str, Any]


@pytest.fixture
async def known(site: Site, owner: Viewer) -> AsyncIterator[Known]:
    """The site at a port, with a broadcast, a seat, and a session of their owner."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    wide = Limit("wide", Rate(burst=100_000, interval_s=1), site.house.clock)
    limits = replace(site.limits, bad_link=wide, ticket=wide, recording=wide)
    there = replace(site, url=url, limits=limits, house=replace(site.house, site_url=url))
    house = there.house
    broadcast = await schedule_broadcast(house, a_wish(house.clock.now()), by=owner)
    invited = await invite_speaker(house, broadcast.id, "Ada", by=owner)
    assert owner.account_id is not None
    async with house.database.transaction() as session:
        secret = await AccountStore(session).open_session(owner.account_id, now=house.clock.now())
    server = Server(application(there), address="127.0.0.1", port=port, interface=Interfaces.ASGI, websockets=False)
    serving = asyncio.create_task(server.serve())
    async with httpx.AsyncClient(trust_env=False) as probe:

        async def listens() -> bool:
            with suppress(httpx.TransportError):
                return (await probe.get(f"{url}/healthz")).status_code == 200
            return False

        await eventually(listens, what="the site listens")
    paths = {
        "broadcast_id": int(broadcast.id),
        "speaker_id": str(invited.invitation.id),
        "token": invited.token,
        "recording_id": "0123456789abcdef",
    }
    yield Known(url, {there.cookie_name: secret}, csrf_token(secret), paths)
    server.stop()
    await serving


def call_all(known: Known) -> int:
    """Every operation in both modes; how many operations those were. Streams that never end are left out."""
    http = requests.Session()
    http.trust_env = False
    schema = schemathesis.openapi.from_dict(http.get(f"{known.url}/api/openapi.json", timeout=WITHIN_S).json())
    count = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path.endswith("/events"):
            continue
        count += 1
        _call(operation.as_strategy(generation_mode=GenerationMode.POSITIVE), known, http)
        if len(operation.body) or len(operation.query.items):  # any text is a good one in a path
            _call(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE), known, http)
    return count


def _call(cases: Any, known: Known, http: requests.Session) -> None:
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(case=cases, there=st.booleans())
    def holds(case: Any, there: bool) -> None:
        if there:
            case.path_parameters.update(
                {name: known.paths[name] for name in case.path_parameters if name in known.paths}
            )
        headers = {"X-Rostra-CSRF": known.csrf}
        answer = case.call(
            base_url=known.url,
            session=http,
            headers=headers,
            cookies=known.cookies,
            allow_redirects=False,
            timeout=WITHIN_S,
        )
        case.validate_response(answer, checks=CHECKS)

    holds()


@on_sqlite
async def test_the_api_is_as_it_says(known: Known) -> None:
    assert await asyncio.to_thread(call_all, known) >= 20


@on_sqlite
async def test_numbers_that_no_database_has_are_not_found(known: Known) -> None:
    headers, token = {"X-Rostra-CSRF": known.csrf}, known.paths["token"]
    digest = "sha-256=:" + "A" * 43 + "=:"
    async with httpx.AsyncClient(
        base_url=known.url, cookies=known.cookies, headers=headers, trust_env=False, timeout=WITHIN_S
    ) as http:
        for number in (2**63, 10**30, -1, 0):
            assert (await http.get(f"/api/v1/broadcasts/{number}")).status_code == 404
            assert (await http.post(f"/api/v1/broadcasts/{number}/acts", json={"act": "end"})).status_code == 404
            piece = f"/api/v1/invitations/{token}/recording/{known.paths['recording_id']}/{number}"
            query = {"first_sample": 10**17, "samples": 10**17, "rate_hz": 48000, "at_us": 10**17}
            answer = await http.put(piece, params=query, content=b"x", headers={"Content-Digest": digest})
            assert answer.status_code in (404, 409, 410, 422), (number, answer.text)
        for path in ("invitations", "marks"):
            gone = f"/api/v1/broadcasts/{known.paths['broadcast_id']}/{path}/{2**63}"
            assert (await http.delete(gone)).status_code == 404
        edited = await http.patch(f"/api/v1/broadcasts/{known.paths['broadcast_id']}", json={"version": 10**30})
        assert edited.status_code in (400, 409, 422)
        for wish in (
            {"starts_at": "9999-12-31T23:59:59-12:00"},
            {"starts_at": "0001-01-01T00:00:00+12:00"},
            {"doors_open_before_min": 2**70},
            {"delay_s": -(2**70)},
            {"title": "a\x00b"},
            {"zone": "../../etc"},
        ):
            answer = await http.patch(f"/api/v1/broadcasts/{known.paths['broadcast_id']}", json=wish)
            assert answer.status_code in (200, 400, 422), (wish, answer.text)


@on_sqlite
async def test_the_description_names_the_native_api_alone(known: Known) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=WITHIN_S) as http:
        answer = await http.get(f"{known.url}/api/openapi.json")
    document = answer.json()
    assert document["openapi"].startswith("3.1")
    assert all(path.startswith(("/api/v1/broadcasts", "/api/v1/invitations/")) for path in document["paths"])
    assert document["components"]["securitySchemes"]["session"]["in"] == "cookie"
    schedule = document["paths"]["/api/v1/broadcasts"]["post"]
    assert schedule["security"] == [{"session": [], "csrf": []}]
    assert schedule["responses"]["422"]["content"].keys() == {"application/problem+json"}
