"""Archives of what is one's own: whole, only for their owner, gone after a week, made again after a kill."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from rostra.flows.delete_account import delete_account
from rostra.flows.export_data import ask_for_export, export_to_download, exports_folder, forget_old_exports
from rostra.flows.forget_account import Forgetting
from rostra.flows.house import House
from rostra.flows.keep_lists import add_to_list, make_list
from rostra.flows.make_export import Exporting
from rostra.flows.publish_post import publish_post
from rostra.network.accounts import AccountState
from rostra.network.lists import ListChange
from rostra.network.media import Attachment, MediaStore
from rostra.network.portability import Export, ExportState, ExportStore, NoExport, TooEarly
from rostra.network.portability import reading as own
from rostra.network.portability.tables import ExportRow
from rostra.network.posts import Draft
from rostra.platform.files import FileStore
from rostra.platform.ids import AccountId
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.killing import kill_everywhere
from tests.kit.members import a_member, a_post, set_account_state
from tests.kit.network import a_medium, a_network

MOST_BYTES = 10**9


async def the_export(house: House, account_id: AccountId) -> Export:
    async with house.database.reading() as session:
        found = await ExportStore(session).of(account_id)
    assert found is not None
    return found


async def unpacked(house: House, account_id: AccountId) -> dict[str, Any]:
    """The content of a ready archive by name; JSON and sheets are read."""
    export = await the_export(house, account_id)
    assert (export.state, export.progress) == (ExportState.READY, 100)
    _, path = await export_to_download(house, export.id, account_id)
    assert path.stat().st_size == export.size_bytes
    found: dict[str, Any] = {}
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            content = archive.read(name)
            if name.endswith(".json"):
                found[name] = json.loads(content)
            elif name.endswith(".csv"):
                found[name] = list(csv.reader(io.StringIO(content.decode())))
            else:
                found[name] = content
    return found


async def a_post_with_a_picture(house: House, account_id: AccountId, content: bytes) -> Attachment:
    medium = a_medium(house, account_id)
    key = await house.files.put_bytes(content, "jpg")
    async with house.database.transaction() as session:
        medium = replace(medium, file=key)
        await MediaStore(session).add(medium, quota_bytes=MOST_BYTES)
    await publish_post(house, account_id, Draft(text="A picture", media_ids=(medium.id,)))
    return medium


async def a_writer(house: House) -> AccountId:
    ada = await a_member(house, "ada")
    await a_post(house, ada, "My words")
    return ada


async def test_everything_of_ones_own_is_in_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "PAGE", 2)
    network = await a_network(house)
    medium = await a_post_with_a_picture(house, network.ada, b"\xff\xd8 a picture")
    kept = await make_list(house, network.ada, ListChange(title="=1+1"))
    await add_to_list(house, network.ada, kept.id, [network.ben])
    await ask_for_export(house, network.ada)
    exporting = Exporting(house, most_bytes=MOST_BYTES)
    assert await exporting.tick() is True
    assert await exporting.tick() is False
    archive = await unpacked(house, network.ada)
    actor, outbox = archive["actor.json"], archive["outbox.json"]
    assert (actor["id"], actor["preferredUsername"]) == ("http://site.test/users/ada", "ada")
    assert "PRIVATE" not in json.dumps(actor)
    items = outbox["orderedItems"]
    assert outbox["totalItems"] == len(items) == 8
    notes = [each["object"] for each in items if each["type"] == "Create"]
    assert [note["source"]["content"] for note in notes[:3]] == [f"Number {n} for @ben #ada" for n in range(3)]
    assert notes[3]["inReplyTo"] == f"http://site.test/users/ben/statuses/{network.bens[0].id}"
    assert notes[4]["to"] == ["http://site.test/users/ada/followers"]
    boosts = [each["object"] for each in items if each["type"] == "Announce"]
    originals = [f"http://site.test/users/ben/statuses/{post.id}" for post in network.bens[:2]]
    assert sorted(boosts) == sorted(originals)
    (document,) = notes[-1]["attachment"]
    assert document["mediaType"] == "image/jpeg"
    assert archive[document["url"]] == b"\xff\xd8 a picture"
    assert document["url"] == f"media_attachments/{(medium.file or '').replace('/', '')}"
    assert sorted(archive["likes.json"]["orderedItems"]) == sorted(originals)
    assert sorted(row[0] for row in archive["bookmarks.csv"]) == sorted(originals)
    assert archive["following_accounts.csv"][1:] == [["ben@site.test", "true", "true", ""]]
    assert sorted(archive["followers.csv"]) == [["ben@site.test"], ["cleo@site.test"]]
    assert archive["blocked_accounts.csv"] == [["dora@site.test"]]
    assert archive["muted_accounts.csv"][1:] == [["cleo@site.test", "true"]]
    assert archive["endorsed_accounts.csv"] == [["ben@site.test"]]
    assert archive["blocked_domains.csv"] == [["spam.example"]]
    told = "no program takes the title for a formula"
    assert archive["lists.csv"] == [["Friends", "ben@site.test"], ["'=1+1", "ben@site.test"]], told


async def test_it_is_its_owners_alone_and_for_a_week(house: House, clock: FakeClock) -> None:
    ada, ben = await a_writer(house), await a_member(house, "ben")
    await ask_for_export(house, ada)
    with pytest.raises(TooEarly):
        await ask_for_export(house, ada)
    await Exporting(house, most_bytes=MOST_BYTES).tick()
    export = await the_export(house, ada)
    with pytest.raises(NoExport):
        await export_to_download(house, export.id, ben)
    with pytest.raises(TooEarly):
        await ask_for_export(house, ada)
    _, path = await export_to_download(house, export.id, ada)
    clock.jump(days=6, hours=23)
    await forget_old_exports(house)
    assert path.is_file()
    clock.jump(hours=1)
    with pytest.raises(NoExport):
        await export_to_download(house, export.id, ada)
    await forget_old_exports(house)
    assert not path.exists()
    await ask_for_export(house, ada)
    clock.jump(days=1)
    asked = await asyncio.gather(*(ask_for_export(house, ben) for _ in range(3)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in asked) == ["NoneType", "TooEarly", "TooEarly"]


@on_sqlite
async def test_a_suspended_person_takes_it_along_and_a_deleted_one_leaves_none(house: House) -> None:
    ada = await a_writer(house)
    await set_account_state(house, ada, AccountState.SUSPENDED)
    await ask_for_export(house, ada)
    await Exporting(house, most_bytes=MOST_BYTES).tick()
    assert (await unpacked(house, ada))["outbox.json"]["totalItems"] == 1
    await delete_account(house, ada, typed_handle="ada")
    forgetting = Forgetting(house)
    while await forgetting.tick():
        pass
    await forget_old_exports(house)
    assert list(exports_folder(house).iterdir()) == []


@on_sqlite
async def test_a_kill_at_any_statement_leaves_a_whole_archive_or_none(house: House, clock: FakeClock) -> None:
    network = await a_network(house)
    await ask_for_export(house, network.ada)

    async def make() -> None:
        clock.jump(minutes=3)
        await Exporting(house, most_bytes=MOST_BYTES).tick()

    kills = 0
    async for _ in kill_everywhere(house.database, make, step=4):
        kills += 1
        export = await the_export(house, network.ada)
        assert export.file is None
        async with house.database.transaction() as session:  # tries are counted, and here are more than three
            await session.execute(update(ExportRow).values(tries=0))
    assert kills > 5
    assert (await unpacked(house, network.ada))["outbox.json"]["totalItems"] == 7
    assert len(list(exports_folder(house).iterdir())) == 1


@on_sqlite
async def test_what_takes_its_maker_down_is_given_up(
    house: House, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await a_writer(house)
    await ask_for_export(house, ada)

    async def broken(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(own, "posts", broken)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await Exporting(house, most_bytes=MOST_BYTES).tick()
        clock.jump(minutes=3)
    assert await Exporting(house, most_bytes=MOST_BYTES).tick() is True
    export = await the_export(house, ada)
    assert (export.state, export.file) == (ExportState.FAILED, None)
    assert export.problem
    await ask_for_export(house, ada)


@on_sqlite
async def test_it_waits_while_there_is_no_room(house: House, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = await a_writer(house)
    async with house.database.transaction() as session:
        await MediaStore(session).add(a_medium(house, ada), quota_bytes=MOST_BYTES)
    await ask_for_export(house, ada)
    assert await Exporting(house, most_bytes=10).tick() is True
    export = await the_export(house, ada)
    assert (export.state, export.tries) == (ExportState.WAITING, 0)
    assert "no room" in export.problem
    clock.jump(minutes=3)
    monkeypatch.setattr(FileStore, "free_bytes", lambda _: 10)
    await Exporting(house, most_bytes=MOST_BYTES).tick()
    assert (await the_export(house, ada)).state is ExportState.WAITING
    monkeypatch.undo()
    clock.jump(minutes=3)
    await Exporting(house, most_bytes=MOST_BYTES).tick()
    assert (await the_export(house, ada)).state is ExportState.READY


@on_sqlite
async def test_leftovers_of_killed_makers_go(house: House, tmp_path: Path) -> None:
    ada = await a_writer(house)
    folder = exports_folder(house)
    folder.mkdir(parents=True)
    (folder / "7-abc.part").write_bytes(b"x")
    await ask_for_export(house, ada)
    export = await the_export(house, ada)
    (folder / f"{export.id}-abc.part").write_bytes(b"x")
    await forget_old_exports(house)
    assert [each.name for each in folder.iterdir()] == [f"{export.id}-abc.part"]
    await Exporting(house, most_bytes=MOST_BYTES).tick()
    assert [each.suffix for each in folder.iterdir()] == [".zip"]
    assert tmp_path in folder.parents
