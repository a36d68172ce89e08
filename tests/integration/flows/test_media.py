"""What people upload: taken, made, attached, counted, and gone when it is not wanted any more."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import func, select

from rostra.flows.forget_media import forget_account_media, forget_media, unlink_gone
from rostra.flows.house import House
from rostra.flows.make_media import make_media, order_again
from rostra.flows.show_media import shown_holders
from rostra.flows.take_media import take_media, take_profile_picture
from rostra.media.jobs import UPLOADS, UPLOADS_STREAM, MakeMedia
from rostra.network.accounts import Viewer
from rostra.network.media import (
    Attachment,
    CannotAttach,
    Focus,
    InUse,
    MediaStore,
    MediaUnknown,
    NotReady,
    Purpose,
    QuotaSpent,
    State,
)
from rostra.network.media.attachments import TRIES_MOST, description
from rostra.network.media.incoming import FOLDER, TooLarge, Upload, a_folder
from rostra.network.media.tables import MediaFileRow, MediaRow
from rostra.network.remaking.errors import Refused, RemakingFailed
from rostra.network.remaking.orders import Kind, Made, MediaLimits, Order
from rostra.network.remaking.workshop import Workshop
from rostra.platform.errors import NotFound
from rostra.platform.ids import AccountId, PostId
from tests.kit.statements import statements
from tests.kit.uploads import a_film, a_phones_photo, a_photo, an_animation

POST = PostId(71)


async def upload(house: House, account_id: AccountId, content: bytes, *, text: str = "") -> Attachment:
    async with a_folder(house.files.root) as folder:
        with Upload(folder / "upload", 50_000_000) as received:
            received.write(content)
        return await take_media(house, account_id, received, text=description(text), focus=Focus(0.5, 0.25))


async def posted(house: House, post_id: PostId, *media: Attachment) -> list[Attachment]:
    async with house.database.transaction() as session:
        ids = [each.id for each in media]
        return await MediaStore(session).attach(media[0].account_id, post_id, ids, now=house.clock.now())


async def found(house: House, attachment: Attachment) -> Attachment | None:
    async with house.database.reading() as session:
        return await MediaStore(session).by_id(attachment.id)


async def used(house: House, account_id: AccountId) -> int:
    async with house.database.reading() as session:
        return await MediaStore(session).used_bytes(account_id)


def order_of(attachment: Attachment) -> bytes:
    return msgspec.json.encode(MakeMedia(media_id=str(attachment.id)))


def grow_old(house: House) -> None:
    """The files were moved in long ago, by the clock of the test."""
    for path in house.files.root.rglob("*.*"):
        os.utime(path, (0, 0))


def kept(house: House) -> set[str]:
    return {f"{path.parent.name}/{path.name}" for path in house.files.root.glob("??/*")}


@pytest.fixture
def me(owner: Viewer) -> AccountId:
    assert owner.account_id is not None
    return owner.account_id


async def test_a_picture_is_ready_at_once(house: House, me: AccountId) -> None:
    made = await upload(house, me, a_phones_photo(), text="Ada waves")
    assert (made.kind, made.state, made.description, made.focus) == (
        Kind.IMAGE,
        State.READY,
        "Ada waves",
        Focus(0.5, 0.25),
    )
    assert made == await found(house, made)
    assert set(made.files) == kept(house)
    assert made.size_bytes == sum(house.files.path(key).stat().st_size for key in made.files) == await used(house, me)
    assert list((house.files.root / FOLDER).iterdir()) == []
    for key in made.files:
        await shown_holders(house, key)


async def test_a_film_waits_and_is_made(house: House, me: AccountId, tmp_path: Path) -> None:
    """By order of the queue; the same order again changes nothing."""
    waiting = await upload(house, me, a_film(tmp_path / "f.mp4", seconds=0.4))
    assert (waiting.kind, waiting.state) == (Kind.VIDEO, State.WAITING)
    with pytest.raises(NotReady):
        await posted(house, POST, waiting)
    with pytest.raises(NotFound):
        await shown_holders(house, waiting.source or "")
    await house.relay.send_batch()
    orders: asyncio.Queue[bytes] = asyncio.Queue()

    async def take(payload: bytes) -> None:
        orders.put_nowait(payload)

    working = asyncio.ensure_future(house.bus.work(UPLOADS_STREAM, UPLOADS, "test", take))
    payload = await asyncio.wait_for(orders.get(), 10)
    working.cancel()
    await make_media(house, payload)
    ready = await found(house, waiting)
    assert ready is not None
    assert (ready.state, ready.progress, ready.source, ready.failure) == (State.READY, 100, None, None)
    assert ready.description == waiting.description
    assert await used(house, me) == ready.size_bytes
    await make_media(house, payload)
    assert await found(house, waiting) == ready
    grow_old(house)
    house.clock.jump(minutes=11)  # type: ignore[attr-defined]
    assert await unlink_gone(house) == 1
    assert kept(house) == set(ready.files)


async def test_an_animation_waits_as_a_film(house: House, me: AccountId) -> None:
    waiting = await upload(house, me, an_animation())
    assert (waiting.kind, waiting.state) == (Kind.GIFV, State.WAITING)
    await make_media(house, order_of(waiting))
    ready = await found(house, waiting)
    assert ready is not None
    assert (ready.kind, ready.state) == (Kind.GIFV, State.READY)


async def test_a_film_that_is_none_says_so(house: House, me: AccountId) -> None:
    waiting = await upload(house, me, b"\x00\x00\x00\x20ftypisom" + bytes(500))
    await make_media(house, order_of(waiting))
    failed = await found(house, waiting)
    assert failed is not None
    assert failed.state is State.FAILED
    assert "damaged" in (failed.failure or "")
    assert await used(house, me) == 0
    with pytest.raises(CannotAttach):
        await posted(house, POST, failed)


class Dying(Workshop):
    """A workshop whose process is killed every time."""

    async def remake(self, order: Order, told: object = None) -> Made:
        raise RemakingFailed("killed")


async def test_a_killed_maker_begins_again_and_not_for_ever(house: House, me: AccountId, tmp_path: Path) -> None:
    waiting = await upload(house, me, a_film(tmp_path / "f.mp4", seconds=0.2, sound=False))
    dying = replace(house, workshop=Dying())
    with pytest.raises(RemakingFailed):
        await make_media(dying, order_of(waiting))
    begun = await found(house, waiting)
    assert begun is not None
    assert (begun.state, begun.tries) == (State.MAKING, 1)
    await make_media(house, order_of(waiting))
    ready = await found(house, waiting)
    assert ready is not None
    assert ready.state is State.READY
    other = await upload(house, me, a_film(tmp_path / "g.mp4", seconds=0.2, width=64, sound=False))
    for _ in range(TRIES_MOST - 1):
        with pytest.raises(RemakingFailed):
            await make_media(dying, order_of(other))
    await make_media(dying, order_of(other))
    given_up = await found(house, other)
    assert given_up is not None
    assert given_up.state is State.FAILED


async def test_a_film_that_is_deleted_while_it_is_made_leaves_nothing(
    house: House, me: AccountId, tmp_path: Path
) -> None:
    waiting = await upload(house, me, a_film(tmp_path / "f.mp4", seconds=0.2, sound=False))

    class Slow(Workshop):
        async def remake(self, order: Order, told: object = None) -> Made:
            made = await house.workshop.remake(order)
            async with house.database.transaction() as session:
                await MediaStore(session).remove(waiting.id, me, now=house.clock.now())
            return made

    await make_media(replace(house, workshop=Slow()), order_of(waiting))
    assert await found(house, waiting) is None
    grow_old(house)
    house.clock.jump(minutes=11)  # type: ignore[attr-defined]
    await unlink_gone(house)
    assert kept(house) == set()


async def test_what_the_bus_forgot_is_ordered_again(house: House, me: AccountId, tmp_path: Path) -> None:
    await upload(house, me, a_film(tmp_path / "f.mp4", seconds=0.2, sound=False))
    assert await house.relay.send_batch() == 1
    await order_again(house)
    assert await house.relay.send_batch() == 0
    house.clock.jump(hours=3)  # type: ignore[attr-defined]
    await order_again(house)
    assert await house.relay.send_batch() == 1


async def test_a_post_has_its_media_in_order(house: House, me: AccountId) -> None:
    """Four at most, one's own, each in one post; editing replaces them and lets the others go."""
    media = [await upload(house, me, a_photo(32 + 2 * each, 24)) for each in range(5)]
    with pytest.raises(CannotAttach):
        await posted(house, POST, *media)
    await posted(house, POST, media[2], media[0])
    with pytest.raises(CannotAttach):
        await posted(house, PostId(72), media[0])
    with pytest.raises(CannotAttach):
        await posted(house, POST, media[1], media[1])
    async with house.database.transaction() as session:
        with pytest.raises(CannotAttach):
            await MediaStore(session).attach(AccountId(9), PostId(73), [media[1].id], now=house.clock.now())
    await posted(house, POST, media[1], media[2])
    async with house.database.reading() as session:
        page = await MediaStore(session).attachments([POST, PostId(72)])
    assert {post: [each.id for each in mine] for post, mine in page.items()} == {POST: [media[1].id, media[2].id]}
    assert await found(house, media[0]) is None


async def test_a_page_of_posts_is_one_query(house: House, me: AccountId) -> None:
    for number in range(3):
        await posted(house, PostId(80 + number), await upload(house, me, a_photo(40 + 2 * number, 30)))
    async with house.database.reading() as session:
        with statements(house.database) as sent:
            page = await MediaStore(session).attachments([PostId(80 + number) for number in range(20)])
    assert len(page) == 3
    assert [each.split()[0] for each in sent] == ["SELECT"]


async def test_the_same_picture_of_two_people_is_one_file(house: House, me: AccountId) -> None:
    """Deleting one leaves the other's; deleting both leaves nothing, and nobody gets it meanwhile."""
    mine, also = await upload(house, me, a_photo()), await upload(house, me, a_photo())
    assert mine.file == also.file
    await posted(house, POST, mine)
    async with house.database.transaction() as session:
        await MediaStore(session).forget_post(POST, now=house.clock.now())
    grow_old(house)
    house.clock.jump(minutes=11)  # type: ignore[attr-defined]
    assert await unlink_gone(house) == 0
    await shown_holders(house, also.file or "")
    await forget_account_media(house, me)
    with pytest.raises(NotFound):
        await shown_holders(house, also.file or "")
    house.clock.jump(minutes=11)  # type: ignore[attr-defined]
    assert await unlink_gone(house) == 2
    assert kept(house) == set()
    assert await used(house, me) == 0


async def test_a_file_that_was_just_moved_in_is_left_alone(house: House, me: AccountId) -> None:
    """Its transaction may not have committed yet."""
    made = await upload(house, me, a_photo())
    await forget_account_media(house, me)
    house.clock.jump(minutes=11)  # type: ignore[attr-defined]
    assert await unlink_gone(house) == 0
    assert kept(house) == set(made.files)


async def test_what_is_never_posted_goes_after_a_day(house: House, me: AccountId) -> None:
    stays, goes = await upload(house, me, a_photo(64, 48)), await upload(house, me, a_photo(66, 48))
    await posted(house, POST, stays)
    async with house.database.transaction() as session:
        with pytest.raises(InUse):
            await MediaStore(session).remove(stays.id, me, now=house.clock.now())
    left = house.files.root / FOLDER / "of a killed taker"
    left.mkdir(parents=True)
    grow_old(house)
    os.utime(left, (0, 0))
    house.clock.jump(hours=23)  # type: ignore[attr-defined]
    await forget_media(house)
    assert await found(house, goes) is not None
    assert not left.exists()
    house.clock.jump(hours=2)  # type: ignore[attr-defined]
    await forget_media(house)
    house.clock.jump(hours=1)  # type: ignore[attr-defined]
    await forget_media(house)
    assert await found(house, goes) is None
    assert kept(house) == set(stays.files)


async def test_an_account_has_its_space(house: House, me: AccountId) -> None:
    first = await upload(house, me, a_photo())
    small = replace(house, media=MediaLimits(quota_bytes=first.size_bytes + 100))
    with pytest.raises(QuotaSpent):
        await upload(small, me, a_photo(400, 300))
    async with house.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(MediaRow)) == 1
        assert await session.scalar(select(func.count()).select_from(MediaFileRow)) == 2
    async with house.database.transaction() as session:
        await MediaStore(session).remove(first.id, me, now=house.clock.now())
    assert (await upload(small, me, a_photo(320, 240))).state is State.READY


async def test_a_profile_has_one_avatar(house: House, me: AccountId, tmp_path: Path) -> None:
    async def put(content: bytes) -> Attachment:
        async with a_folder(house.files.root) as folder:
            with Upload(folder / "upload", 1_000_000) as received:
                received.write(content)
            return await take_profile_picture(house, me, received, Purpose.AVATAR)

    first, second = await put(a_photo()), await put(an_animation())
    assert (second.meta.width, second.meta.height) == (400, 400)
    assert await found(house, first) is None
    async with house.database.reading() as session:
        assert await MediaStore(session).of_profile(me, Purpose.AVATAR) == second
        with pytest.raises(MediaUnknown):
            await MediaStore(session).own(second.id, me)
    with pytest.raises(Refused):
        await put(a_film(tmp_path / "f.mp4", seconds=0.1, sound=False))


async def test_more_than_a_picture_may_have_is_refused(house: House, me: AccountId) -> None:
    small = replace(house, media=MediaLimits(picture_bytes=1000))
    with pytest.raises(TooLarge):
        await upload(small, me, a_photo() + bytes(1000))
    assert kept(house) == set()
    assert list((house.files.root / FOLDER).iterdir()) == []
