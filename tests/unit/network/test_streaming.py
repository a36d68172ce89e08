"""Who of the connected gets what, without a database or a network."""

from __future__ import annotations

from array import array

import pytest

from rostra.network.lists import RepliesPolicy
from rostra.network.streaming import (
    Connection,
    Edges,
    Facts,
    Hub,
    ListEdges,
    NoSuchStream,
    Outlet,
    ParameterMissing,
    Stream,
    TooManyStreams,
    stream_at,
    stream_of,
)
from rostra.network.streaming.hub import PER_ACCOUNT_MAX, STREAMS_MAX
from rostra.network.streaming.outlet import FRAMES_MAX
from rostra.network.visibility import Visibility

ADA, BEN, CLEO, DORA = 1, 2, 3, 4
USER, PUBLIC = Stream("user"), Stream("public")


def follows(*authors: int, **more: object) -> Edges:
    return Edges(authors=array("q", authors), **more)  # type: ignore[arg-type]


def connect(hub: Hub, account: int, edges: Edges, *streams: Stream, notified: bool = True) -> Connection:
    connection = Connection(account, f"token-{account}", framed=True, notified=notified)
    hub.join(connection)
    turn = hub.begin_look(account)
    assert turn is not None
    hub.set_edges(account, edges, turn)
    for stream in streams:
        hub.subscribe(connection, stream)
    return connection


def readers(hub: Hub, facts: Facts) -> set[int]:
    return {target.connection.account_id for target in hub.homes(facts)}


def test_a_post_goes_to_followers_and_its_author() -> None:
    hub = Hub()
    for account, edges in ((ADA, follows(BEN)), (BEN, follows()), (CLEO, follows(ADA))):
        connect(hub, account, edges, USER)
    assert readers(hub, Facts(author_id=BEN)) == {ADA, BEN}


@pytest.mark.parametrize(
    ("facts", "edges", "there"),
    [
        (Facts(author_id=BEN), follows(BEN, hidden=frozenset({BEN})), False),
        (Facts(author_id=BEN, boost_of_author_id=CLEO), follows(BEN), True),
        (Facts(author_id=BEN, boost_of_author_id=CLEO), follows(BEN, hidden=frozenset({CLEO})), False),
        (Facts(author_id=BEN, boost_of_author_id=CLEO), follows(BEN, without_boosts=frozenset({BEN})), False),
        (Facts(author_id=BEN, in_reply_to_account_id=CLEO), follows(BEN), False),
        (Facts(author_id=BEN, in_reply_to_account_id=CLEO), follows(BEN, CLEO), True),
        (Facts(author_id=BEN, in_reply_to_account_id=ADA), follows(BEN), True),
        (Facts(author_id=BEN, visibility=Visibility.DIRECT), follows(BEN), False),
        (Facts(author_id=BEN, visibility=Visibility.DIRECT, mentioned=frozenset({ADA})), follows(BEN), True),
        (Facts(author_id=BEN, language="fr"), follows(BEN, languages=((BEN, frozenset({"en"})),)), False),
        (Facts(author_id=BEN, language="en"), follows(BEN, languages=((BEN, frozenset({"en"})),)), True),
    ],
)
def test_the_rules_of_home(facts: Facts, edges: Edges, there: bool) -> None:
    hub = Hub()
    connect(hub, ADA, edges, USER)
    assert (readers(hub, facts) == {ADA}) is there


@pytest.mark.parametrize(
    ("policy", "answered", "there"),
    [
        (RepliesPolicy.NONE, None, True),
        (RepliesPolicy.NONE, BEN, True),
        (RepliesPolicy.NONE, ADA, True),
        (RepliesPolicy.NONE, CLEO, False),
        (RepliesPolicy.LIST, CLEO, True),
        (RepliesPolicy.LIST, DORA, False),
        (RepliesPolicy.FOLLOWED, DORA, True),
    ],
)
def test_what_a_list_shows(policy: RepliesPolicy, answered: int | None, there: bool) -> None:
    """Ada follows all three; Ben and Cleo are in the list, which is exclusive."""
    hub = Hub()
    lists = {7: ListEdges(members=frozenset({BEN, CLEO}), policy=policy)}
    edges = follows(BEN, CLEO, DORA, lists=lists, elsewhere=frozenset({BEN, CLEO}))
    connect(hub, ADA, edges, USER, Stream("list", "7"), Stream("list", "8"))
    facts = Facts(author_id=BEN, in_reply_to_account_id=answered)
    assert [target.stream for target in hub.lists(facts)] == ([Stream("list", "7")] if there else [])
    assert readers(hub, facts) == set()
    assert readers(hub, Facts(author_id=DORA)) == {ADA}
    assert hub.lists(Facts(author_id=DORA)) == []


def test_strangers_see_listed_posts_and_tags_but_not_of_whom_they_hide() -> None:
    hub = Hub()
    tag = Stream("hashtag", "tea")
    connect(hub, ADA, follows(), PUBLIC, tag)
    connect(hub, CLEO, follows(hidden=frozenset({BEN})), PUBLIC, tag)
    found = hub.strangers(Facts(author_id=BEN, tags=("tea",)))
    assert {(target.connection.account_id, target.stream) for target in found} == {(ADA, PUBLIC), (ADA, tag)}
    unlisted = Facts(author_id=BEN, tags=("tea",), visibility=Visibility.UNLISTED, listed=False)
    assert hub.strangers(unlisted) == []
    answer = Facts(author_id=BEN, tags=("tea",), listed=False)
    assert [target.stream for target in hub.strangers(answer)] == [tag]


def test_a_bell_rings_for_whoever_may_read_notifications() -> None:
    hub = Hub()
    rung = follows(BEN, bells=frozenset({BEN}))
    connect(hub, ADA, rung, USER)
    connect(hub, CLEO, rung, USER, notified=False)
    connect(hub, DORA, follows(BEN), USER)
    assert [target.connection.account_id for target in hub.bells(Facts(author_id=BEN))] == [ADA]
    assert hub.bells(Facts(author_id=BEN, boost_of_author_id=DORA)) == []


def test_who_leaves_leaves_nothing_behind() -> None:
    hub = Hub()
    first = connect(hub, ADA, follows(BEN, CLEO), USER, PUBLIC)
    second = connect(hub, ADA, follows(BEN), USER)
    hub.leave(first)
    assert readers(hub, Facts(author_id=BEN)) == {ADA}
    assert readers(hub, Facts(author_id=CLEO)) == set()
    hub.leave(second)
    hub.leave(second)
    assert (len(hub), hub.may_want(BEN), hub.may_want(ADA)) == (0, False, False)


def test_an_older_look_at_edges_does_not_win() -> None:
    hub = Hub()
    connect(hub, ADA, follows(), USER)
    older, newer = hub.begin_look(ADA), hub.begin_look(ADA)
    assert older is not None
    assert newer is not None
    hub.set_edges(ADA, follows(CLEO), newer)
    hub.set_edges(ADA, follows(BEN), older)
    assert readers(hub, Facts(author_id=CLEO)) == {ADA}
    assert readers(hub, Facts(author_id=BEN)) == set()


def test_a_deletion_goes_wherever_the_post_may_have_been() -> None:
    hub = Hub()
    connect(hub, ADA, follows(BEN), USER)
    connect(hub, CLEO, follows(), PUBLIC)
    connect(hub, DORA, follows(), Stream("hashtag", "tea"))
    found = hub.anywhere(BEN, ["tea"])
    assert {target.connection.account_id for target in found} == {ADA, CLEO, DORA}


def test_there_is_an_end_to_what_one_account_may_open() -> None:
    hub = Hub()
    connection = connect(hub, ADA, follows())
    for number in range(STREAMS_MAX):
        hub.subscribe(connection, Stream("hashtag", f"tag{number}"))
    with pytest.raises(TooManyStreams):
        hub.subscribe(connection, USER)
    hub.unsubscribe(connection, Stream("hashtag", "tag0"))
    hub.subscribe(connection, USER)
    for _ in range(PER_ACCOUNT_MAX - 1):
        hub.join(Connection(ADA, "token", framed=False))
    with pytest.raises(TooManyStreams):
        hub.join(Connection(ADA, "token", framed=False))


async def test_a_slow_reader_is_cut_at_the_bound() -> None:
    outlet = Outlet()
    assert all(outlet.offer(b"frame") for _ in range(FRAMES_MAX))
    assert not outlet.offer(b"one too many")
    assert (outlet.closed, await outlet.take()) == (True, None)


async def test_what_waits_is_taken_at_once() -> None:
    outlet = Outlet()
    outlet.offer(b"one")
    outlet.offer(b"two")
    assert await outlet.take() == [b"one", b"two"]


def test_streams_by_name_and_by_address() -> None:
    assert stream_at("/public/local", {"only_media": "true"}) == Stream("public:local:media")
    assert stream_at("/user/notification", {}).scope == "read:notifications"
    assert stream_of("hashtag", {"tag": "#Tea"}).path == ["hashtag", "tea"]
    with pytest.raises(ParameterMissing):
        stream_of("hashtag", {})
    for name in ("lists", "user:", "", "constructor"):
        with pytest.raises(NoSuchStream):
            stream_of(name, {})
