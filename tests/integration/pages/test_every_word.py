"""The pages in a language that marks each of its words: what it did not say is in nobody's catalogue."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Final

import pytest

from rostra.flows.follow_account import follow_account
from rostra.flows.house import House
from rostra.flows.publish_post import publish_post
from rostra.flows.schedule_post import schedule_post
from rostra.network.follows import FollowWish
from rostra.network.posts import Draft
from rostra.network.visibility import Visibility
from rostra.platform.ids import AccountId
from rostra.platform.wording import Said, _, counted, plain, reading_in
from rostra.web.rendering import Renderer
from rostra.web.site import STATIC, TEMPLATES, Site
from tests.integration.web.conftest import a_client
from tests.integration.web.members import sign_in
from tests.kit.marked import Marked, unsaid
from tests.kit.members import a_member, a_post

SPOKEN: Final = ("aria-label", "title", "placeholder", "alt", "data-confirm")
OWN: Final = {"post__words", "post__text"}
"""Classes of elements that hold what somebody has written."""
SILENT: Final = frozenset({"script", "style", "bdi", "datalist", "svg", "code", "kbd"})
VOID: Final = frozenset({"meta", "link", "img", "input", "br", "hr", "source", "wbr"})


class Shown(HTMLParser):
    """Collects what is read out or shown, but for what somebody has written or is called."""

    def __init__(self) -> None:
        super().__init__()
        self.spoken: list[str] = []
        self.text = ""
        self._stack: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if not any(self._stack):
            self.spoken += [given[name] for name in SPOKEN if name in given]
        if tag not in VOID:
            foreign = "lang" in given and tag != "html"
            self._stack.append(tag in SILENT or bool(OWN & set(given.get("class", "").split())) or foreign)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self._stack.pop()

    def handle_data(self, data: str) -> None:
        if not any(self._stack):
            self.text += data


@pytest.fixture
async def marked(site: Site) -> Site:
    return replace(site, renderer=Renderer(TEMPLATES, STATIC, {"en": Marked()}))


@pytest.fixture
async def peopled(house: House, ben: AccountId) -> AccountId:
    """Posts of all kinds, a follow, a notification, a post that waits."""
    ada = await a_member(house, "ada")
    await follow_account(house, ada, ben, FollowWish())
    await follow_account(house, ben, ada, FollowWish())
    first = await a_post(house, ben, "#tea")
    await a_post(house, ada, "@ben", answers=first.id, visibility=Visibility.PRIVATE)
    await a_post(house, ben, "@ada")
    await publish_post(house, ada, Draft(text="Ada", spoiler_text="Ben"))
    await schedule_post(house, ada, Draft(text="Ada"), house.clock.now() + timedelta(days=1))
    return ada


PATHS: Final = (
    "/home", "/public", "/tags/tea", "/@ben", "/@ada", "/@ada/followers", "/compose", "/notifications", "/search",
    "/search?q=ben&show=people", "/search?q=nobody", "/settings", "/settings/posting", "/settings/data", "/explore",
    "/settings/notifications", "/notifications/waiting",
    "/lists", "/filters", "/scheduled", "/conversations", "/settings/security", "/@nobody", "/home?done=posted",
)  # fmt: skip


async def test_nothing_stays_english(marked: Site, house: House, peopled: AccountId) -> None:
    found: dict[str, list[str]] = {}
    async with a_client(marked) as http:
        ada = await sign_in(house, peopled, http, marked.cookie_name)
        thread = re.search(r'href="(/@ben/\d+)"', (await http.get("/public")).text)
        assert thread is not None
        for path in (*PATHS, thread.group(1)):
            found[path] = left_in((await http.get(path)).text)
        refused = await ada.send("/compose", text="", visibility="everyone")
        assert refused.status_code == 422
        found["refused"] = left_in(refused.text)
    async with a_client(marked) as http:
        for path in ("/", "/public", "/@ben", "/sign-in", "/search", thread.group(1), "/home"):
            found[f"{path} (visitor)"] = left_in((await http.get(path)).text)
    english = sorted({f"{words!r} on {path}" for path, all_words in found.items() for words in all_words})
    assert not english, "\n".join(english)


def left_in(page: str) -> list[str]:
    shown = Shown()
    shown.feed(page)
    assert "⟦" in shown.text
    return [word for text in (shown.text, *shown.spoken) for word in unsaid(text)]


def test_a_sentence_is_said_to_whom_it_is_read() -> None:
    """English for logs and apps; with its parts, which may be sentences, in the language of a page."""
    sentence = _("{who} waits until {day}", who="Ada", day=_("Monday"))
    assert _("{count} of {parts}, {message}", count=1, parts=2, message="x") == "1 of 2, x"
    assert sentence == "Ada waits until Monday"
    assert [counted("{n} day", "{n} days", n) for n in (1, 2)] == ["1 day", "2 days"]
    say: Callable[[], list[str]] = lambda: [str(sentence), f"{sentence}!", str(counted("{n} day", "{n} days", 2))]  # noqa: E731
    assert say() == ["Ada waits until Monday", "Ada waits until Monday!", "2 days"]
    with reading_in(Marked()):
        assert say() == ["⟦Ada waits until ⟦Monday⟧⟧", "⟦Ada waits until ⟦Monday⟧⟧!", "⟦2 days⟧"]
    assert plain(Said("Monday")) == "Monday"
    with pytest.raises(NotImplementedError):
        plain(object())
