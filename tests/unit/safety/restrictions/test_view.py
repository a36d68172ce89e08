"""The memory of one process: what the bucket says, and nothing else."""

from __future__ import annotations

import msgspec
import pytest

from rostra.platform.bus_watch import Change
from rostra.safety.restrictions import ANYWHERE, Kind, Measure, Restriction, Standing, Subject, View
from rostra.safety.restrictions.following import take

POST = Subject(Kind.POST, 7)
REMOVED = Restriction(id=1, kind=Kind.POST, subject_id=7, measure=Measure.REMOVE, from_us=0)


def said(view: View, value: bytes | None, key: str = POST.key) -> Subject | None:
    return take(view, Change(key, value, 1))


def test_a_key_is_its_subject() -> None:
    assert Subject.of_key(POST.key) == POST
    assert Subject.of_key("broadcast.4711") == Subject(Kind.BROADCAST, 4711)


def test_what_the_bucket_says_is_known_until_it_says_otherwise() -> None:
    view = View()
    assert said(view, msgspec.json.encode(Standing((REMOVED,)))) == POST
    assert not view.visible(ANYWHERE, 1, POST).shown
    assert (len(view), view.has(Kind.POST), view.has(Kind.MEDIA)) == (1, True, False)
    assert said(view, None) == POST
    assert view.visible(ANYWHERE, 1, POST).shown
    assert (len(view), view.has(Kind.POST)) == (0, False)


def test_an_account_hides_what_is_its_own() -> None:
    view, account = View(), Subject(Kind.ACCOUNT, 3)
    withheld = msgspec.structs.replace(REMOVED, kind=Kind.ACCOUNT, subject_id=3, measure=Measure.WITHHOLD)
    view.put(account, Standing((withheld,)))
    assert not view.visible(ANYWHERE, 1, POST, account).shown
    assert view.visible(ANYWHERE, 1, POST).shown


@pytest.mark.parametrize(
    ("key", "value"),
    [(POST.key, b"nonsense"), ("comet.7", None), ("post.seven", None), (POST.key, b'{"restrictions": [{"id": 1}]}')],
)
def test_what_cannot_be_read_shows_nothing_that_was_hidden(key: str, value: bytes | None) -> None:
    view = View()
    said(view, msgspec.json.encode(Standing((REMOVED,))))
    assert said(view, value, key) is None
    assert not view.visible(ANYWHERE, 1, POST).shown
