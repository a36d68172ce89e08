"""Notice, decision, statement, complaint, reversal: of a picture, of what the owner said on the air, of an account."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.journeys.test_network_pages import a_neighbour
from tests.journeys.test_replay import on_stage, parts_later
from tests.journeys.test_suspension import send
from tests.kit.acting import Organiser, eventually, speaking
from tests.kit.axe import faults
from tests.kit.browser import chromium, new_page, tone
from tests.kit.recordings import heard
from tests.kit.running import House
from tests.kit.tones import tone_dbfs
from tests.kit.uploads import a_photo
from tests.kit.walking import (
    a_moderator,
    complain,
    give_reasons,
    in_a_window,
    newest_case,
    reverse,
    send_notice,
)

VOICE_HZ = 430.0
HEARD_DBFS = -40.0


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house of these walks alone: what they leave behind (the host's notifications, decisions) is in nobody's way."""
    running = House(tmp_path_factory.mktemp("walked"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def organiser(house: House) -> Organiser:
    return Organiser(house)


def status_of(house: House, path: str) -> int:
    """What a visitor gets."""
    return httpx.get(f"{house.site}{path}", timeout=20, trust_env=False).status_code


async def test_a_picture_is_taken_away_and_given_back(house: House) -> None:
    """The post stays, without its picture, and says so; the reversal brings the same file back."""
    pia = await a_neighbour(house, "pia")
    photo = {"file_1": ("a.jpg", a_photo(310, 230), "image/jpeg")}  # a size of its own: nobody else holds that file
    words = {"text": "The new mural", "visibility": "public", "with_media": "1", "text_1": "Two colours"}
    await asyncio.to_thread(send, pia, "/compose", photo, **words)
    page = (await asyncio.to_thread(pia.get, "/@pia")).text
    found = re.search(r'href="[^"]*(/media/[^"]+)"', page)
    post = re.search(r'href="(/@pia/\d+)"', page)
    assert found is not None
    assert post is not None
    file, path = found.group(1), post.group(1)

    async with chromium() as browser:
        stranger = await new_page(browser, phone=True, script=False)
        await stranger.goto(f"{house.site}{path}")
        await stranger.get_by_role("link", name="Flag this post").first.click()
        await stranger.get_by_role("link", name="Only file 1 of it").click()
        await send_notice(stranger, area="Copyright and trademarks", words="The picture is mine; I did not allow it.")

        ida = await a_moderator(house, browser, await a_neighbour(house, "ida"), "ida")
        jo = await a_moderator(house, browser, await a_neighbour(house, "jo"), "jo")
        case = await newest_case(ida, house)
        await ida.goto(f"{house.site}{case}")
        assert await ida.locator(".veil img").count() == 0 or not await ida.locator(".veil img").is_visible()
        await ida.keyboard.press("s")
        await ida.locator(".veil img").wait_for()
        await ida.get_by_label("With it").select_option("remove")
        await give_reasons(
            ida,
            kind="INTELLECTUAL_PROPERTY_INFRINGEMENTS/COPYRIGHT_INFRINGEMENT",
            provision="Article 3 of Directive 2001/29/EC",
            facts="The picture is a photograph that somebody else took.",
            why="Whoever took it has not allowed that it is shown here.",
        )
        await ida.get_by_role("button", name="See what will be read").click()
        await ida.get_by_role("button", name="Decide and send").click()
        await ida.get_by_text("Everybody whom it concerns has been told.").wait_for()

        async def is_gone() -> bool:
            return await asyncio.to_thread(status_of, house, file) in (404, 410)

        await eventually(is_gone, what="the file is gone")
        visitor = await new_page(browser, phone=True)
        await visitor.goto(f"{house.site}{path}")
        assert "The new mural" in await visitor.locator("main").inner_text()
        assert await visitor.locator(f'a[href*="{file}"]').count() == 0
        assert await faults(visitor) == []

        hers = await in_a_window(house, browser, pia, phone=True)
        await complain(hers, house, "I took it myself, and the negative is here.")
        await reverse(jo, house, case, answer="You were right: you took it yourself.")

        async def is_back() -> bool:
            return await asyncio.to_thread(status_of, house, file) == 200

        await eventually(is_back, what="the file is back")
        await hers.reload()
        await hers.get_by_text("You were right: you took it yourself.").wait_for()
        await visitor.reload()
        await visitor.locator(f'a[href*="{file}"]').first.wait_for()


async def test_an_account_ends_only_with_two_and_comes_back(house: House) -> None:
    """One proposes, another one agrees and says why, a third one reverses: posts and profile are back as they were."""
    zoe = await a_neighbour(house, "zoe")
    await asyncio.to_thread(send, zoe, "/compose", text="Cheap watches, all real", visibility="public")
    async with chromium() as browser:
        stranger = await new_page(browser, phone=True, script=False)
        await stranger.goto(f"{house.site}/flag?what=/@zoe")
        await send_notice(stranger, area="Fraud and false identity", words="The watches never come.")
        eli = await a_moderator(house, browser, await a_neighbour(house, "eli"), "eli")
        fay = await a_moderator(house, browser, await a_neighbour(house, "fay"), "fay")
        gus = await a_moderator(house, browser, await a_neighbour(house, "gus"), "gus")
        case = await newest_case(eli, house)
        await eli.goto(f"{house.site}{case}")
        await eli.get_by_label("With the account").select_option("terminate")
        await give_reasons(
            eli,
            kind="SCAMS_AND_FRAUD/INAUTHENTIC_LISTINGS",
            provision="Section 263 of the Criminal Code",
            facts="The account offers watches that it does not have.",
            why="Whoever sells what there is not deceives those who pay.",
        )
        await eli.get_by_role("button", name="See what will be read").click()
        await eli.get_by_role("button", name="Ask a second person to agree").click()
        await eli.get_by_text("somebody else has to agree").wait_for()
        assert await asyncio.to_thread(status_of, house, "/@zoe") == 200, "nothing has happened yet"

        await fay.goto(f"{house.site}/desk")
        await fay.get_by_role("link", name="needs a second person").click()
        await fay.goto(f"{house.site}{case}")
        await fay.get_by_role("heading", name="A second look").wait_for()
        await fay.get_by_label("Why you agree, or why not").fill("Four buyers say the same.")
        assert await faults(fay) == []
        await fay.get_by_role("button", name="Agree: it takes force").click()
        await fay.get_by_text("Everybody whom it concerns has been told.").wait_for()
        assert await asyncio.to_thread(status_of, house, "/@zoe") == 410

        hers = await in_a_window(house, browser, zoe, phone=True)
        await complain(hers, house, "They came, three days late. Here are the letters.")
        await reverse(gus, house, case, answer="You were right: they came.")
        assert await asyncio.to_thread(status_of, house, "/@zoe") == 200
        await stranger.goto(f"{house.site}/@zoe")
        assert "Cheap watches, all real" in await stranger.locator("main").inner_text()


async def test_the_owner_is_silenced_for_a_moment_and_heard_again(
    house: House, organiser: Organiser, tmp_path: Path
) -> None:
    """One press marks the moment on the air; the decision silences it; the reversal gives it back in the replay."""
    made = organiser.schedule("The owner speaks")
    _, link = organiser.invite(made, "Owner")
    organiser.act(made, "open_doors")
    async with chromium() as browser:
        kim = await a_moderator(house, browser, await a_neighbour(house, "kim"), "kim")
        lou = await a_moderator(house, browser, await a_neighbour(house, "lou"), "lou")
        listener = await new_page(browser, phone=True, script=False)
        async with speaking(house, link, tone(tmp_path / "voice.wav", VOICE_HZ)):
            await eventually(lambda: on_stage(organiser, made), what="the owner is on stage")
            organiser.act(made, "go_live")
            await parts_later(organiser, made, 10)
            await listener.goto(made.page_url)
            await listener.get_by_role("link", name="Flag this moment").first.click()
            await listener.get_by_text("A moment of a broadcast").wait_for()
            receipt = await send_notice(
                listener, area="Threats and violence", words="The host names a house to be set on fire."
            )
            organiser.act(made, "end")
        replay = f"{house.site}/b/{made.slug}/replay.m3u8"

        async def loudness() -> float:
            return max(
                tone_dbfs(sound[at : at + 24_000], VOICE_HZ)
                for sound in [await asyncio.to_thread(heard, replay)]
                for at in range(0, max(1, len(sound) - 24_000), 24_000)
            )

        async def is_there() -> bool:
            return await asyncio.to_thread(status_of, house, f"/b/{made.slug}/replay.m3u8") == 200

        await eventually(is_there, what="the replay is there")
        before = await asyncio.to_thread(heard, replay)
        assert tone_dbfs(before[48_000:96_000], VOICE_HZ) > HEARD_DBFS

        owner = await organiser.page(browser, "/desk")
        case = await newest_case(kim, house)
        assert await owner.locator(f'[href="{case}"]').count() == 0, "not in their queue"
        assert (await owner.request.get(f"{house.site}{case}")).status == 403, "nor at its address"
        await kim.goto(f"{house.site}{case}")
        await kim.get_by_label("With it").select_option("silence")
        await give_reasons(
            kim,
            kind="VIOLENCE/INCITEMENT_VIOLENCE_HATRED",
            provision="Section 126 of the Criminal Code",
            facts="The host names a house and says that it should burn.",
            why="It announces a crime against the people who live there.",
        )
        assert await faults(kim) == []
        await kim.get_by_role("button", name="See what will be read").click()
        await kim.get_by_role("button", name="Decide and send").click()
        await kim.get_by_text("Everybody whom it concerns has been told.").wait_for()

        async def is_silent() -> bool:
            sound = await asyncio.to_thread(heard, replay)
            assert len(sound) == len(before), "it stays as long as it was"
            return tone_dbfs(sound[48_000:96_000], VOICE_HZ) < HEARD_DBFS

        await eventually(is_silent, what="the moment is silent")
        await complain(owner, house, "It is a line of the play that was read.")
        await kim.goto(f"{house.site}{case}")
        await kim.get_by_text("You have decided in this case before").wait_for()
        await reverse(lou, house, case, answer="You were right: it is a line of a play.")

        async def is_back() -> bool:
            sound = await asyncio.to_thread(heard, replay)
            return tone_dbfs(sound[48_000:96_000], VOICE_HZ) > HEARD_DBFS

        await eventually(is_back, what="the moment is heard again")
        await owner.reload()
        await owner.get_by_text("You were right: it is a line of a play.").wait_for()
        reader = await new_page(browser, phone=True)
        await reader.goto(receipt)
        await reader.get_by_text("looked at it again and took that back").first.wait_for()
        assert await faults(reader) == []


async def test_the_owner_gets_no_other_rules_for_a_picture_and_the_account(house: House, organiser: Organiser) -> None:
    """The only owner: a picture of theirs is taken away and given back; the account is suspended, and comes back."""
    photo = {"file_1": ("a.jpg", a_photo(290, 250), "image/jpeg")}  # a size of its own: nobody else holds that file
    words = {"text": "Our new studio", "visibility": "public", "with_media": "1", "text_1": "A desk"}
    page = await asyncio.to_thread(organiser.http.get, "/compose")
    csrf = re.search(r'name="csrf-token" content="([^"]+)"', page.text)
    assert csrf is not None
    send = {"csrf": csrf.group(1), **words}
    sent = await asyncio.to_thread(lambda: organiser.http.post("/compose", data=send, files=photo))
    found = re.search(r'href="[^"]*(/media/[^"]+)"', sent.text)
    assert found is not None
    file = found.group(1)

    async with chromium() as browser:
        stranger = await new_page(browser, phone=True, script=False)
        nia = await a_moderator(house, browser, await a_neighbour(house, "nia"), "nia")
        oz = await a_moderator(house, browser, await a_neighbour(house, "oz"), "oz")
        owner = await organiser.page(browser, "/desk")
        reasons = {
            "kind": "INTELLECTUAL_PROPERTY_INFRINGEMENTS/COPYRIGHT_INFRINGEMENT",
            "provision": "Article 3 of Directive 2001/29/EC",
            "facts": "The picture is a photograph that somebody else took.",
            "why": "Whoever took it has not allowed that it is shown here.",
        }
        for what, field, measure in ((file, "With it", "remove"), ("/@host", "With the account", "suspend")):
            await stranger.goto(f"{house.site}/flag?what={what}")
            await send_notice(stranger, area="Copyright and trademarks", words="It is mine; I did not allow it.")
            case = await newest_case(nia, house)
            assert (await owner.request.get(f"{house.site}{case}")).status == 403, "nobody judges themselves"
            await nia.goto(f"{house.site}{case}")
            await nia.get_by_label(field, exact=True).select_option(measure)
            await give_reasons(nia, **reasons)
            await nia.get_by_role("button", name="See what will be read").click()
            await nia.get_by_role("button", name="Decide and send").click()
            await nia.get_by_text("Everybody whom it concerns has been told.").wait_for()

            async def is_gone(path: str = what) -> bool:
                return await asyncio.to_thread(status_of, house, path) in (404, 410)

            await eventually(is_gone, what=f"{what} is gone")
            if measure == "suspend":
                await owner.goto(f"{house.site}/people")
                await owner.get_by_role("heading", name="Your account is suspended").wait_for()
                assert "somebody else took" in await owner.locator("main").inner_text()
                assert await faults(owner) == []
            await complain(owner, house, "I took it myself, and the negative is here.")
            await reverse(oz, house, case, answer="You were right: it is yours.")

            async def is_back(path: str = what) -> bool:
                return await asyncio.to_thread(status_of, house, path) == 200

            await eventually(is_back, what=f"{what} is back")
            await owner.reload()
            await owner.get_by_text("You were right: it is yours.").first.wait_for()
        await owner.goto(f"{house.site}/people")
        await owner.get_by_role("heading", name="People", exact=True).first.wait_for()
