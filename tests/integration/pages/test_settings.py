"""Settings with plain forms: the words of a profile, its pictures, and how posts begin."""

from __future__ import annotations

import re

import httpx
import pytest

from rostra.flows.house import House
from rostra.network.accounts import ProfileStore
from rostra.network.media import MediaStore
from tests.integration.web.members import Member
from tests.kit.uploads import a_photo

WORDS = {
    "display_name": "Ada L.",
    "note": "I write\r\nabout <gardens>",
    "field_name_1": "Garden",
    "field_value_1": "https://garden.example",
    "field_name_3": "Where",
    "field_value_3": "Berlin",
    "indexable": "1",
}


async def send(ada: Member, files: dict[str, tuple[str, bytes, str]], **fields: str) -> httpx.Response:
    """The form of a profile as a browser sends it, with pictures."""
    return await ada.http.post("/settings", data={"csrf": await ada.csrf(), **fields}, files=files)


async def test_a_profile_is_what_its_owner_says(ada: Member, visitor: httpx.AsyncClient) -> None:
    assert 'href="/settings">Edit profile</a>' in await ada.read("/@ada")
    assert "Edit profile" not in (await visitor.get("/@ada")).text
    saved = await ada.send("/settings", **WORDS)
    assert (saved.status_code, saved.headers["location"]) == (303, "/settings?done=saved")
    page = (await visitor.get("/@ada")).text
    assert "Ada L." in page
    assert "I write<br>about &lt;gardens&gt;" in page
    assert page.index("Garden") < page.index("Berlin")
    form = await ada.read("/settings?done=saved")
    assert "Saved." in form
    assert "I write\nabout &lt;gardens&gt;</textarea>" in form
    assert re.search(r'name="field_value_2" value="Berlin"', form), "lines close up"
    assert re.search(r'name="indexable" value="1" checked', form)
    assert not re.search(r'name="(locked|bot|discoverable)" value="1" checked', form)


async def test_what_is_wrong_is_said_with_everything_still_there(ada: Member) -> None:
    answer = await ada.send("/settings", **(WORDS | {"note": "x" * 501}))
    assert answer.status_code == 422
    assert "Note is too long (maximum is 500 characters)" in answer.text
    assert 'value="Ada L."' in answer.text
    assert 'value="https://garden.example"' in answer.text
    assert "Ada L." not in await ada.read("/@ada")


async def test_pictures_come_with_words_and_go_again(ada: Member, house: House, visitor: httpx.AsyncClient) -> None:
    pictures = {
        "avatar": ("me.jpg", a_photo(), "image/jpeg"),
        "header": ("", b"", "application/octet-stream"),
    }
    saved = await send(ada, pictures, avatar_text="Ada before a <wall>", header_text="Not yet", **WORDS)
    assert saved.status_code == 303, saved.text
    page = (await visitor.get("/@ada")).text
    avatar = re.search(r'profile__picture" src="(/media/[^"]+)" alt="Ada before a &lt;wall&gt;"', page)
    assert avatar is not None
    assert (await visitor.get(avatar.group(1))).headers["content-type"] == "image/jpeg"
    assert "Not yet" not in page, "a drawn banner has no words"
    await ada.send("/settings", **(WORDS | {"avatar_text": "Another word"}))
    assert 'alt="Another word"' in (await visitor.get("/@ada")).text
    await ada.send("/settings", **(WORDS | {"avatar_remove": "1", "avatar_text": "Another word"}))
    assert f"/drawn/{ada.id}/avatar.png" in (await visitor.get("/@ada")).text
    assert (await visitor.get(avatar.group(1))).status_code == 404
    async with house.database.reading() as session:
        assert await MediaStore(session).used_bytes(ada.id) == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"%PDF-1.7 nothing of a picture", "JPEG, PNG"), (b"\xff\xd8\xff\xe0 and then nothing", "damaged")],
)
async def test_a_picture_that_is_none_spoils_nothing_else(ada: Member, content: bytes, words: str) -> None:
    answer = await send(ada, {"header": ("b.jpg", content, "image/jpeg")}, **WORDS)
    assert answer.status_code == 422
    found = re.search(r'id="header-error">([^<]+)<', answer.text)
    assert found is not None
    assert words in found.group(1)
    assert "The rest is saved." in answer.text
    assert "Ada L." in await ada.read("/@ada")


async def test_how_posts_begin(ada: Member, house: House) -> None:
    saved = await ada.send("/settings/posting", visibility="unlisted", language="de", sensitive="1")
    assert saved.headers["location"] == "/settings/posting?done=saved"
    form = await ada.read("/compose")
    assert '<option value="unlisted" selected>' in form
    assert '<option value="de" selected>' in form
    assert 'name="sensitive" value="1" checked' in form
    assert 'value="unlisted" checked' in await ada.read("/settings/posting")
    await ada.send("/settings/posting", visibility="public", language="")
    async with house.database.reading() as session:
        own = await ProfileStore(session).own(ada.id, requests_count=0)
    assert (own.post_visibility, own.post_language, own.post_sensitive) == ("public", None, False)
    for wrong in ({"visibility": "everyone"}, {"visibility": "public", "language": "tlh"}):
        assert (await ada.send("/settings/posting", **wrong)).status_code == 422


async def test_no_form_of_another_site_counts(ada: Member, visitor: httpx.AsyncClient) -> None:
    foreign = {"origin": "https://evil.example"}
    fields = {"csrf": await ada.csrf(), **WORDS}
    assert (await ada.http.post("/settings", data=fields, headers=foreign)).status_code == 403
    assert (await ada.http.post("/settings", data=WORDS)).status_code == 403
    picture = {"avatar": ("me.jpg", a_photo(), "image/jpeg")}
    assert (await ada.http.post("/settings", data=WORDS, files=picture)).status_code == 403
    assert (await visitor.post("/settings", data=fields)).status_code == 401
    assert "Ada L." not in await ada.read("/@ada")
    assert (await ada.http.post("/settings", data=fields | {"note": "x" * 100_000})).status_code == 413
