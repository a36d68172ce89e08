"""The pages of filters: making, changing and ending one with plain forms."""

from __future__ import annotations

from datetime import timedelta

from rostra.flows.house import House
from rostra.flows.keep_filters import filter_post, make_filter
from rostra.network.filters import Action, Context, Filter, FilterChange, FilterStore, KeywordChange
from rostra.platform.ids import AccountId
from tests.integration.web.members import Member
from tests.kit.clock import FakeClock
from tests.kit.members import a_post

FORM = {"title": "Films", "action": "warn", "expiry": "60", "context_home": "1", "keyword_1": "spoiler"}


async def kept(house: House, owner: AccountId) -> list[Filter]:
    async with house.database.reading() as session:
        return await FilterStore(session).of(owner)


async def test_a_filter_is_made_and_counts(ada: Member, house: House, ben: AccountId, clock: FakeClock) -> None:
    assert "You have no filter yet." in await ada.read("/filters")
    assert 'name="context_home" value="1" checked' in await ada.read("/filters/new")
    answer = await ada.send("/filters", **FORM, keyword_2=" the end ", whole_2="1", keyword_3="")
    assert answer.headers["location"] == "/filters?done=made"
    (made,) = await kept(house, ada.id)
    assert [(each.text, each.whole_word) for each in made.keywords] == [("spoiler", False), ("the end", True)]
    assert (made.contexts, made.action) == ((Context.HOME,), Action.WARN)
    assert made.expires_at == clock.now() + timedelta(hours=1)
    page = await ada.read("/filters")
    assert "spoiler, the end" in page
    assert "Home and lists" in page
    clock.jump(seconds=7200)
    assert "Over" in await ada.read("/filters")
    assert "As it is: it has ended" in await ada.read(f"/filters/{made.id}")


async def test_what_is_wrong_is_said_on_the_form(ada: Member) -> None:
    for change, text in (
        ({"title": ""}, "Give the filter a name."),
        ({"keyword_1": " "}, "Type at least one word or phrase."),
        ({"action": "burn"}, "Choose what happens to posts with these words."),
        ({"expiry": "7"}, "Choose when the filter ends."),
        ({"title": "x" * 257}, "Title is too long (maximum is 256 characters)."),
    ):
        answer = await ada.send("/filters", **FORM | change)
        assert answer.status_code == 422
        assert text in answer.text
    without = {name: value for name, value in FORM.items() if name != "context_home"}
    answer = await ada.send("/filters", **without)
    assert "Choose at least one place where the filter counts." in answer.text
    assert 'value="spoiler"' in answer.text, "what was typed stays"


async def test_a_filter_is_changed_word_by_word(ada: Member, house: House, ben: AccountId) -> None:
    post = await a_post(house, ben, "Once is enough")
    wish = FilterChange(title="Films", contexts=(Context.HOME,), action=Action.HIDE)
    made = await make_filter(house, ada.id, wish, [KeywordChange(text="one"), KeywordChange(text="two")])
    entry = await filter_post(house, ada.id, made.id, post.id)
    page = await ada.read(f"/filters/{made.id}")
    assert f'href="/posts/{post.id}"' in page
    first, second = made.keywords
    answer = await ada.send(
        f"/filters/{made.id}",
        act="save",
        title="Series",
        action="blur",
        expiry="",
        context_public="1",
        keyword_1="",
        keyword_id_1=str(first.id),
        keyword_2="Two",
        keyword_id_2=str(second.id),
        whole_2="1",
        keyword_3="three",
        **{f"entry_{entry.id}": "1"},
    )
    assert answer.headers["location"] == "/filters?done=saved"
    (changed,) = await kept(house, ada.id)
    assert [(each.id == second.id, each.text) for each in changed.keywords] == [(True, "Two"), (False, "three")]
    assert (changed.title, changed.contexts, changed.action) == ("Series", (Context.PUBLIC,), Action.BLUR)
    assert changed.posts == ()
    await ada.send(f"/filters/{made.id}", act="delete")
    assert await kept(house, ada.id) == []


async def test_others_filters_do_not_exist(ada: Member, house: House, ben: AccountId) -> None:
    wish = FilterChange(title="Films", contexts=(Context.HOME,))
    theirs = await make_filter(house, ben, wish, [KeywordChange(text="one")])
    await ada.read(f"/filters/{theirs.id}", 404)
    for act in ("save", "delete"):
        assert (await ada.send(f"/filters/{theirs.id}", act=act, **FORM)).status_code == 404
    assert await kept(house, ben) == [theirs]
