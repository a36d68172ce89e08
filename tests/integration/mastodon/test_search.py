"""Searching: what is found, what must not be, and that nothing which somebody types breaks it."""

from __future__ import annotations

import pytest

from rostra.flows.edit_profile import edit_profile
from rostra.flows.house import House
from rostra.network.accounts import AccountState, ProfileChange
from rostra.network.search import shapes, store
from rostra.network.visibility import Visibility
from tests.integration.mastodon.conftest import Meet
from tests.kit.clock import FakeClock
from tests.kit.members import Member, a_post, set_account_state


async def posts(who: Member, q: str, **more: object) -> list[str]:
    found = await who.get("v2/search", q=q, type="statuses", **more)
    assert found["accounts"] == found["hashtags"] == []
    return [each["id"] for each in found["statuses"]]


async def people(who: Member, q: str, **more: object) -> list[str]:
    return [each["acct"] for each in (await who.get("v2/search", q=q, type="accounts", **more))["accounts"]]


async def test_words_phrases_and_operators(ada: Member, ben: Member, house: House, clock: FakeClock) -> None:
    garden = str((await a_post(house, ada.id, "Good evening from the Gärten of Łódź")).id)
    clock.jump(days=1)
    evening = str((await a_post(house, ben.id, "An evening, good for rain")).id)
    tokyo = str((await a_post(house, ada.id, "東京都庁の放送 tonight")).id)
    for q, found in {
        "evening": [evening, garden],
        "EVENING good": [evening, garden],
        '"good evening"': [garden],
        "good-evening": [garden],
        "garten": [garden],
        "evening -rain": [garden],
        'evening -"good evening"': [evening],
        "from:ada evening": [garden],
        "from:@ada@site.test": [tokyo, garden],
        "from:me": [evening],
        "evening -from:ada": [evening],
        "evening before:2026-05-05": [garden],
        "evening after:2026-05-04": [evening],
        "evening before:2026-05-04": [],
        "東京": [tokyo],
        "放": [tokyo],
        "都庁の": [tokyo],
        "東庁": [],
        "even": [],
        "-rain": [],
        "from:nobody evening": [],
        "has:media": [],
        "!!!": [],
    }.items():
        assert await posts(ben, q) == found, q


@pytest.mark.parametrize(("near", "further"), [(1, 3), (2, 6), (2, 100), (100, 100)])
async def test_however_far_one_must_look_the_newest_are_found(
    ada: Member, house: House, near: int, further: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each size of the walks on PostgreSQL brings the same pages, also where a walk ends in the midst of one."""
    said = ["rain" if number % 2 else "sun" for number in range(8)]
    made = [str((await a_post(house, ada.id, text)).id) for text in said]
    rainy = made[::-1][::2]
    for module in (shapes, store):
        monkeypatch.setattr(module, "NEAR", near)
        monkeypatch.setattr(module, "FURTHER", further)
    shapes.found_posts.cache_clear()
    for limit in (1, 2, 3, 20):
        assert await posts(ada, "rain", limit=limit) == rainy[:limit]
    assert await posts(ada, "rain", limit=2, max_id=rainy[1]) == rainy[2:]
    shapes.found_posts.cache_clear()


async def test_edits_and_deletions_are_followed(ada: Member, ben: Member) -> None:
    post = await ada.post("v1/statuses", status="Wisteria", spoiler_text="Plants")
    assert await posts(ben, "wisteria plants") == [post["id"]]
    edited = await ada.http.put(f"/api/v1/statuses/{post['id']}", json={"status": "Clematis"}, headers=ada.headers)
    assert edited.status_code == 200
    assert await posts(ben, "wisteria") == []
    assert await posts(ben, "clematis") == [post["id"]]
    await ben.post(f"v1/statuses/{post['id']}/reblog")
    assert await posts(ben, "clematis") == [post["id"]], "a boost is no second find"
    await ada.http.delete(f"/api/v1/statuses/{post['id']}", headers=ada.headers)
    assert await posts(ben, "clematis") == []


@pytest.mark.parametrize("visibility", list(Visibility))
async def test_who_finds_what(ada: Member, ben: Member, meet: Meet, house: House, visibility: Visibility) -> None:
    """What is public is for everybody; the rest for its author, who is mentioned, and who marked what they may read."""
    stranger, follower = await meet("sue"), await meet("fay")
    await follower.post(f"v1/accounts/{ada.id}/follow")
    post = str((await a_post(house, ada.id, "@ben Wisteria", visibility=visibility)).id)
    is_public = visibility is Visibility.PUBLIC
    for who, finds in ((ada, True), (ben, True), (stranger, is_public), (follower, is_public)):
        assert (await posts(who, "wisteria") == [post]) is finds, (who.id, visibility)
    if visibility is not Visibility.DIRECT:
        await follower.post(f"v1/statuses/{post}/bookmark")
        assert await posts(follower, "wisteria") == [post]
    found = await stranger.http.get("/api/v2/search", params={"q": "wisteria"})
    assert (found.status_code, found.json()["statuses"]) == (200, []), "posts need a token"


async def test_what_must_not_be_found(ada: Member, ben: Member, meet: Meet, house: House) -> None:
    fan = await meet("fan")
    post = str((await a_post(house, ada.id, "Wisteria")).id)
    await fan.post(f"v1/statuses/{post}/favourite")
    await edit_profile(house, ada.id, ProfileChange(indexable=False), None)
    assert (await posts(ben, "wisteria"), await posts(fan, "wisteria")) == ([], [post])
    await edit_profile(house, ada.id, ProfileChange(indexable=True), None)
    for act, undo in (("mute", "unmute"), ("block", "unblock")):
        await ben.post(f"v1/accounts/{ada.id}/{act}")
        assert await posts(ben, "wisteria") == []
        await ben.post(f"v1/accounts/{ada.id}/{undo}")
        assert await posts(ben, "wisteria") == [post]
    await ada.post(f"v1/accounts/{ben.id}/block")
    assert await posts(ben, "wisteria") == []
    assert await people(ben, "ada") == []
    await ada.post(f"v1/accounts/{ben.id}/unblock")
    for state, found in ((AccountState.LIMITED, []), (AccountState.SUSPENDED, []), (AccountState.ACTIVE, [post])):
        await set_account_state(house, ada.id, state)
        assert await posts(ben, "wisteria") == found
    await set_account_state(house, ada.id, AccountState.SUSPENDED)
    assert (await posts(fan, "wisteria"), await people(fan, "ada")) == ([], [])


async def test_pages_of_posts(ada: Member, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """By cursor, and by the offset that apps use; the second statement finds what the first had no room for."""
    made = [str((await a_post(house, ada.id, f"Wisteria {number % 2}")).id) for number in range(7)][::-1]
    assert await posts(ada, "wisteria", limit=3) == made[:3]
    assert await posts(ada, "wisteria", limit=3, offset=3) == made[3:6]
    assert await posts(ada, "wisteria", limit=3, max_id=made[2]) == made[3:6]
    assert await posts(ada, "wisteria", limit=3, min_id=made[5]) == made[2:5]
    assert await posts(ada, "wisteria 0", limit=5) == made[::2]
    assert await posts(ada, "wisteria", account_id=str(ada.id), limit=1) == made[:1]
    assert await posts(ada, "wisteria", account_id="12") == []


async def test_people_by_handle_and_name(ada: Member, ben: Member, meet: Meet, house: House) -> None:
    king = await meet("countess")
    await edit_profile(house, king.id, ProfileChange(display_name="Adá Lovelace"), None)
    await ben.post(f"v1/accounts/{king.id}/follow")
    assert await people(ben, "ada") == ["ada", "countess"]
    for q in ("LOVEL", "adá love", "@countess", "countess@site.test", "@countess@site.test"):
        assert await people(ben, q) == ["countess"], q
    assert await people(ben, "countess@elsewhere.test") == []
    assert await people(ben, "ada", following=True) == ["countess"]
    assert await people(ben, "ada", offset=1) == ["countess"]
    assert await ben.ids("v1/accounts/search", q="love") == [str(king.id)]
    await edit_profile(house, king.id, ProfileChange(discoverable=False), None)
    assert await people(ada, "love") == []
    assert await people(ada, "countess") == ["countess"], "by the whole handle"
    assert await people(ben, "love") == ["countess"], "by who follows"
    await edit_profile(house, king.id, ProfileChange(display_name="Byron"), None)
    assert await people(ben, "love") == []


async def test_hashtags_in_public_use(ada: Member, ben: Member, house: House) -> None:
    await a_post(house, ada.id, "#Gardens and #garden #other")
    await a_post(house, ada.id, "#gardenparty", visibility=Visibility.DIRECT)

    async def tags(q: str) -> list[str]:
        found = await ben.http.get("/api/v2/search", params={"q": q, "type": "hashtags"})
        return [each["name"] for each in found.json()["hashtags"]]

    assert await tags("#GARD") == await tags("gard") == ["garden", "gardens"]
    assert await tags("gardenp") == [], "what is written in private is offered to nobody"
    await set_account_state(house, ada.id, AccountState.SUSPENDED)
    assert await tags("gard") == []


async def test_an_address_finds_what_it_names(ada: Member, ben: Member, house: House) -> None:
    post = await a_post(house, ada.id, "Wisteria")
    hidden = await a_post(house, ada.id, "Between us", visibility=Visibility.DIRECT)
    for address in (f"@ada/{post.id}", f"users/ada/statuses/{post.id}", f"@ada/{post.id}?x=1#y"):
        found = await ben.get("v2/search", q=f"http://site.test/{address}", resolve=True)
        assert [each["id"] for each in found["statuses"]] == [str(post.id)], address
    for address in ("@ada", "users/ada", "@ADA/"):
        found = await ben.get("v2/search", q=f"http://site.test/{address}")
        assert [each["acct"] for each in found["accounts"]] == ["ada"], address
    for address in (f"@ada/{hidden.id}", "@nobody", "@ada/99999999999999999999", "@ada/9223372036854775808"):
        found = await ben.get("v2/search", q=f"http://site.test/{address}")
        assert found["accounts"] == found["statuses"] == [], address


HOSTILE = (
    *(
        '"',
        '""',
        "'",
        "''",
        "\\",
        "%",
        "_",
        "*",
        "a*",
        "^a",
        "NEAR(a b, 3)",
        "a AND",
        "OR",
        "NOT a",
        "words:a",
        "a + b",
    ),
    *(
        "(((",
        ")",
        "{a b}:c",
        "a:*",
        "!a",
        "a & | b",
        "<->",
        "a\x00b",
        "\x00",
        "\ufffd",
        "--",
        "-",
        "- a",
        "from:",
        "from:a\x00b",
        "has:",
    ),
    *("from:'; DROP TABLE posts; --", "before:0000-00-00", "before:0001-01-01", "after:9999-12-31", "the of and a"),
    *("x" * 10_000, "a " * 5_000, "東" * 5_000, "-a " * 3_000, '"' * 10_000, "\u202e\u2066", "🎙️", "ﷺ" * 300),
    *("http://site.test/", "http://site.test/@", "http://site.test/@ada/" + "9" * 500, "@", "@@", "#", "##", "#" * 500),
)


async def test_nothing_that_somebody_types_is_a_fault(ada: Member) -> None:
    for q in HOSTILE:
        answer = await ada.http.get("/api/v2/search", params={"q": q}, headers=ada.headers)
        assert answer.status_code == 200, (q[:40], answer.text)


async def test_searching_has_a_limit_of_its_own(ada: Member, clock: FakeClock) -> None:
    for _ in range(60):
        await ada.get("v2/search", q="x")
    refused = await ada.http.get("/api/v2/search", params={"q": "x"}, headers=ada.headers)
    assert (refused.status_code, refused.json()["error"][:17]) == (429, "Too many attempts")
    clock.jump(seconds=2)
    await ada.get("v1/accounts/search", q="x")
