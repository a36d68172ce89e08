"""What somebody meets where something is withheld: its place says so, and why; nothing else on the page breaks."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import numpy as np
import pytest

from rostra.broadcast import Broadcast
from rostra.broadcast.transcripts import recording_begins
from rostra.flows.act_on_post import boost_post, favourite_post
from rostra.flows.house import House
from rostra.flows.limiting import InteractionLimited
from rostra.flows.move_broadcast import end_broadcast
from rostra.flows.publish_post import publish_post
from rostra.flows.take_media import take_profile_picture
from rostra.network.accounts import Viewer
from rostra.network.media import Attachment, Purpose, media_address
from rostra.network.media.incoming import Upload, a_folder
from rostra.network.posts import Draft, Post
from rostra.platform.ids import AccountId, PostId
from rostra.safety.restrictions import Kind, Measure, Span, Subject
from rostra.web.site import Site
from rostra.web.territory import territory
from tests.integration.web.conftest import a_client
from tests.integration.web.members import sign_in
from tests.integration.web.test_clips import streamed
from tests.integration.web.test_media_files import a_picture
from tests.integration.web.test_replay import recorded
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.house import a_broadcast, on_the_air
from tests.kit.members import a_member, a_post, a_token
from tests.kit.recordings import heard
from tests.kit.restricting import imposed, lifted
from tests.kit.uploads import a_photo

pytestmark = on_sqlite
FRENCH, GERMAN = {"CF-IPCountry": "FR"}, {"CF-IPCountry": "DE"}
RATE = 48_000


@dataclass(frozen=True)
class Met:
    """A visitor of a house whose proxy says the country."""

    http: httpx.AsyncClient
    house: House
    author: AccountId
    post: Post

    @property
    def subject(self) -> Subject:
        return Subject(Kind.POST, self.post.id)

    @property
    def page(self) -> str:
        return f"/@author/{self.post.id}"

    async def get(self, path: str, country: dict[str, str] = FRENCH, **more: str) -> httpx.Response:
        return await self.http.get(path, headers=country | more)


@pytest.fixture
async def met(site: Site) -> AsyncIterator[Met]:
    author = await a_member(site.house, "author")
    post = await a_post(site.house, author, "Words that somebody objects to #rostra")
    known = territory(["127.0.0.1"], header="CF-IPCountry")
    async with a_client(replace(site, territory=known)) as client:
        yield Met(client, site.house, author, post)


async def test_a_page_of_what_was_taken_down_says_so_and_why(met: Met) -> None:
    number = await imposed(met.house, met.subject, Measure.REMOVE, reason="It threatens <somebody>.", decision_id=77)
    answer = await met.get(met.page)
    assert answer.status_code == 410
    assert "It threatens &lt;somebody&gt;." in answer.text
    assert 'href="/statements/77"' in answer.text
    assert "somebody objects" not in answer.text
    for path in ("/public", "/@author", "/@author/feed.atom", "/tags/rostra", "/tags/rostra/feed.rss", "/"):
        assert "somebody objects" not in (await met.get(path)).text, path
    assert (await met.get(f"/oembed?url=http://site.test{met.page}")).status_code == 404
    await lifted(met.house, number)
    for path in ("/public", "/@author", "/@author/feed.atom", "/tags/rostra", met.page, "/"):
        assert "somebody objects" in (await met.get(path)).text, path


async def test_its_author_reads_what_it_said_at_its_address(met: Met, site: Site) -> None:
    token = await a_token(met.house, met.author)
    await imposed(met.house, met.subject, Measure.REMOVE, reason="Against the rules", decision_id=77)
    async with a_client(site) as browser:
        mine = await sign_in(met.house, met.author, browser, site.cookie_name)
        page = await mine.read(met.page, 410)
        assert "somebody objects" in page
        assert "Against the rules" in page
        assert "somebody objects" not in await mine.read("/home")
    assert "somebody objects" not in (await met.get(met.page)).text
    answer = await met.get(f"/api/v1/statuses/{met.post.id}", Authorization=f"Bearer {token}")
    assert answer.status_code == 404


async def test_in_a_country_the_post_stands_in_its_place_and_says_what_is_withheld(met: Met) -> None:
    await imposed(
        met.house, met.subject, Measure.WITHHOLD, territories=["DE"], reason="Order of a court", decision_id=5
    )
    other = await a_post(met.house, met.author, "Something else")
    for path in ("/public", "/@author", "/tags/rostra", "/", "/@author/feed.atom", "/tags/rostra/feed.rss"):
        german, french = await met.get(path, GERMAN), await met.get(path, FRENCH)
        assert "somebody objects" not in german.text, path
        assert "somebody objects" in french.text, path
        assert "Order of a court" in german.text, path
        assert "Order of a court" not in french.text, path
        assert (german.headers["cache-control"], french.headers["cache-control"]) == ("no-store", "no-store"), path
    assert "Something else" in (await met.get("/public", GERMAN)).text
    assert "public" in (await met.get(f"/@author/{other.id}", GERMAN)).headers["cache-control"]
    assert (await met.get(met.page, GERMAN)).status_code == 451
    assert (await met.get(f"{met.page}/history", GERMAN)).status_code == 451
    assert (await met.get(met.page, {})).status_code == 451, "where nobody knows the country"
    assert (await met.get(met.page, FRENCH)).status_code == 200


async def test_apps_get_the_place_of_a_withheld_post(met: Met) -> None:
    booster = await a_member(met.house, "booster")
    await boost_post(met.house, booster, met.post.id, None)
    await imposed(met.house, met.subject, Measure.WITHHOLD, territories=["DE"], reason="Order of a court")
    for path in ("/api/v1/timelines/public", f"/api/v1/accounts/{booster}/statuses", "/api/v1/timelines/tag/rostra"):
        (german,), (french,) = [(await met.get(path, where)).json() for where in (GERMAN, FRENCH)]
        withheld, shown = german["reblog"] or german, french["reblog"] or french
        assert "Order of a court" in withheld["content"], path
        assert (withheld["id"], withheld["tags"], withheld["media_attachments"]) == (shown["id"], [], [])
        assert "somebody objects" in shown["content"], path
    for part in ("history", "source", "card"):
        answer = await met.get(f"/api/v1/statuses/{met.post.id}/{part}", GERMAN)
        assert answer.status_code in (401, 451), part
        assert "objects" not in answer.text


async def test_a_label_stands_on_the_post_and_a_gate_before_it(met: Met) -> None:
    await imposed(met.house, met.subject, Measure.LABEL, reason="Disputed by two sources", decision_id=6)
    await imposed(met.house, met.subject, Measure.AGE_GATE, reason="Violence")
    page = (await met.get(met.page)).text
    assert "Disputed by two sources" in page
    assert "Violence" in page
    (status,) = (await met.get("/api/v1/timelines/public")).json()
    assert "Disputed by two sources" in status["content"]
    assert "http://site.test/statements/6" in status["content"]
    assert (status["sensitive"], status["spoiler_text"]) == (True, "Violence")


async def test_an_account_is_withheld_in_a_country(met: Met) -> None:
    await imposed(met.house, Subject(Kind.ACCOUNT, met.author), Measure.WITHHOLD, territories=["DE"], reason="Order")
    for path in ("/@author", "/@author/feed.atom", met.page, "/@author/followers"):
        assert (await met.get(path, GERMAN)).status_code == 451, path
        assert (await met.get(path, FRENCH)).status_code == 200, path
    assert "somebody objects" not in (await met.get("/public", GERMAN)).text


async def test_apps_get_an_account_that_is_withheld_as_one_that_is_suspended(met: Met) -> None:
    """Its handle, and why, wherever it is named; where nobody knows the country, the stricter answer."""
    token = await a_token(met.house, met.author)
    before = (await met.get(f"/api/v1/accounts/{met.author}")).json()
    assert ("suspended" in before, before["display_name"]) == (False, "Author")
    await imposed(met.house, Subject(Kind.ACCOUNT, met.author), Measure.WITHHOLD, territories=["DE"], reason="Order")
    (status,) = (await met.get("/api/v1/timelines/public", GERMAN)).json()
    found = [
        (await met.get(f"/api/v1/accounts/{met.author}", GERMAN)).json(),
        (await met.get(f"/api/v1/accounts/{met.author}", {})).json(),
        (await met.get("/api/v1/accounts/lookup?acct=author", GERMAN)).json(),
        (await met.get(f"/api/v1/accounts?id[]={met.author}", GERMAN)).json()[0],
        status["account"],
    ]
    for account in found:
        assert (account["suspended"], account["acct"], account["display_name"]) == (True, "author", "")
        assert (account["fields"], account["followers_count"], account["last_status_at"]) == ([], 0, None)
        assert "Reason: Order" in account["note"]
        assert account["avatar"] == before["avatar"], "the drawn one"
    for part in ("followers", "following"):
        assert (await met.get(f"/api/v1/accounts/{met.author}/{part}", GERMAN)).status_code == 451, part
        assert (await met.get(f"/api/v1/accounts/{met.author}/{part}", FRENCH)).status_code == 200, part
    assert (await met.get(f"/api/v1/accounts/{met.author}", FRENCH)).json() == before
    other = await a_member(met.house, "other")
    await boost_post(met.house, met.author, (await a_post(met.house, other)).id, None)
    boosts = f"/api/v1/accounts/{met.author}/statuses?exclude_replies=1"
    accounts = [(await met.get(boosts, where)).json()[0]["account"] for where in (GERMAN, FRENCH, GERMAN)]
    assert [each.get("suspended", False) for each in accounts] == [True, False, True]
    own = await met.get("/api/v1/accounts/verify_credentials", GERMAN, Authorization=f"Bearer {token}")
    assert (own.json()["display_name"], "suspended" in own.json()) == ("Author", False)


async def test_interaction_is_switched_off_with_the_reason(met: Met) -> None:
    other = await a_member(met.house, "other")
    number = await imposed(met.house, met.subject, Measure.LIMIT_INTERACTION, reason="Pile-on")
    with pytest.raises(InteractionLimited) as refused:
        await favourite_post(met.house, other, met.post.id, on=True)
    assert "Pile-on" in refused.value.user_message
    with pytest.raises(InteractionLimited):
        await boost_post(met.house, other, met.post.id, None)
    with pytest.raises(InteractionLimited):
        await a_post(met.house, other, "An answer", answers=PostId(met.post.id))
    await lifted(met.house, number)
    await favourite_post(met.house, other, met.post.id, on=True)


async def test_a_picture_is_refused_by_itself_with_its_post_and_by_country(met: Met, owner: Viewer) -> None:
    made = await a_picture(met.house, owner)
    address = media_address("", made.file or "")
    number = await imposed(met.house, Subject(Kind.MEDIA, made.id), Measure.REMOVE, reason="Not theirs")
    answer = await met.get(address)
    assert (answer.status_code, "Not theirs" in answer.text) == (410, True)
    await lifted(met.house, number)
    assert "immutable" in (await met.get(address)).headers["cache-control"]
    await imposed(met.house, Subject(Kind.MEDIA, made.id), Measure.WITHHOLD, territories=["DE"])
    assert (await met.get(address, GERMAN)).status_code == 451
    french = await met.get(address, FRENCH)
    assert (french.status_code, french.headers["cache-control"]) == (200, "private, no-store")


@pytest.fixture
async def ended(house: House, owner: Viewer, clock: FakeClock, tmp_path: Path) -> Broadcast:
    """With a replay of twelve seconds, two tones of six seconds each."""
    made = await a_broadcast(house, owner)
    live = await on_the_air(house, made, owner)
    clock.jump(minutes=10)
    await recorded(house, live)
    over = await end_broadcast(house, live.id, by=owner)
    await streamed(house, over, tmp_path)
    return over


async def test_a_broadcast_is_withheld_at_every_address(met: Met, ended: Broadcast) -> None:
    tails = ("", "/status.json", "/calendar.ics", "/replay.m3u8", "/recording.m4a", "/transcript", "/chapters.vtt")
    before = {tail: (await met.get(f"/b/{ended.slug}{tail}")).status_code for tail in tails}
    assert ended.title in (await met.get("/")).text
    subject = Subject(Kind.BROADCAST, ended.id)
    number = await imposed(met.house, subject, Measure.WITHHOLD, territories=["DE"], reason="Order of a court")
    for tail in tails:
        assert (await met.get(f"/b/{ended.slug}{tail}", GERMAN)).status_code == 451, tail
        assert (await met.get(f"/b/{ended.slug}{tail}", FRENCH)).status_code == before[tail], tail
    for path in ("/", "/podcast.xml"):
        assert ended.title not in (await met.get(path, GERMAN)).text, path
        assert ended.title in (await met.get(path, FRENCH)).text, path
    await lifted(met.house, number)
    assert (await met.get(f"/b/{ended.slug}", GERMAN)).status_code == 200


async def test_a_label_and_a_gate_stand_before_a_broadcast(met: Met, ended: Broadcast) -> None:
    """The gate is pressed away page by page; feeds and previews say it, too."""
    subject, path = Subject(Kind.BROADCAST, ended.id), f"/b/{ended.slug}"
    await imposed(met.house, subject, Measure.LABEL, reason="Disputed by two <sources>", decision_id=6)
    page = (await met.get(path)).text
    assert "Disputed by two &lt;sources&gt;" in page
    assert 'href="/statements/6"' in page
    assert "Disputed by two &lt;sources&gt;" in (await met.get("/")).text
    assert "Disputed by two &lt;sources&gt;" in (await met.get("/podcast.xml")).text
    gate = await imposed(met.house, subject, Measure.AGE_GATE, reason="Drastic words")
    for tail in ("", "/transcript"):
        answer = await met.get(f"{path}{tail}")
        assert (answer.status_code, answer.headers["cache-control"]) == (403, "no-store"), tail
        assert "Drastic words" in answer.text
        assert f'href="{path}{tail}?show=1"' in answer.text
    assert (await met.get(f"{path}?show=1")).status_code == 200
    assert "og:image" not in (await met.get(f"{path}?show=1")).text
    page = (await met.get(f"{path}?show=1")).text
    for tail in ("/recording.m4a", "/replay.m3u8", "/recording"):
        assert (await met.get(f"{path}{tail}")).status_code == 403, tail
        assert f"{path}{tail}?show=1" in page
        assert (await met.get(f"{path}{tail}?show=1")).status_code == 200, "whoever has pressed hears it"
    playlist = (await met.get(f"{path}/replay.m3u8?show=1")).text
    (stream,) = set(re.findall(r"replay\.mp4\?[^\s\"]+", playlist))
    assert (await met.get(f"{path}/{stream}")).status_code == 200
    assert (await met.get(f"{path}/{stream.removesuffix('&show=1')}")).status_code == 403
    assert "explicit>true<" in (await met.get("/podcast.xml")).text
    assert "For adults" in (await met.get("/")).text
    await lifted(met.house, gate)
    assert (await met.get(path)).status_code == 200


async def test_an_account_passes_on_its_label_and_its_limit(met: Met, owner: Viewer) -> None:
    account = Subject(Kind.ACCOUNT, met.author)
    other = await a_member(met.house, "other")
    await imposed(met.house, account, Measure.LABEL, reason="Run by a party")
    assert "Run by a party" in (await met.get(met.page)).text
    await imposed(met.house, account, Measure.LIMIT_INTERACTION, reason="Pile-on")
    with pytest.raises(InteractionLimited) as refused:
        await a_post(met.house, other, "An answer", answers=PostId(met.post.id))
    assert "posts of this account" in refused.value.user_message


async def test_a_label_of_a_picture_stands_below_the_words(met: Met, owner: Viewer) -> None:
    made = await a_picture(met.house, owner)
    assert owner.account_id is not None
    post = await publish_post(met.house, owner.account_id, Draft(text="Look", media_ids=(made.id,)))
    await imposed(met.house, Subject(Kind.MEDIA, made.id), Measure.LABEL, reason="Made by a machine")
    status = (await met.get(f"/api/v1/statuses/{post.id}")).json()
    assert status["content"].endswith("<p><strong>Made by a machine</strong></p>")
    assert len(status["media_attachments"]) == 1


@pytest.mark.parametrize("where", [[], ["DE"]])
async def test_a_span_of_a_replay_is_silent_in_place(
    met: Met, ended: Broadcast, tmp_path: Path, where: list[str]
) -> None:
    begins = recording_begins(ended)
    assert begins is not None
    playlist = (await met.get(f"/b/{ended.slug}/replay.m3u8")).text
    stream = next(line for line in playlist.splitlines() if line.startswith("replay.mp4"))
    addresses = [f"/b/{ended.slug}/recording.m4a", f"/b/{ended.slug}/{stream}"]
    whole = [(await met.get(address)).content for address in addresses]
    clip = (await met.http.post(f"/b/{ended.slug}/clips", json={"start_s": 1, "end_s": 5, "title": "x"})).json()["url"]
    span = Span(begins + 2 * RATE, begins + 4 * RATE)
    number = await imposed(met.house, Subject(Kind.BROADCAST, ended.id), Measure.SILENCE, span=span, territories=where)
    for address, before in zip(addresses, whole, strict=True):
        answer = await met.get(address, GERMAN)
        assert len(answer.content) == len(before)
        file = tmp_path / "got.mp4"
        file.write_bytes(answer.content)
        sound = np.abs(heard(file))
        assert sound[: int(1.9 * RATE)].max() > 0.1
        assert sound[2 * RATE : 4 * RATE].max() == 0.0
        assert sound[int(4.1 * RATE) :].max() > 0.1
        part = await met.get(address, GERMAN, Range="bytes=30000-50000")
        assert part.content == answer.content[30_000:50_001]
        if where:
            assert (await met.get(address, FRENCH)).content == before
    file.write_bytes((await met.get(f"{clip.removeprefix('http://site.test')}/clip.m4a", GERMAN)).content)
    sound = np.abs(heard(file))
    assert sound[int(1.1 * RATE) : int(2.9 * RATE)].max() == 0.0
    assert sound[: int(0.9 * RATE)].max() > 0.1
    await lifted(met.house, number)
    assert [(await met.get(address, GERMAN)).content for address in addresses] == whole


@pytest.mark.parametrize("purpose", ["avatar", "header"])
async def test_a_profile_whose_picture_was_taken_down_shows_the_drawn_one(met: Met, purpose: str) -> None:
    """Its address says 410 or 451 with it, so no page or app shows a broken picture; opened alone, it says why."""
    made = await a_profile_picture(met.house, met.author, Purpose(purpose))
    address = media_address("", made.file or "")
    assert address in (await met.get("/@author")).text
    as_picture = {"Accept": "image/avif,image/webp,*/*;q=0.8"}
    shown = await met.get(address, **as_picture)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    drawn = await met.get(f"/drawn/{met.author}/avatar.png" if purpose == "avatar" else "/drawn/header.png")
    number = await imposed(
        met.house, Subject(Kind.MEDIA, made.id), Measure.WITHHOLD, territories=("FR",), reason="It is hateful."
    )
    refused = await met.get(address, **as_picture)
    assert (refused.status_code, refused.headers["content-type"]) == (451, "image/png")
    assert refused.content == drawn.content
    assert refused.headers["cache-control"] == "no-store"
    assert refused.headers["link"] == f'<{met.house.site_url}>; rel="blocked-by"'
    elsewhere = await met.get(address, GERMAN, **as_picture)
    assert (elsewhere.status_code, elsewhere.content) == (200, shown.content)
    assert "public" not in elsewhere.headers["cache-control"], "no cache gives it to other countries"
    alone = await met.get(address, Accept="text/html,*/*;q=0.8")
    assert alone.status_code == 451
    assert "It is hateful." in alone.text
    await lifted(met.house, number)
    assert (await met.get(address, **as_picture)).content == shown.content


async def a_profile_picture(house: House, author: AccountId, purpose: Purpose) -> Attachment:
    async with a_folder(house.files.root) as folder:
        with Upload(folder / "upload", 1_000_000) as received:
            received.write(a_photo())
        return await take_profile_picture(house, author, received, purpose)
