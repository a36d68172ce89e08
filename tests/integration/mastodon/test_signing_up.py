"""Signing up through an app: Mastodon's answers over the house's own rules."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import httpx
import pytest

from rostra.flows.house import House, Membership
from rostra.network.credentials import Registration
from rostra.web.site import Site
from tests.kit.members import a_token
from tests.kit.sites import application_of

BODY = {
    "username": "cy",
    "email": "cy@example.org",
    "password": "correct horse battery",
    "agreement": "true",
    "locale": "en",
}
SignUp = Callable[..., Awaitable[httpx.Response]]


def through_app(site: Site, membership: Membership) -> SignUp:
    """Sends the form with an app's own token to a house that lets people in like that."""
    site = replace(site, house=replace(site.house, membership=membership))

    async def send(*, scopes: str = "read write", path: str = "/api/v1/accounts", **changed: str) -> httpx.Response:
        token = await a_token(site.house, None, scopes)
        transport = httpx.ASGITransport(application_of(site), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=site.url, trust_env=False) as client:
            return await client.post(path, json=BODY | changed, headers={"Authorization": f"Bearer {token}"})

    return send


async def test_an_app_gets_a_token_that_counts_at_once(site: Site, http: httpx.AsyncClient) -> None:
    answer = await through_app(site, Membership(registration=Registration.OPEN))()
    token = answer.json()
    assert (answer.status_code, token["token_type"], token["scope"]) == (200, "Bearer", "read write")
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    own = await http.get("/api/v1/accounts/verify_credentials", headers=headers)
    assert own.json()["acct"] == "cy"


async def test_a_token_of_somebody_who_waits_is_refused(site: Site, http: httpx.AsyncClient) -> None:
    answer = await through_app(site, Membership(registration=Registration.APPROVAL))(reason="To listen.")
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    own = await http.get("/api/v1/accounts/verify_credentials", headers=headers)
    assert (own.status_code, own.json()) == (403, {"error": "Your login is currently pending approval"})


async def test_what_is_wrong_has_details(site: Site) -> None:
    send = through_app(site, Membership(registration=Registration.OPEN))
    await send()
    answer = await send(username="CY", password="short", agreement="false")
    assert answer.status_code == 422
    found = answer.json()
    assert {name: [each["error"] for each in faults] for name, faults in found["details"].items()} == {
        "username": ["ERR_TAKEN"],
        "password": ["ERR_INVALID"],
        "agreement": ["ERR_ACCEPTED"],
    }
    assert found["error"].startswith("Validation failed: Username has already been taken, ")
    blank = await send(email="")
    assert [each["error"] for each in blank.json()["details"]["email"]] == ["ERR_BLANK"]


@pytest.mark.parametrize("registration", [Registration.CLOSED, Registration.INVITATION])
async def test_a_house_without_sign_up_says_no(site: Site, registration: Registration) -> None:
    answer = await through_app(site, Membership(registration=registration))()
    assert (answer.status_code, answer.json()) == (403, {"error": "This action is not allowed"})


async def test_an_app_needs_the_scope_and_a_token(site: Site, house: House, http: httpx.AsyncClient) -> None:
    answer = await through_app(site, Membership(registration=Registration.OPEN))(scopes="read")
    assert (answer.status_code, answer.json()) == (403, {"error": "This action is outside the authorized scopes"})
    assert (await http.post("/api/v1/accounts", json=BODY)).status_code == 401
