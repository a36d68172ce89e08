"""Endorsements, blocked domains, featured hashtags by name, one's pictures: what one account has."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from rostra.flows.house import House
from rostra.network.accounts import AccountState
from rostra.network.follows import domains, endorsements
from tests.integration.mastodon.conftest import Meet
from tests.kit.members import Member, set_account_state


async def refused(who: Member, path: str, **body: object) -> tuple[int, str]:
    answer = await who.http.post(f"/api/{path}", json=body, headers=who.headers)
    return answer.status_code, answer.json()["error"]


async def test_endorsements_are_of_whom_one_follows_and_go_with_the_follow(
    ada: Member, ben: Member, meet: Meet, house: House
) -> None:
    carl = await meet("carl")
    not_followed = (422, "Validation failed: You must be already following the person you want to endorse")
    assert await refused(ada, f"v1/accounts/{ben.id}/endorse") == not_followed
    for each in (ben, carl):
        await ada.post(f"v1/accounts/{each.id}/follow")
        for _ in range(2):
            assert (await ada.post(f"v1/accounts/{each.id}/endorse"))["endorsed"] is True
    assert await ada.ids("v1/endorsements") == [str(carl.id), str(ben.id)]
    public = await ben.http.get(f"/api/v1/accounts/{ada.id}/endorsements", params={"limit": 1})
    assert [each["acct"] for each in public.json()] == ["carl"]
    following = await ben.http.get(public.links["next"]["url"])
    assert [each["acct"] for each in following.json()] == ["ben"]
    await set_account_state(house, carl.id, AccountState.SUSPENDED)
    assert await ada.ids("v1/endorsements") == [str(ben.id)]
    await set_account_state(house, carl.id, AccountState.ACTIVE)
    assert await ada.ids("v1/endorsements") == [str(carl.id), str(ben.id)]
    assert (await ada.post(f"v1/accounts/{carl.id}/unpin"))["endorsed"] is False
    await ada.post(f"v1/accounts/{ben.id}/unfollow")
    assert await ada.ids("v1/endorsements") == []
    (relationship,) = await ada.get("v1/accounts/relationships", id=[str(ben.id)])
    assert relationship["endorsed"] is False


async def test_endorsements_end_somewhere(
    ada: Member, ben: Member, meet: Meet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endorsements, "ENDORSED_MAX", 1)
    carl = await meet("carl")
    for each in (ben, carl):
        await ada.post(f"v1/accounts/{each.id}/follow")
    await ada.post(f"v1/accounts/{ben.id}/endorse")
    assert (await refused(ada, f"v1/accounts/{carl.id}/endorse"))[0] == 422
    assert await ada.ids("v1/endorsements") == [str(ben.id)]


@pytest.mark.parametrize("sent", ["json", "data", "files"])
async def test_domains_are_kept_whatever_the_form_of_the_body(ada: Member, ben: Member, sent: str) -> None:
    """JSON, urlencoded, multipart; upper case and other scripts are the same domain."""

    async def send(method: str, domain: str) -> int:
        body = {sent: {"domain": (None, domain)} if sent == "files" else {"domain": domain}}
        answer = await ada.http.request(method, "/api/v1/domain_blocks", headers=ada.headers, **body)  # type: ignore[arg-type]  # one of three
        return answer.status_code

    assert [await send("POST", each) for each in ("Example.ORG.", "example.org", "bücher.example")] == [200] * 3
    assert await ada.get("v1/domain_blocks") == ["xn--bcher-kva.example", "example.org"]
    assert await ben.get("v1/domain_blocks") == []
    assert [await send("POST", each) for each in ("", "example", "a b.example", "x" * 300 + ".example")] == [422] * 4
    assert await send("DELETE", "EXAMPLE.org") == 200
    assert await ada.get("v1/domain_blocks", limit=1) == ["xn--bcher-kva.example"]


async def test_domains_end_somewhere(ada: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domains, "DOMAINS_MAX", 1)
    await ada.post("v1/domain_blocks", domain="one.example")
    await ada.post("v1/domain_blocks", domain="one.example")
    assert (await refused(ada, "v1/domain_blocks", domain="two.example"))[0] == 422
    assert await ada.get("v1/domain_blocks") == ["one.example"]


async def test_a_hashtag_is_featured_by_its_name(ada: Member) -> None:
    assert (await ada.get("v1/tags/news"))["featuring"] is False
    for _ in range(2):
        tag = await ada.post("v1/tags/News/feature")
        assert (tag["name"], tag["featuring"], tag["following"]) == ("news", True, False)
    assert [each["name"] for each in await ada.get(f"v1/accounts/{ada.id}/featured_tags")] == ["news"]
    assert (await ada.post("v1/tags/news/follow"))["featuring"] is True
    assert (await ada.post("v1/tags/news/unfeature"))["featuring"] is False
    assert await ada.get("v1/featured_tags") == []
    assert (await refused(ada, "v1/tags/%20/feature"))[0] == 422


async def test_pictures_are_taken_away(ada: Member) -> None:
    """The drawn ones stand there again, and taking those away is no error."""
    picture = io.BytesIO()
    Image.new("RGB", (20, 20), "teal").save(picture, "PNG")
    drawn = await ada.get("v1/accounts/verify_credentials")
    files = {name: ("a.png", picture.getvalue(), "image/png") for name in ("avatar", "header")}
    path = "/api/v1/accounts/update_credentials"
    changed = (await ada.http.patch(path, files=files, headers=ada.headers)).json()
    assert changed["avatar"] != drawn["avatar"]
    assert changed["header"] != drawn["header"]
    for name in ("avatar", "header", "header"):
        answer = await ada.http.delete(f"/api/v1/profile/{name}", headers=ada.headers)
        assert answer.status_code == 200
        assert answer.json()[name] == drawn[name]
    assert (await ada.http.get(httpx_path(changed["avatar"]))).status_code == 404


def httpx_path(url: str) -> str:
    return url.removeprefix("http://site.test")
