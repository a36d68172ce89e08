"""Files of uploads on their way in and out: streamed, bounded, and given out as nothing but what they are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar, Request, post

from rostra.flows.forget_media import forget_account_media
from rostra.flows.house import House
from rostra.flows.take_media import take_media
from rostra.network.accounts import Viewer
from rostra.network.media import Attachment, media_address
from rostra.network.media.incoming import Upload, a_folder
from rostra.platform.errors import RostraError
from rostra.web.uploads import receive_form
from tests.kit.uploads import a_photo

MOST_BYTES = 300_000


async def a_picture(house: House, owner: Viewer) -> Attachment:
    assert owner.account_id is not None
    async with a_folder(house.files.root) as folder:
        with Upload(folder / "upload", 1_000_000) as received:
            received.write(a_photo())
        return await take_media(house, owner.account_id, received)


async def test_a_file_is_given_out_as_what_it_is(visitor: httpx.AsyncClient, house: House, owner: Viewer) -> None:
    """For ever the same, of use in any app's page, and powerless when somebody opens it by itself."""
    made = await a_picture(house, owner)
    answer = await visitor.get(media_address("", made.file or ""))
    assert answer.status_code == 200
    assert answer.content == house.files.path(made.file or "").read_bytes()
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["access-control-allow-origin"] == "*"
    part = await visitor.get(media_address("", made.file or ""), headers={"Range": "bytes=2-5"})
    assert (part.status_code, part.content) == (206, answer.content[2:6])
    head = await visitor.head(media_address("", made.small or ""))
    assert (head.status_code, head.content) == (200, b"")


async def test_what_is_not_shown_is_not_there(visitor: httpx.AsyncClient, house: House, owner: Viewer) -> None:
    """Other files of the store, pages that pretend, and what was deleted a moment ago."""
    made = await a_picture(house, owner)
    recording = await house.files.put_bytes(b"a recording", "m4a")
    page = await house.files.put_bytes(b"<script>", "html")
    for name in (recording, page, "../rostra.sqlite3", "ab/cd.jpg", "0" * 64 + ".jpg", "0" * 64 + ".svg"):
        assert (await visitor.get(media_address("", name))).status_code == 404
    assert owner.account_id is not None
    await forget_account_media(house, owner.account_id)
    assert house.files.path(made.file or "").exists()
    assert (await visitor.get(media_address("", made.file or ""))).status_code == 404


@pytest.fixture
async def receiver(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A site of one address, which says what it received and what is left of it."""

    @post("/", request_max_body_size=None)
    async def receive(request: Request[Any, Any, Any]) -> dict[str, Any]:
        try:
            async with a_folder(tmp_path) as folder:
                form = await receive_form(request, folder, files=("file",), most_bytes=MOST_BYTES)
                sizes = {name: each.path.stat().st_size for name, each in form.files.items()}
                return {"fields": dict(form.fields), "files": sizes}
        except RostraError as error:
            return {"refused": error.user_message, "left": [str(each) for each in tmp_path.glob("incoming/*")]}

    app = Litestar([receive], openapi_config=None, logging_config=None)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://r.test", trust_env=False
    ) as client:
        yield client


async def test_files_and_fields_arrive(receiver: httpx.AsyncClient) -> None:
    files = {"file": ("a.jpg", bytes(280_000)), "other": ("b.jpg", bytes(900))}
    said = (await receiver.post("/", files=files, data={"description": "Grüße\r\n--", "focus": "0,0"})).json()
    assert said == {"fields": {"description": "Grüße\r\n--", "focus": "0,0"}, "files": {"file": 280_000}}


async def test_a_hundred_megabytes_are_refused_before_they_are_read(receiver: httpx.AsyncClient) -> None:
    """By what was announced, before a byte; without an announcement, a little behind the limit."""
    pulled = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal pulled
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(1600):
            pulled += 65_536
            yield bytes(65_536)

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    announced = await receiver.post("/", content=body(), headers=headers | {"Content-Length": "104857600"})
    assert "300 kB" in announced.json()["refused"]
    assert pulled == 0
    said = (await receiver.post("/", content=body(), headers=headers)).json()
    assert "300 kB" in said["refused"]
    assert said["left"] == []
    assert pulled < 1_000_000


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=x", b""),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhal',
        ),
        ("multipart/form-data; boundary=x", b"--y\r\n\r\n--y--"),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"A" * 9000),
        ("multipart/form-data; boundary=x", b"".join(b"--x\r\nA: b\r\n\r\nc\r\n" for _ in range(99)) + b"--x--"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="description"\r\n\r\n' + bytes(70_000) + b"\r\n--x--\r\n",
        ),
    ],
    ids=["json", "no boundary", "empty", "cut", "another boundary", "long header", "many parts", "long field"],
)
async def test_what_cannot_be_read_is_refused_and_leaves_nothing(
    content_type: str, body: bytes, receiver: httpx.AsyncClient
) -> None:
    said = (await receiver.post("/", content=body, headers={"Content-Type": content_type})).json()
    assert said["refused"]
    assert said["left"] == []
