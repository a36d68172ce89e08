"""Pages of posts and people: reading without an account, and acting with plain forms."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import httpx

from rostra.flows.edit_profile import edit_profile
from rostra.flows.follow_account import follow_account
from rostra.flows.publish_post import publish_post
from rostra.flows.vote_on_poll import vote_on_post
from rostra.network.accounts import AccountState, ProfileChange
from rostra.network.follows import FollowWish
from rostra.network.polls import PollWish
from rostra.network.posts import Draft
from rostra.network.visibility import Visibility
from rostra.platform.ids import AccountId
from rostra.web.site import Site
from tests.integration.web.members import Member
from tests.kit.members import a_member, a_post, set_account_state


async def test_visitors_read_a_profile_and_caches_keep_it(
    site: Site, ben: AccountId, visitor: httpx.AsyncClient
) -> None:
    await edit_profile(
        site.house, ben, ProfileChange(note="I write <about> #gardens"), [("Garden", "https://a.example")]
    )
    post = await a_post(site.house, ben, "Good <morning> from the garden")
    await a_post(site.house, ben, "Only for friends", visibility=Visibility.PRIVATE)
    answer = await visitor.get("/@ben")
    assert answer.status_code == 200
    assert answer.headers["cache-control"].startswith("public")
    assert "Cookie" in answer.headers["vary"]
    assert "Good &lt;morning&gt; from the garden" in answer.text
    assert "Only for friends" not in answer.text
    assert "&lt;about&gt;" in answer.text
    assert 'rel="alternate" type="application/atom+xml" href="/@ben/feed.atom"' in answer.text
    assert f'href="/@ben/{post.id}"' in answer.text
    assert 'name="csrf"' not in answer.text
    assert (await visitor.get("/@BEN")).headers["location"] == "/@ben"
    assert (await visitor.get("/@nobody")).status_code == 404
    assert (await visitor.get("/nothing-here")).status_code == 404
    assert (await visitor.get("/users/ben")).headers["location"] == "/@ben"


async def test_a_post_has_a_page_that_others_can_preview(
    site: Site, ben: AccountId, visitor: httpx.AsyncClient
) -> None:
    first = await a_post(site.house, ben, "First </script> words")
    reply = await a_post(site.house, ben, "And an answer", answers=first.id)
    page = await visitor.get(f"/@ben/{reply.id}")
    assert page.status_code == 200
    assert page.text.index("First &lt;/script&gt; words") < page.text.index("<p>And an answer")
    assert 'property="og:description" content="And an answer"' in page.text
    data = re.search(r'<script type="application/ld\+json">(.+?)</script>', page.text)
    assert data is not None
    posting = json.loads(data.group(1))
    assert posting["@type"] == "SocialMediaPosting"
    assert posting["url"] == f"http://site.test/@ben/{reply.id}"
    assert posting["author"]["alternateName"] == "@ben@site.test"
    assert 'type="application/json+oembed"' in page.headers["link"]
    card = await visitor.get("/oembed", params={"url": f"http://site.test/@ben/{reply.id}"})
    assert (card.json()["type"], card.json()["author_name"]) == ("link", "Ben")
    assert (await visitor.get(f"/posts/{first.id}")).headers["location"] == f"/@ben/{first.id}"
    assert (await visitor.get(f"/@somebody/{first.id}")).headers["location"] == f"/@ben/{first.id}"
    hidden = await a_post(site.house, ben, "Between us", visibility=Visibility.DIRECT)
    for path in (f"/@ben/{hidden.id}", f"/posts/{hidden.id}", "/@ben/77", "/@ben/x"):
        assert (await visitor.get(path)).status_code == 404


async def test_what_an_answer_answers_is_named_as_missing(site: Site, ada: Member, ben: AccountId) -> None:
    first = await a_post(site.house, ben, "Soon gone")
    reply = await a_post(site.house, ada.id, "An answer", answers=first.id)
    await set_account_state(site.house, ben, AccountState.SUSPENDED)
    text = await ada.read(f"/@ada/{reply.id}")
    assert "A post is missing here" in text
    assert "Soon gone" not in text


async def test_long_lists_are_paged_by_keys(site: Site, ben: AccountId, visitor: httpx.AsyncClient) -> None:
    for number in range(45):
        await a_post(site.house, ben, f"Post number {number} #counting")
    for start in ("/@ben", "/public", "/tags/Counting"):
        seen: list[str] = []
        path: str | None = start
        while path is not None:
            text = (await visitor.get(path)).text
            seen += re.findall(r"Post number (\d+) <", text)
            older = re.search(r'rel="next" href="([^"]+)"', text)
            path = older.group(1) if older else None
        assert seen == [str(number) for number in range(44, -1, -1)], start
        newer = re.search(r'rel="prev" href="([^"]+)"', text)
        assert newer is not None
        assert "Post number 5 " in (await visitor.get(newer.group(1))).text


async def test_writing_with_a_plain_form(ada: Member, visitor: httpx.AsyncClient) -> None:
    made = await ada.send("/compose", text="Hello\r\nworld", warning="", visibility="public", language="en", key="k1")
    assert made.status_code == 303
    assert re.fullmatch(r"/home\?done=posted", made.headers["location"])
    assert "Hello<br>world" in (await visitor.get("/public")).text
    assert "Your post is out." in await ada.read("/home?done=posted")
    again = await ada.send("/compose", text="Hello\r\nworld", visibility="public", key="k1")
    assert again.status_code == 303
    assert (await visitor.get("/public")).text.count("Hello<br>world") == 1
    empty = await ada.send("/compose", text="  ", warning="Kept", visibility="unlisted", language="de")
    assert empty.status_code == 422
    assert "Text can&#39;t be blank" in empty.text
    assert 'value="Kept"' in empty.text
    assert '<option value="unlisted" selected>' in empty.text
    assert '<option value="de" selected>' in empty.text
    long = await ada.send("/compose", text="x" * 501, visibility="public")
    assert long.status_code == 422
    assert ">-1</output>" in long.text
    link = await ada.send("/compose", text="https://example.org/" + "x" * 600, visibility="public", key="k2")
    assert link.status_code == 303, "a link counts 23, here as in the API"


async def test_no_form_of_another_site_counts(ada: Member, site: Site, ben: AccountId) -> None:
    post = await a_post(site.house, ben)
    fields = {"act": f"favourite:{post.id}", "back": "/home"}
    assert (await ada.http.post("/posts/act", data=fields)).status_code == 403
    assert (await ada.http.post("/posts/act", data=fields | {"csrf": "AAAA"})).status_code == 403
    csrf = await ada.csrf()
    assert csrf != await ada.csrf(), "masked anew for each page"
    foreign = {"origin": "https://evil.example"}
    assert (await ada.http.post("/posts/act", data=fields | {"csrf": csrf}, headers=foreign)).status_code == 403
    for back in ("https://evil.example/", "//evil.example", "/\\evil.example", "home"):
        answer = await ada.send("/posts/act", act=f"favourite:{post.id}", back=back)
        assert answer.headers["location"] == f"/home#p{post.id}"


async def test_acts_on_a_post_are_presses(ada: Member, site: Site, ben: AccountId) -> None:
    post = await a_post(site.house, ben, "Like me")
    for act, undo in (("favourite", "unfavourite"), ("boost", "unboost"), ("bookmark", "unbookmark")):
        answer = await ada.send("/posts/act", act=f"{act}:{post.id}", back="/public?max_id=9#p1")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/public?max_id=9#p{post.id}")
        assert f'value="{undo}:{post.id}"' in await ada.read("/public")
        headers = {"x-rostra-fragment": "1"}
        data = {"csrf": await ada.csrf(), "act": f"{undo}:{post.id}", "back": "/public"}
        fragment = await ada.http.post("/posts/act", data=data, headers=headers)
        assert fragment.text.lstrip().startswith("<article")
        assert f'value="{act}:{post.id}"' in fragment.text
    assert (await ada.send("/posts/act", act=f"explode:{post.id}")).status_code == 422
    assert (await ada.send("/posts/act", act="favourite:7")).status_code == 404


async def test_answering_editing_and_deleting(
    ada: Member, site: Site, ben: AccountId, visitor: httpx.AsyncClient
) -> None:
    question = await a_post(site.house, ben, "A question", visibility=Visibility.UNLISTED)
    form = await ada.read(f"/compose?reply_to={question.id}&back=/@ben/{question.id}")
    assert "A question" in form
    assert "\n@ben </textarea>" in form
    assert '<option value="unlisted" selected>' in form, "no more public than what it answers"
    back = f"/@ben/{question.id}"
    sent = await ada.send(
        "/compose", text="@ben An answer", visibility="unlisted", reply_to=str(question.id), back=back
    )
    assert sent.headers["location"] == f"{back}?done=posted"
    thread = (await visitor.get(back)).text
    assert "An answer" in thread
    reply = re.search(r'href="/@ada/(\d+)"', thread)
    assert reply is not None
    number = reply.group(1)
    assert "@ben An answer</textarea>" in await ada.read(f"/posts/{number}/edit")
    edited = await ada.send(f"/posts/{number}/edit", text="@ben A better answer", visibility="public")
    assert edited.headers["location"] == f"/@ada/{number}?done=saved"
    history = (await visitor.get(f"/@ada/{number}/history")).text
    assert history.index("A better answer") < history.index("An answer")
    assert "Unlisted" in (await visitor.get(f"/@ada/{number}")).text, "an edit does not widen who can read it"
    assert (await ada.http.get(f"/posts/{question.id}/edit")).status_code == 403
    assert "Delete this post?" in await ada.read(f"/posts/{number}/delete")
    redraft = await ada.send(f"/posts/{number}/delete", act="redraft")
    assert "@ben A better answer</textarea>" in redraft.text
    assert f'name="reply_to" value="{question.id}"' in redraft.text
    assert (await visitor.get(f"/@ada/{number}")).status_code == 404


async def test_following_fills_home(ada: Member, site: Site, ben: AccountId) -> None:
    await a_post(site.house, ben, "From ben")
    assert "You follow nobody yet." in await ada.read("/home")
    answer = await ada.send(f"/accounts/{ben}/act", act="follow", back="/@ben")
    assert answer.headers["location"] == "/@ben"
    assert 'value="unfollow"' in await ada.read("/@ben")
    home = await ada.read("/home")
    assert "From ben" in home
    assert "You follow nobody yet." not in home
    assert "Ben" in await ada.read("/@ada/following")
    assert "Ada" in await ada.read("/@ben/followers")
    await follow_account(site.house, ben, ada.id, FollowWish())
    assert "follows you" in await ada.read("/@ben")
    await ada.send(f"/accounts/{ben}/act", act="block", back="/@ben")
    assert "From ben" not in await ada.read("/home")


async def test_home_wants_an_account_and_is_nobody_elses(ada: Member, visitor: httpx.AsyncClient) -> None:
    assert (await visitor.get("/home")).status_code == 401
    assert (await visitor.get("/compose")).status_code == 401
    answer = await ada.http.get("/public")
    assert answer.headers["cache-control"] == "no-store"
    assert 'href="/@ada"' in answer.text


async def test_feeds_of_an_account_and_a_tag(site: Site, ben: AccountId, visitor: httpx.AsyncClient) -> None:
    post = await a_post(site.house, ben, "In the feed #gardens")
    await a_post(site.house, ben, "Followers only #gardens", visibility=Visibility.PRIVATE)
    for path in ("/@ben/feed.atom", "/tags/gardens/feed.atom"):
        answer = await visitor.get(path)
        assert answer.headers["content-type"].startswith("application/atom+xml")
        names = {"a": "http://www.w3.org/2005/Atom"}
        entries = ET.fromstring(answer.text).findall("a:entry", names)
        assert [entry.findtext("a:id", namespaces=names) for entry in entries] == [
            f"http://site.test/users/ben/statuses/{post.id}"
        ]
        tag = answer.headers["etag"]
        assert (await visitor.get(path, headers={"if-none-match": tag})).status_code == 304


async def test_the_same_feeds_as_rss(site: Site, ben: AccountId, visitor: httpx.AsyncClient) -> None:
    post = await a_post(site.house, ben, "In <the> feed #gardens")
    await a_post(site.house, ben, "Followers only #gardens", visibility=Visibility.PRIVATE)
    for path in ("/@ben", "/tags/gardens"):
        assert f'type="application/rss+xml" href="{path}/feed.rss"' in (await visitor.get(path)).text
        answer = await visitor.get(f"{path}/feed.rss")
        assert answer.headers["content-type"].startswith("application/rss+xml")
        (item,) = ET.fromstring(answer.text).findall("channel/item")
        assert item.findtext("guid") == item.findtext("link") == f"http://site.test/@ben/{post.id}"
        assert item.findtext("pubDate") == "Mon, 04 May 2026 18:00:00 GMT"
        assert "In &lt;the&gt; feed" in (item.findtext("description") or "")


async def test_feeds_say_what_a_poll_asks_and_what_is_quoted(
    site: Site, ben: AccountId, visitor: httpx.AsyncClient
) -> None:
    """Not how it stands: the same posts give the same bytes."""
    house = site.house
    wish = PollWish(options=("Tea <3", "Coffee"), expires_in=timedelta(hours=1))
    asked = await publish_post(house, ben, Draft(text="What shall we drink?", poll=wish))
    await publish_post(house, ben, Draft(text="I asked", quoted_id=asked.id))
    answers = []
    for _ in range(2):
        answers.append((await visitor.get("/@ben/feed.rss")).text)
        await vote_on_post(house, await a_member(house, f"voter{len(answers)}"), asked.id, [0])
    assert answers[0] == answers[1]
    quoting, poll = [item.findtext("description") or "" for item in ET.fromstring(answers[0]).findall("channel/item")]
    assert "<li>Tea &lt;3</li><li>Coffee</li>" in poll
    assert "open until Monday 4 May 2026, 19:00 (UTC)" in poll
    assert f'<a href="http://site.test/posts/{asked.id}">' in quoting
    atom = (await visitor.get("/@ben/feed.atom")).text
    assert "Tea &amp;lt;3" in atom


async def test_a_suspended_account_is_nowhere_and_writes_nothing(
    ada: Member, site: Site, visitor: httpx.AsyncClient
) -> None:
    post = await a_post(site.house, ada.id, "Here today #gone")
    csrf = await ada.csrf()
    await set_account_state(site.house, ada.id, AccountState.SUSPENDED)
    for path in ("/@ada", f"/@ada/{post.id}", "/@ada/feed.atom", "/@ada/followers"):
        answer = await visitor.get(path)
        assert answer.status_code == 410, path
        assert "This account is suspended" in answer.text
    for path in ("/public", "/tags/gone", "/"):
        assert "Here today" not in (await visitor.get(path)).text, path
    answer = await ada.http.post("/compose", data={"csrf": csrf, "text": "Still here", "visibility": "public"})
    assert answer.status_code == 403
