"""The pages of lists: making and changing one, who is in it, and what they post."""

from __future__ import annotations

from rostra.flows.follow_account import follow_account
from rostra.flows.house import House
from rostra.flows.keep_lists import make_list
from rostra.network.follows import FollowWish
from rostra.network.lists import ListChange, ListId, ListStore, RepliesPolicy
from rostra.platform.ids import AccountId
from tests.integration.web.members import Member
from tests.kit.members import a_member, a_post


async def a_list(ada: Member) -> str:
    """The path of a new one."""
    answer = await ada.send("/lists", title=" Friends <3 ")
    assert answer.status_code == 303
    return answer.headers["location"].removesuffix("/edit?done=made")


async def test_a_list_is_made_filled_and_read(ada: Member, house: House, ben: AccountId) -> None:
    assert "You have no list yet." in await ada.read("/lists")
    path = await a_list(ada)
    assert f'href="{path}"><bdi>Friends &lt;3</bdi>' in await ada.read("/lists")
    assert "Nobody is in this list yet." in await ada.read(path)
    await follow_account(house, ada.id, ben, FollowWish())
    answer = await ada.send(f"{path}/edit", act="add", handle=" @Ben ")
    assert answer.headers["location"] == f"{path}/edit?done=added"
    await a_post(house, ben, "Of interest to Ada")
    await a_post(house, await a_member(house, "cleo"), "Of somebody else")
    page = await ada.read(path)
    assert "Of interest to Ada" in page
    assert "Of somebody else" not in page
    assert f'value="remove:{ben}"' in await ada.read(f"{path}/edit")
    await ada.send(f"{path}/edit", act=f"remove:{ben}")
    assert "Of interest to Ada" not in await ada.read(path)


async def test_who_cannot_be_in_a_list_is_said(ada: Member, house: House, ben: AccountId) -> None:
    path = f"{await a_list(ada)}/edit"
    for handle, text in (("nobody", "Nobody here has this handle."), ("ben", "You do not follow @ben.")):
        answer = await ada.send(path, act="add", handle=handle)
        assert answer.status_code == 422
        assert text in answer.text
        assert f'value="{handle}"' in answer.text
    await follow_account(house, ada.id, ben, FollowWish())
    await ada.send(path, act="add", handle="ben")
    assert "@ben is in the list already." in (await ada.send(path, act="add", handle="ben")).text


async def test_a_list_is_renamed_and_deleted(ada: Member, house: House) -> None:
    path = await a_list(ada)
    answer = await ada.send(f"{path}/edit", act="save", title="", policy="none")
    assert answer.status_code == 422
    assert "Give the list a name." in answer.text
    await ada.send(f"{path}/edit", act="save", title="Family", policy="none", exclusive="1")
    async with house.database.reading() as session:
        found = await ListStore(session).get(ada.id, ListId(int(path.rpartition("/")[2])))
    assert (found.title, found.replies_policy, found.exclusive) == ("Family", RepliesPolicy.NONE, True)
    assert "kept out of Home" in await ada.read("/lists")
    assert (await ada.send(f"{path}/edit", act="save", title="Family", policy="all")).status_code == 422
    assert (await ada.send(f"{path}/edit", act="delete")).headers["location"] == "/lists?done=deleted"
    await ada.read(path, 404)


async def test_others_lists_do_not_exist(ada: Member, house: House, ben: AccountId) -> None:
    theirs = await make_list(house, ben, ListChange(title="Mine"))
    await ada.read(f"/lists/{theirs.id}", 404)
    await ada.read(f"/lists/{theirs.id}/edit", 404)
    for act in ("save", "add", "delete", f"remove:{ada.id}"):
        answer = await ada.send(f"/lists/{theirs.id}/edit", act=act, title="Yours", policy="none", handle="ben")
        assert answer.status_code == 404
    assert (await ada.send("/lists", title="")).status_code == 422
