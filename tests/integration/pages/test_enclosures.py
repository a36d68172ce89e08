"""What comes with a notice or a complaint: made anew, only to be saved, or refused with what to do."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO

import httpx
import pytest
from PIL import Image
from sqlalchemy import select

from rostra.flows.forget_media import unlink_gone
from rostra.flows.judges import Judge
from rostra.flows.keep_cases import CaseClock
from rostra.flows.read_cases import open_case
from rostra.network.accounts import Role
from rostra.network.media.tables import MediaGoneRow
from rostra.platform.errors import NotFound
from rostra.platform.ids import AccountId
from rostra.safety.cases import CaseId
from rostra.safety.deadlines import EVIDENCE_AFTER
from rostra.safety.ledger import Act, LedgerStore
from rostra.safety.notice_store import NoticeStore
from rostra.web.site import Site
from tests.integration.web.conftest import a_client
from tests.integration.web.members import sign_in
from tests.kit.clock import FakeClock
from tests.kit.members import a_post
from tests.kit.safety import WHY, decide, somebody, verdict
from tests.kit.uploads import a_bomb, a_phones_photo, a_photo, an_animation

PDF = b"%PDF-1.7\n1 0 obj <</OpenAction <</S /JavaScript /JS (app.alert\\(1\\))>>>> endobj\n%%EOF\n"
PAGE = b"<script>alert(1)</script>"
Files = dict[str, tuple[str, bytes, str]]


@pytest.fixture
async def path(site: Site, ben: AccountId) -> str:
    post = await a_post(site.house, ben, "Beat them, all three of them.")
    return f"/@ben/{post.id}"


async def sent(visitor: httpx.AsyncClient, path: str, files: Files) -> httpx.Response:
    form = {"what": path, "why": "illegal", "about": "VIOLENCE", "kind": "", "explanation": WHY}
    form |= {"name": "Nora", "email": "nora@example.org", "bona_fide": "1"}
    return await visitor.post("/flag", data=form, files=files)


async def the_case(site: Site) -> tuple[Judge, CaseId]:
    """Who decides, and the one case there is."""
    viewer = await somebody(site.house, "mo", Role.MODERATOR)
    async with site.house.database.reading() as session:
        entries = await LedgerStore(session).entries()
    opened = next(each for each in entries if each.content.act is Act.CASE_OPENED)
    return Judge(viewer.account_id), CaseId(int(str(opened.content.facts["case"])))


async def test_what_came_along_can_only_be_saved(
    site: Site, path: str, visitor: httpx.AsyncClient, clock: FakeClock
) -> None:
    """A photo without where it was taken, a picture without the page behind it, PDF and text as they came; each look is
    an entry, and all of it goes with the evidence.
    """
    files = {
        "file_1": ("me.jpg", a_phones_photo(), "image/jpeg"),
        "file_2": ("both.jpg", a_photo() + PAGE, "image/jpeg"),
        "file_3": ("letter.pdf", PDF, "text/html"),
        "file_4": ("page.html", PAGE, "text/html"),
    }
    assert (await sent(visitor, path, files)).status_code == 303
    judge, case = await the_case(site)
    assert judge.account_id is not None
    async with a_client(site) as http:
        mo = await sign_in(site.house, judge.account_id, http, site.cookie_name)
        urls = re.findall(rf'href="(/desk/{case}/files/[^"]+)"', await mo.read(f"/desk/{case}"))
        got = [await http.get(each) for each in urls]
    assert [each.rpartition(".")[2] for each in urls] == ["jpg", "jpg", "pdf", "txt"]
    for each in got:
        assert each.headers["content-type"] == "application/octet-stream"
        assert each.headers["content-disposition"].startswith("attachment")
        assert each.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in each.headers["content-security-policy"]
        assert each.headers["cache-control"] == "private, no-store"
    for secret in (b"SecretCamera", b"SecretComment", b"script"):
        assert secret not in got[0].content + got[1].content
    assert not Image.open(BytesIO(got[0].content)).getexif()
    assert [got[2].content, got[3].content] == [PDF, PAGE]
    async with site.house.database.reading() as session:
        read = [each for each in await LedgerStore(session).entries() if "file" in each.content.facts]
    assert len(read) == 4

    (filed,) = (await open_case(site.house, judge, case)).notices
    decision = await decide(site.house, judge, case, verdict())
    assert decision.complaints_until is not None
    for seconds in ((decision.complaints_until - clock.now()).total_seconds(), EVIDENCE_AFTER.total_seconds(), 86400):
        clock.jump(seconds=seconds)
        cases = CaseClock(site.house)
        while await cases.tick():
            pass
        await unlink_gone(site.house)
    for key in filed.notice.attachments:
        with pytest.raises(NotFound):
            site.house.files.path(key)
    async with site.house.database.reading() as session:
        assert (await NoticeStore(session).get(filed.notice.id)).attachments == ()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a film.mp4", b"\0" * 50_000_000, "it has 50 MB, and a file may have 10 MB. Send a smaller version"),
        ("a bomb.png", a_bomb(), "pixels"),
        ("moving.gif", an_animation(), "it is an animation. Send it as a film"),
        ("cut.jpg", a_photo()[:200], "damaged"),
        ("a.exe", b"MZ\0\0", "it is of a kind that we cannot take. Send pictures"),
        ("a.svg.png", b"\x89PNG\r\n\x1a\n<svg onload='alert(1)'/>", "damaged"),
    ],
)
async def test_what_is_refused_says_what_to_do(
    site: Site, path: str, visitor: httpx.AsyncClient, name: str, content: bytes, words: str
) -> None:
    """Beside what was typed, which stays; and nothing is left behind of the file that was fine."""
    refused = await sent(
        visitor,
        path,
        {"file_1": ("fine.txt", b"Fine.", "text/plain"), "file_2": (name, content, "image/png")},
    )
    text = unescape(refused.text)
    assert refused.status_code == 422
    assert "File 2: " in text
    assert words in text
    assert WHY in text
    async with site.house.database.reading() as session:
        assert await LedgerStore(session).entries() == []
        let_go = (await session.scalars(select(MediaGoneRow.key))).all()
    kept = [each for each in site.house.files.root.glob("??/*.txt") if each.is_file()]
    assert [each.name for each in kept] == [each.partition("/")[2] for each in let_go]


async def test_too_much_at_once_is_refused_before_it_is_read(path: str, visitor: httpx.AsyncClient) -> None:
    answer = await visitor.post(
        "/flag",
        content=b"",
        headers={"content-type": "multipart/form-data; boundary=x", "content-length": "200000000"},
    )
    assert answer.status_code == 413
    assert "a file may have 10 MB. Go back, what you typed is still in the form." in unescape(answer.text)
