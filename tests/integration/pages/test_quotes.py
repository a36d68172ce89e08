"""Quotes on pages: writing one, reading it, saying who may, and taking it back."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from rostra.flows.follow_account import block_account
from rostra.flows.house import House
from rostra.flows.publish_post import publish_post
from rostra.network.posts import Draft, QuotePolicy
from rostra.platform.ids import AccountId
from rostra.web.site import Site
from tests.integration.web.conftest import a_client
from tests.integration.web.members import Member, sign_in
from tests.kit.members import a_post


@pytest.fixture
async def bens(site: Site, ben: AccountId) -> AsyncIterator[Member]:
    """Ben's browser."""
    async with a_client(site) as http:
        yield await sign_in(site.house, ben, http, site.cookie_name)


async def quoted(by: Member, post_id: int, text: str = "Worth reading") -> str:
    """The path of a post that quotes, written with the form."""
    answer = await by.send("/compose", text=text, visibility="public", quote=str(post_id), back="/public")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("?")[0]


async def test_a_quote_is_written_and_read(
    ada: Member, bens: Member, ben: AccountId, house: House, visitor: httpx.AsyncClient
) -> None:
    post = await a_post(house, ben, "The <doors> open at eight")
    assert f'href="/compose?quote={post.id}' in await ada.read("/public")
    form = await ada.read(f"/compose?quote={post.id}&back=/public")
    assert "The &lt;doors&gt; open at eight" in form
    assert f'name="quote" value="{post.id}"' in form
    path = await quoted(ada, post.id)
    for page in (await ada.read(path), (await visitor.get(path)).text):
        assert f'<blockquote class="quote" cite="/@ben/{post.id}">' in page
        assert page.count("The &lt;doors&gt; open at eight") >= 1
    assert "1 quote<" in await ada.read(f"/@ben/{post.id}")
    assert "Worth reading" in await ada.read(f"/@ben/{post.id}/quotes")
    told = await bens.read("/notifications")
    assert "quoted your post" in told
    assert "Worth reading" in told


async def test_who_may_not_is_told_and_loses_nothing(ada: Member, house: House, ben: AccountId) -> None:
    post = await publish_post(house, ben, Draft(text="Mine alone", quote_policy=QuotePolicy.NOBODY))
    assert f"quote={post.id}" not in await ada.read("/public")
    await ada.read(f"/compose?quote={post.id}", 403)
    answer = await ada.send("/compose", text="My words", visibility="public", quote=str(post.id))
    assert answer.status_code == 422
    assert "The author does not allow you to quote this post" in answer.text
    assert "My words" in answer.text


async def test_the_quoted_take_their_post_out(ada: Member, bens: Member, house: House, ben: AccountId) -> None:
    post = await a_post(house, ben, "Something")
    path = await quoted(ada, post.id)
    number = path.rpartition("/")[2]
    assert "unquote:" not in await ada.read(path)
    assert f'value="unquote:{number}"' in await bens.read(path)
    answer = await bens.send("/posts/act", act=f"unquote:{number}", back=path)
    assert answer.status_code == 303
    page = await ada.read(path)
    assert "The author of the quoted post has taken it back." in page
    assert "Worth reading" in page
    assert (await bens.send("/posts/act", act=f"unquote:{number}", back=path)).status_code == 404


async def test_a_quote_is_hidden_from_whom_its_author_blocked(
    ada: Member, house: House, ben: AccountId, visitor: httpx.AsyncClient
) -> None:
    post = await a_post(house, ben, "Something of Ben")
    path = await quoted(ada, post.id)
    await block_account(house, ben, ada.id)
    for page in (await ada.read(path), (await visitor.get(path)).text):
        assert "The quoted post is not shown to you." in page
        assert "Something of Ben" not in page


async def test_who_may_quote_is_chosen(ada: Member, house: House) -> None:
    """By default, for a post, and for one that is there."""
    assert (await ada.send("/settings/posting", visibility="public", quote_policy="nobody")).status_code == 303
    assert '<option value="nobody" selected>' in await ada.read("/compose")
    answer = await ada.send("/compose", text="Hello", visibility="public", quote_policy="followers", back="/public")
    path = answer.headers["location"].partition("?")[0]
    edit = f"/posts/{path.rpartition('/')[2]}/edit"
    assert '<option value="followers" selected>' in await ada.read(edit)
    await ada.send(edit, text="Hello", visibility="public", quote_policy="public")
    assert '<option value="public" selected>' in await ada.read(edit)
    assert (await ada.send("/settings/posting", visibility="public", quote_policy="all")).status_code == 422
