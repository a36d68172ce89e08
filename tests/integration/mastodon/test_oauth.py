"""How an app comes to a token, and the ways in which somebody else must not."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import text

from rostra.flows.house import House
from rostra.flows.sign_in import ensure_owner, make_link
from rostra.network.accounts import AccountState
from rostra.platform.ids import AccountId
from rostra.web.application import application
from rostra.web.site import Site
from tests.kit.clock import FakeClock
from tests.kit.members import a_token, set_account_state

BACK = "https://app.test/back?kept=1"
VERIFIER = "a-verifier-that-has-as-many-characters-as-it-must"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@dataclass
class Dance:
    """An app and a person's browser, step by step."""

    http: httpx.AsyncClient
    house: House
    app: dict[str, Any] = field(default_factory=dict)
    account_id: AccountId | None = None

    async def register(self, scopes: str = "read write follow push") -> None:
        body = {"client_name": "An app", "redirect_uris": f"{BACK}\nmyapp://back", "scopes": scopes}
        answer = await self.http.post("/api/v1/apps", data=body)
        assert answer.status_code == 200
        self.app = answer.json()

    async def sign_in(self) -> None:
        account = await ensure_owner(self.house.database, self.house.clock, self.house.ids)
        self.account_id = account.id
        await self.http.get(f"/sign-in/{await make_link(self.house.database, self.house.clock, account)}")

    def asked(self, **more: str) -> dict[str, str]:
        known = {"response_type": "code", "client_id": self.app["client_id"], "redirect_uri": BACK, "scope": "read"}
        return known | more

    async def page(self, **more: str) -> httpx.Response:
        return await self.http.get("/oauth/authorize", params=self.asked(**more))

    async def decide(self, decision: str = "allow", **more: str) -> httpx.Response:
        page = await self.page(**more)
        assert page.status_code == 200, page.text
        fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        form = {name: value.replace("&amp;", "&") for name, value in fields.items()} | {"decision": decision}
        return await self.http.post("/oauth/authorize", data=form)

    async def code(self, **more: str) -> str:
        answer = await self.decide(**more)
        return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]

    async def token(self, code: str, **more: Any) -> httpx.Response:
        body = {
            "grant_type": "authorization_code",
            "client_id": self.app["client_id"],
            "client_secret": self.app["client_secret"],
            "redirect_uri": BACK,
            "code": code,
        } | more
        return await self.http.post(
            "/oauth/token", data={key: value for key, value in body.items() if value is not None}
        )

    async def knows(self, token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return (await self.http.get("/api/v1/accounts/verify_credentials", headers=headers)).status_code


@pytest.fixture
async def dance(http: httpx.AsyncClient, house: House) -> Dance:
    made = Dance(http, house)
    await made.register()
    await made.sign_in()
    return made


async def test_an_app_comes_to_a_token(dance: Dance) -> None:
    page = await dance.page(state="a&b")
    assert "An app" in page.text
    assert "form-action 'self' https://app.test" in page.headers["content-security-policy"]
    answer = await dance.decide(state="a&b")
    assert answer.status_code == 303
    back = urlsplit(answer.headers["location"])
    query = parse_qs(back.query)
    assert (back.netloc, query["state"], query["kept"], query["iss"]) == (
        "app.test",
        ["a&b"],
        ["1"],
        ["http://site.test"],
    )
    token = (await dance.token(query["code"][0])).json()
    assert (token["token_type"], token["scope"]) == ("Bearer", "read")
    assert isinstance(token["created_at"], int)
    assert await dance.knows(token["access_token"]) == 200


async def test_secrets_lie_nowhere_in_the_database(dance: Dance) -> None:
    code = await dance.code()
    token = (await dance.token(code)).json()["access_token"]
    async with dance.house.database.reading() as session:
        for table in ("oauth_apps", "oauth_codes", "oauth_tokens"):
            rows = (await session.execute(text(f"SELECT * FROM {table}"))).all()
            assert rows
            stored = repr([tuple(row) for row in rows])
            assert not any(secret in stored for secret in (code, token, dance.app["client_secret"]))


async def test_a_code_that_comes_twice_ends_its_token(dance: Dance) -> None:
    """One of the two who had it stole it, so neither keeps what it gave."""
    code = await dance.code()
    token = (await dance.token(code)).json()["access_token"]
    again = await dance.token(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert await dance.knows(token) == 401


async def test_a_code_runs_out(dance: Dance, clock: FakeClock) -> None:
    code = await dance.code()
    clock.jump(minutes=10)
    assert (await dance.token(code)).json()["error"] == "invalid_grant"


async def test_a_stolen_code_is_of_no_use_to_another_app(dance: Dance) -> None:
    code = await dance.code()
    own = dance.app
    await dance.register()
    assert (await dance.token(code)).json()["error"] == "invalid_grant"
    dance.app = own
    assert (await dance.token(code)).status_code == 200


@pytest.mark.parametrize(
    "redirect_uri", ["https://app.test/back", "https://app.test/back?kept=1&x=2", "https://evil.test/", "", BACK + "#f"]
)
async def test_a_wrong_redirect_uri_is_answered_here(dance: Dance, redirect_uri: str) -> None:
    answer = await dance.page(redirect_uri=redirect_uri)
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_the_redirect_uri_of_the_exchange_is_that_of_the_request(dance: Dance) -> None:
    code = await dance.code()
    assert (await dance.token(code, redirect_uri="myapp://back")).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("uri", ["javascript:alert(1)", "data:text/html,x", "https://", "/back", "https://a.test/#f"])
async def test_no_app_registers_a_dangerous_redirect(http: httpx.AsyncClient, uri: str) -> None:
    answer = await http.post("/api/v1/apps", json={"client_name": "Evil", "redirect_uris": [uri]})
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("Validation failed: ")


async def test_pkce_stands_in_for_a_secret(dance: Dance) -> None:
    challenge = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    for verifier in ("another-verifier-that-has-as-many-characters-too", None):
        code = await dance.code(**challenge)
        answer = await dance.token(code, client_secret=None, code_verifier=verifier)
        assert answer.json()["error"] == "invalid_grant"
    good = await dance.token(await dance.code(**challenge), client_secret=None, code_verifier=VERIFIER)
    assert await dance.knows(good.json()["access_token"]) == 200


async def test_an_app_with_neither_secret_nor_pkce_gets_nothing(dance: Dance) -> None:
    code = await dance.code()
    for secret in (None, "wrong"):
        answer = await dance.token(code, client_secret=secret)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_plain_pkce_is_refused(dance: Dance) -> None:
    answer = await dance.page(code_challenge=VERIFIER, code_challenge_method="plain")
    assert answer.status_code == 400


async def test_an_app_gets_no_scope_that_it_never_asked_for(http: httpx.AsyncClient, house: House) -> None:
    dance = Dance(http, house)
    await dance.register("read:accounts")
    await dance.sign_in()
    assert (await dance.page(scope="write")).status_code == 400
    assert (await dance.page(scope="read:accounts")).status_code == 200


async def test_a_person_may_refuse(dance: Dance) -> None:
    answer = await dance.decide("deny", state="s")
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (query["error"], query["state"]) == (["access_denied"], ["s"])


async def test_a_forged_form_lets_nobody_in(dance: Dance) -> None:
    answer = await dance.http.post("/oauth/authorize", data=dance.asked(decision="allow", csrf="x"))
    assert answer.status_code == 403


async def test_revoking_ends_a_token_and_is_no_error_twice(dance: Dance) -> None:
    token = (await dance.token(await dance.code())).json()["access_token"]
    client = {"client_id": dance.app["client_id"], "client_secret": dance.app["client_secret"], "token": token}
    for _ in range(2):
        answer = await dance.http.post("/oauth/revoke", json=client)
        assert (answer.status_code, answer.json()) == (200, {})
    assert await dance.knows(token) == 401


async def test_an_apps_own_token_is_no_person(dance: Dance) -> None:
    client = {"client_id": dance.app["client_id"], "client_secret": dance.app["client_secret"]}
    answer = await dance.http.post("/oauth/token", json={"grant_type": "client_credentials", "scope": "read"} | client)
    token = answer.json()["access_token"]
    assert await dance.knows(token) == 422
    headers = {"Authorization": f"Bearer {token}"}
    assert (await dance.http.get("/api/v1/apps/verify_credentials", headers=headers)).json()["name"] == "An app"


async def test_the_cookie_counts_for_nothing_on_the_api(dance: Dance) -> None:
    answer = await dance.http.get("/api/v1/accounts/verify_credentials")
    assert (answer.status_code, answer.json()) == (401, {"error": "The access token is invalid"})


async def test_a_suspended_account_is_told_so(dance: Dance) -> None:
    token = (await dance.token(await dance.code())).json()["access_token"]
    assert dance.account_id is not None
    await set_account_state(dance.house, dance.account_id, AccountState.SUSPENDED)
    headers = {"Authorization": f"Bearer {token}"}
    answer = await dance.http.get("/api/v1/timelines/home", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (403, "Your login is currently disabled")


async def test_the_metadata_name_what_is_there_and_only_over_https(site: Site, http: httpx.AsyncClient) -> None:
    path = "/.well-known/oauth-authorization-server"
    assert (await http.get(path)).status_code == 404
    secure = application(replace(site, url="https://site.test"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(secure), base_url="https://site.test") as client:
        document = (await client.get(path)).json()
    assert document["token_endpoint"] == "https://site.test/oauth/token"
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["grant_types_supported"] == ["authorization_code", "client_credentials"]


async def test_a_scope_that_is_missing_is_named(dance: Dance) -> None:
    token = await a_token(dance.house, dance.account_id, "read:statuses")
    headers = {"Authorization": f"Bearer {token}"}
    assert (await dance.http.get("/api/v1/timelines/home", headers=headers)).status_code == 200
    answer = await dance.http.post("/api/v1/statuses", json={"status": "x"}, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (403, "This action is outside the authorized scopes")
