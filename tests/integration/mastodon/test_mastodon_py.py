"""The library that most programs use, against a site that listens on a port: from registering to reading on."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from mastodon import Mastodon, MastodonAPIError

from rostra.apps.ports import free_port
from rostra.flows.house import House
from rostra.network.accounts import AccountStore
from rostra.platform.ids import AccountId
from rostra.web.application import application
from rostra.web.site import Site
from tests.kit.acting import eventually
from tests.kit.members import a_member

BACK = "https://app.test/back"
SCOPES = ["read", "write", "follow"]


@pytest.fixture
async def listening(site: Site) -> AsyncIterator[Site]:
    """The site on a port of its own."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    there = replace(site, url=url, house=replace(site.house, site_url=url))
    server = Server(application(there), address="127.0.0.1", port=port, interface=Interfaces.ASGI, websockets=False)
    serving = asyncio.create_task(server.serve())
    async with httpx.AsyncClient(trust_env=False) as probe:

        async def listens() -> bool:
            with suppress(httpx.TransportError):
                return (await probe.get(f"{url}/healthz")).status_code == 200
            return False

        await eventually(listens, what="the site listens")
    yield there
    server.stop()
    await serving


def allowed(client: Mastodon, session: str, site: Site) -> Mastodon:
    """The person opens the app's link, reads the page and lets it in."""
    with httpx.Client(base_url=site.url, cookies={site.cookie_name: session}, trust_env=False) as browser:
        page = browser.get(client.auth_request_url(redirect_uris=BACK, scopes=SCOPES))
        assert page.status_code == 200
        form = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        answer = browser.post("/oauth/authorize", data=form | {"decision": "allow"})
    code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
    client.log_in(code=code, redirect_uri=BACK, scopes=SCOPES)
    return client


async def a_session(house: House, account: AccountId) -> str:
    async with house.database.transaction() as session:
        return await AccountStore(session).open_session(account, now=house.clock.now())


def use(site: Site, sessions: list[str]) -> None:
    """Everything a program does in its first minutes."""
    ident, secret = Mastodon.create_app("A program", scopes=SCOPES, redirect_uris=BACK, api_base_url=site.url)
    ada, ben = (
        allowed(Mastodon(client_id=ident, client_secret=secret, api_base_url=site.url), session, site)
        for session in sessions
    )
    me = ada.account_verify_credentials()
    assert (me.acct, me.source.privacy) == ("ada", "public")
    assert ben.instance_v2().configuration.statuses.max_characters == 500
    assert ben.account_follow(me.id).following is True
    made = [ada.status_post(f"Post {number} #live", language="en") for number in range(5)]
    boost = ben.status_reblog(made[0].id)
    assert (boost.reblog.id, boost.reblog.reblogged) == (made[0].id, True)
    assert ben.status_favourite(made[1].id).favourites_count == 1
    answer = ben.status_reply(made[2], "Indeed")
    assert [each.id for each in ada.status_context(made[2].id).descendants] == [answer.id]
    first = ben.timeline_home(limit=3)
    second = ben.fetch_next(first)
    everything = [status.id for status in ben.fetch_remaining(first)]
    assert everything[:3] == [status.id for status in first]
    assert everything[3:6] == [status.id for status in second]
    assert sorted(everything) == sorted([boost.id, answer.id, *(status.id for status in made)])
    assert len(set(everything)) == len(everything)
    assert [status.id for status in ada.timeline_hashtag("live")] == [status.id for status in made[::-1]]
    edited = ada.status_update(made[3].id, status="Post three")
    assert edited.edited_at is not None
    assert len(ada.status_history(made[3].id)) == 2
    assert ada.status_delete(made[4].id).text == "Post 4 #live"
    assert made[4].id not in [status.id for status in ben.timeline_public()]
    asked = ada.status_post("Tea or coffee?", poll=ada.make_poll(["Tea", "Coffee"], expires_in=300, multiple=True))
    assert (asked.poll.voted, asked.poll.voters_count, asked.poll.expired) == (True, 0, False)
    voted = ben.poll_vote(asked.poll.id, [0, 1])
    assert ([option.votes_count for option in voted.options], voted.own_votes) == ([1, 1], [0, 1])
    assert ada.poll(asked.poll.id).voters_count == 1
    with pytest.raises(MastodonAPIError, match="You have already voted on this poll"):
        ben.poll_vote(asked.poll.id, 0)
    quoting = ben.status_post("Worth reading", quoted_status_id=made[1].id, quote_approval_policy="followers")
    assert (quoting.quote.state, quoting.quote.quoted_status.id) == ("accepted", made[1].id)
    assert [status.id for status in ada.status_quotes(made[1].id)] == [quoting.id]
    assert ada.status_quote_revoke(made[1].id, quoting.id).quote.state == "revoked"
    assert ben.status_delete(quoting.id).text == "Worth reading"
    said = ben.status_post("@ada between us", visibility="direct")
    (talk,) = ada.conversations()
    assert (talk.unread, talk.last_status.id, [each.acct for each in talk.accounts]) == (True, said.id, ["ben"])
    assert ada.conversations_read(talk).unread is False
    friends = ben.list_create("Friends", replies_policy="none")
    ben.list_accounts_add(friends.id, [me.id])
    assert [status.id for status in ben.timeline_list(friends.id, limit=1)] == [asked.id]
    ben.list_accounts_delete(friends.id, [me.id])
    assert ben.timeline_list(friends.id) == ben.list_accounts(friends.id) == []
    words = [{"keyword": "coffee", "whole_word": True}]
    quiet = ben.create_filter_v2("Drinks", ["home"], "warn", keywords_attributes=words)
    (filtered,) = [status for status in ben.timeline_home() if status.filtered]
    assert (filtered.id, filtered.filtered[0].keyword_matches) == (asked.id, ["coffee"])
    assert [each.phrase for each in ben.filters()] == ["coffee"]
    ben.delete_filter_v2(quiet.id)
    assert ben.filters_v2() == []
    assert [account.acct for account in ada.account_followers(me.id)] == ["ben"]
    assert ben.account_block(me.id).blocking is True
    assert ben.timeline_public() == []


async def test_a_program_does_what_programs_do(listening: Site) -> None:
    house = listening.house
    sessions = [await a_session(house, await a_member(house, handle)) for handle in ("ada", "ben")]
    await asyncio.to_thread(use, listening, sessions)
