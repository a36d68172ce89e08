"""Media through the API, as apps use it: upload, wait, describe, post, edit, delete."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import msgspec

from rostra.flows.house import House
from rostra.flows.make_media import make_media
from rostra.media.jobs import MakeMedia
from rostra.network.accounts import AccountState
from tests.kit.members import Member, set_account_state
from tests.kit.uploads import a_film, a_phones_photo, a_photo


async def upload(who: Member, content: bytes, *, name: str = "a.bin", **fields: str) -> httpx.Response:
    files = {"file": (name, content)}
    return await who.http.post("/api/v2/media", files=files, data=fields, headers=who.headers)


async def put(who: Member, path: str, **json: Any) -> httpx.Response:
    return await who.http.put(f"/api/{path}", json=json, headers=who.headers)


async def test_a_picture_is_posted_and_seen(ada: Member, ben: Member) -> None:
    answer = await upload(ada, a_phones_photo(), description="Ada waves", focus="0.5,-0.5")
    assert answer.status_code == 200
    made = answer.json()
    assert (made["type"], made["description"], made["meta"]["focus"]) == ("image", "Ada waves", {"x": 0.5, "y": -0.5})
    assert (made["meta"]["original"]["size"], len(made["blurhash"])) == ("240x320", 28)
    posted = await ada.post("v1/statuses", status="", media_ids=[made["id"]])
    (seen,) = (await ben.get(f"v1/statuses/{posted['id']}"))["media_attachments"]
    assert seen == made
    picture = await ben.http.get(seen["url"])
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    again = await ada.http.post(
        "/api/v1/statuses", json={"status": "x", "media_ids": [made["id"]]}, headers=ada.headers
    )
    assert again.status_code == 422


async def test_a_film_is_waited_for(ada: Member, house: House, tmp_path: Path) -> None:
    """202 and no address, 206 with how far it is, 200 with the address."""
    answer = await upload(ada, a_film(tmp_path / "f.mp4", seconds=0.2, sound=False))
    waiting = answer.json()
    assert (answer.status_code, waiting["type"], waiting["url"]) == (202, "video", None)
    address = f"/api/v1/media/{waiting['id']}"
    looked = await ada.http.get(address, headers=ada.headers)
    assert (looked.status_code, looked.json()["url"], looked.json()["progress"]) == (206, None, 0)
    await make_media(house, msgspec.json.encode(MakeMedia(media_id=waiting["id"])))
    looked = await ada.http.get(address, headers=ada.headers)
    assert (looked.status_code, looked.json()["progress"]) == (200, 100)
    assert looked.json()["url"].endswith(".mp4")


async def test_what_cannot_be_made_says_why(ada: Member, house: House) -> None:
    refused = await upload(ada, b"<svg onload='x'/>", name="a.jpg")
    assert (refused.status_code, "SVG" in refused.json()["error"]) == (422, True)
    waiting = (await upload(ada, b"\x00\x00\x00\x20ftypisom" + bytes(300))).json()
    await make_media(house, msgspec.json.encode(MakeMedia(media_id=waiting["id"])))
    looked = await ada.http.get(f"/api/v1/media/{waiting['id']}", headers=ada.headers)
    assert (looked.status_code, "damaged" in looked.json()["error"]) == (422, True)
    nothing = await ada.http.post("/api/v2/media", headers=ada.headers)
    assert nothing.json() == {"error": "Validation failed: File can't be blank"}
    much = await ada.http.post("/api/v2/media", content=bytes(100_000), headers=ada.headers)
    assert much.json() == {"error": "It may have 65 kB. Make it smaller first."}


async def test_nobody_touches_somebody_elses(ada: Member, ben: Member) -> None:
    made = (await upload(ada, a_photo())).json()
    for answer in (
        await ben.http.get(f"/api/v1/media/{made['id']}", headers=ben.headers),
        await put(ben, f"v1/media/{made['id']}", description="mine"),
        await ben.http.delete(f"/api/v1/media/{made['id']}", headers=ben.headers),
    ):
        assert (answer.status_code, answer.json()) == (404, {"error": "Record not found"})
    assert (await ada.http.post("/api/v2/media")).status_code == 401
    assert (await put(ada, f"v1/media/{made['id']}", description="A square")).json()["description"] == "A square"
    assert (await ada.http.delete(f"/api/v1/media/{made['id']}", headers=ada.headers)).json() == {}


async def test_an_edit_exchanges_and_describes(ada: Member) -> None:
    """Without media_ids they stay; with them the others go, and the history keeps what was said."""
    first, second = [(await upload(ada, a_photo(64 + 2 * each, 48))).json() for each in range(2)]
    posted = await ada.post("v1/statuses", status="Two", media_ids=[first["id"]])
    path = f"v1/statuses/{posted['id']}"
    attributes = [{"id": first["id"], "description": "The first"}]
    edited = (await put(ada, path, status="Still one", media_attributes=attributes)).json()
    assert [(each["id"], each["description"]) for each in edited["media_attachments"]] == [(first["id"], "The first")]
    edited = (await put(ada, path, status="The other", media_ids=[second["id"]])).json()
    assert [each["id"] for each in edited["media_attachments"]] == [second["id"]]
    assert (await ada.http.get(first["url"])).status_code == 404
    gone = await ada.http.delete(f"/api/{path}", headers=ada.headers)
    assert gone.status_code == 200
    assert (await ada.http.get(second["url"])).status_code == 404


async def test_media_of_a_suspended_account_are_gone_until_it_is_back(ada: Member, house: House) -> None:
    url = (await upload(ada, a_photo())).json()["url"]
    assert (await ada.http.get(url)).status_code == 200
    await set_account_state(house, ada.id, AccountState.SUSPENDED)
    assert (await ada.http.get(url)).status_code == 404
    await set_account_state(house, ada.id, AccountState.ACTIVE)
    assert (await ada.http.get(url)).status_code == 200


async def test_a_profile_gets_its_pictures(ada: Member) -> None:
    files = {"avatar": ("a.jpg", a_photo(900, 700)), "header": ("b.jpg", a_photo(1000, 900))}
    answer = await ada.http.patch(
        "/api/v1/accounts/update_credentials", files=files, data={"display_name": "Ada L."}, headers=ada.headers
    )
    assert answer.status_code == 200
    profile = answer.json()
    assert profile["display_name"] == "Ada L."
    for name in ("avatar", "header"):
        assert (await ada.http.get(profile[name])).headers["content-type"] == "image/jpeg"


async def test_apps_are_told_what_may_be_uploaded(ada: Member) -> None:
    limits = (await ada.get("v2/instance"))["configuration"]["media_attachments"]
    assert (limits["image_size_limit"], limits["video_size_limit"]) == (16_000_000, 40_000_000)
    assert {"image/jpeg", "video/mp4", "audio/mpeg"} <= set(limits["supported_mime_types"])
