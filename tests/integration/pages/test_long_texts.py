"""Two megabytes of text in a form: a clear answer, and the beginning of what was typed where the form can hold it."""

from __future__ import annotations

import re
from html import unescape

import httpx
import pytest

from tests.integration.web.members import Member

LONG = "All of it. " * 190_000
KEPT = 20_000


async def send(who: Member, path: str, shape: str, **fields: str) -> httpx.Response:
    """shape: data (urlencoded) or files (multipart), as the form with files is sent."""
    sent = {"csrf": await who.csrf()} | fields
    if shape == "data":
        return await who.http.post(path, data=sent)
    return await who.http.post(path, files={name: (None, value) for name, value in sent.items()})


@pytest.mark.parametrize("shape", ["data", "files"])
async def test_a_post_that_is_far_too_long_comes_back_with_its_beginning(ada: Member, shape: str) -> None:
    """Its other fields too, even those that stand behind the long one; and nothing is posted."""
    answer = await send(ada, "/compose", shape, text=LONG, warning="Long", visibility="unlisted", key="k")
    assert answer.status_code == 422
    page = unescape(answer.text)
    assert "That was far too long: a post takes 500 characters." in page
    (typed,) = re.findall(r"<textarea[^>]*name=\"text\"[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert typed.strip() == LONG[:KEPT].strip()
    assert 'value="Long"' in page
    assert re.search(r'value="unlisted"[^>]*(checked|selected)', page)
    assert "All of it." not in await ada.read("/home")


@pytest.mark.parametrize("shape", ["data", "files"])
async def test_more_than_anybody_types_is_refused_in_words(ada: Member, shape: str) -> None:
    answer = await send(ada, "/compose", shape, text="x" * 5_000_000)
    assert answer.status_code == 413
    assert "longer than a form takes here" in answer.text
    assert "Too much text" in answer.text


@pytest.mark.parametrize("path", ["/settings", "/lists", "/filters", "/sign-in"])
async def test_other_forms_say_what_they_take(ada: Member, path: str) -> None:
    shape = "files" if path == "/settings" else "data"
    answer = await send(ada, path, shape, title=LONG, note=LONG)
    assert answer.status_code == 413
    assert "about 60,000 characters" in answer.text
    assert "Go back in your browser" in answer.text
