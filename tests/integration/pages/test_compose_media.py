"""Posts with pictures, films and sound from a plain form, and the addresses that the form's script asks."""

from __future__ import annotations

import re
from pathlib import Path

import httpx

from rostra.flows.house import House
from rostra.network.media import MediaStore
from rostra.platform.ids import MediaId
from tests.integration.web.members import Member
from tests.kit.uploads import a_film, a_photo

WORDS = {"text": "With a picture", "visibility": "public", "with_media": "1", "back": "/home"}
File = tuple[str, bytes, str]


def a_picture(width: int = 320) -> File:
    return ("a.jpg", a_photo(width), "image/jpeg")


async def send(ada: Member, path: str, files: dict[str, File], **fields: str) -> httpx.Response:
    return await ada.http.post(path, data={"csrf": await ada.csrf(), **WORDS, **fields}, files=files)


async def upload(ada: Member, file: File, **headers: str) -> httpx.Response:
    """As the form's script sends it."""
    csrf = {"x-rostra-csrf": await ada.csrf()}
    return await ada.http.post("/compose/media.json", files={"file": file}, headers=csrf | headers)


def pictures_in(page: str) -> list[str]:
    """The descriptions of what hangs on the posts of a page."""
    return re.findall(r'<figure class="media__item"><a [^>]+><img [^>]*alt="([^"]*)"', page)


def number_of(page: str) -> str:
    found = re.search(r'data-post="(\d+)"', page)
    assert found is not None
    return found.group(1)


async def test_a_plain_form_brings_pictures_with_the_post(ada: Member, visitor: httpx.AsyncClient) -> None:
    files = {"file_1": a_picture(), "file_3": a_picture(200), "file_4": ("", b"", "application/octet-stream")}
    made = await send(ada, "/compose", files, text_1="A <wall>", text_3="")
    assert made.headers["location"] == "/home?done=posted", made.text
    assert pictures_in((await visitor.get("/public")).text) == ["A &lt;wall&gt;", ""]


async def test_what_must_stay_in_view_is_said_with_sliders(ada: Member, visitor: httpx.AsyncClient) -> None:
    made = await send(ada, "/compose", {"file_1": a_picture()}, focus_x_1="-100", focus_y_1="45")
    assert made.status_code == 303
    page = (await visitor.get("/public")).text
    assert 'data-crop-x="0" data-crop-y="1"' in page
    edit = f"/posts/{number_of(page)}/edit"
    form = await ada.read(edit)
    assert 'name="focus_x_1" type="range" min="-100" max="100" step="5" value="-100"' in form
    assert 'name="focus_y_1" type="range" min="-100" max="100" step="5" value="45"' in form
    kept = re.search(r'name="media_1" value="(\d+)"', form)
    assert kept is not None
    for x in ("101", "1.5", "", "²"):
        await ada.send(edit, **WORDS, media_1=kept.group(1), focus_x_1=x, focus_y_1="0")
        assert 'value="45"' in await ada.read(edit), "what makes no sense changes nothing"
    await ada.send(edit, **WORDS, media_1=kept.group(1), focus_x_1="0", focus_y_1="0")
    assert "data-crop" not in (await visitor.get("/public")).text


async def test_a_picture_needs_no_words(ada: Member, visitor: httpx.AsyncClient) -> None:
    made = await send(ada, "/compose", {"file_1": a_picture()}, text="")
    assert made.status_code == 303
    assert pictures_in((await visitor.get("/public")).text) == [""]


async def test_what_is_wrong_with_a_file_keeps_everything_else(ada: Member, visitor: httpx.AsyncClient) -> None:
    files = {"file_1": a_picture(), "file_2": ("b.jpg", b"\xff\xd8\xff\xe0 and then nothing", "image/jpeg")}
    again = await send(ada, "/compose", files, text_1="A wall", key="k9")
    assert again.status_code == 422
    assert "With a picture</textarea>" in again.text
    assert "damaged" in again.text
    assert "A wall</textarea>" in again.text
    kept = re.search(r'name="media_1" value="(\d+)"', again.text)
    assert kept is not None
    assert "With a picture" not in (await visitor.get("/public")).text
    second = await ada.send("/compose", **WORDS, media_1=kept.group(1), text_1="A wall", key="k9")
    assert second.status_code == 303
    assert pictures_in((await visitor.get("/public")).text) == ["A wall"]


async def test_a_form_takes_off_what_was_uploaded(ada: Member, visitor: httpx.AsyncClient) -> None:
    ids = [(await upload(ada, a_picture(size))).json()["id"] for size in (100, 120)]
    fields = {"media_1": ids[0], "text_1": "First", "media_2": ids[1], "text_2": "Second", "remove_1": "1"}
    assert (await ada.send("/compose", **WORDS, **fields)).status_code == 303
    assert pictures_in((await visitor.get("/public")).text) == ["Second"]


async def test_a_film_is_waited_for_and_nothing_is_lost(ada: Member, tmp_path: Path) -> None:
    film = ("film.mp4", a_film(tmp_path / "film.mp4"), "video/mp4")
    again = await send(ada, "/compose", {"file_1": film}, text="A film", text_1="From red to blue")
    assert again.status_code == 422
    assert "still being processed" in again.text
    assert "From red to blue</textarea>" in again.text
    assert 'data-state="making"' in again.text


async def test_a_film_stands_alone(ada: Member, tmp_path: Path) -> None:
    film = ("film.mp4", a_film(tmp_path / "film.mp4"), "video/mp4")
    again = await send(ada, "/compose", {"file_1": film, "file_2": a_picture()})
    assert again.status_code == 422


async def test_an_edit_changes_words_and_pictures(ada: Member, house: House, visitor: httpx.AsyncClient) -> None:
    await send(ada, "/compose", {"file_1": a_picture(), "file_2": a_picture(200)}, text_1="One", text_2="Two")
    number = number_of((await visitor.get("/@ada")).text)
    form = await ada.read(f"/posts/{number}/edit")
    first, second = re.findall(r'name="media_[12]" value="(\d+)"', form)
    assert "One</textarea>" in form
    changed = {"media_1": first, "text_1": "Another word", "media_2": second, "text_2": "Two", "remove_2": "1"}
    done = await send(ada, f"/posts/{number}/edit", {"file_3": a_picture(240)}, **changed, text_3="Three")
    assert done.status_code == 303, done.text
    assert pictures_in((await visitor.get(f"/@ada/{number}")).text) == ["Another word", "Three"]
    async with house.database.reading() as session:
        assert await MediaStore(session).by_id(MediaId(int(second))) is None
    plain = {"text": "Only the text", "visibility": "public"}
    assert (await ada.send(f"/posts/{number}/edit", **plain)).status_code == 303
    assert pictures_in((await visitor.get(f"/@ada/{number}")).text) == ["Another word", "Three"]


async def test_the_script_uploads_looks_and_removes(
    ada: Member, ben_here: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    made = await upload(ada, a_picture())
    assert made.status_code == 201
    found = made.json()
    assert (found["kind"], found["state"], found["progress"]) == ("image", "ready", 100)
    assert (await visitor.get(found["preview_url"])).status_code == 200
    assert (await ada.http.get(found["url"])).json() == found
    assert (await ben_here.get(found["url"])).status_code == 404
    assert (await visitor.get(found["url"])).status_code == 401
    csrf = {"x-rostra-csrf": await ada.csrf()}
    assert (await ada.http.delete(found["url"])).status_code == 403
    assert (await ada.http.delete(found["url"], headers=csrf)).status_code == 200
    assert (await ada.http.get(found["url"])).status_code == 404
    for name in ("7", "x.json", "7.html"):
        assert (await ada.http.get(f"/compose/media/{name}")).status_code == 404


async def test_the_script_is_told_in_words_what_is_wrong(ada: Member) -> None:
    wrong = await upload(ada, ("a.pdf", b"%PDF-1.7 and so on", "application/pdf"))
    assert wrong.status_code == 422
    assert wrong.headers["content-type"].startswith("application/problem+json")
    assert wrong.json()["detail"]
    assert (await upload(ada, ("a.jpg", b"", "image/jpeg"))).status_code == 422
    assert (await upload(ada, a_picture(), origin="https://evil.example")).status_code == 403
    assert (await ada.http.post("/compose/media.json", files={"file": a_picture()})).status_code == 403


async def test_nobody_posts_the_files_of_others(
    ada: Member, ben_here: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    number = (await upload(ada, a_picture())).json()["id"]
    csrf = re.search(r'name="csrf-token" content="([^"]+)"', (await ben_here.get("/compose")).text)
    assert csrf is not None
    sent = await ben_here.post("/compose", data={"csrf": csrf.group(1), **WORDS, "media_1": number})
    assert sent.status_code == 422
    assert "/media/" not in sent.text.partition("<main")[2]
    assert "With a picture" not in (await visitor.get("/public")).text
