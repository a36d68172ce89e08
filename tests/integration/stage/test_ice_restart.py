"""A speaker changes networks in the middle of a word: ICE restarts by PATCH (RFC 9725, 4.3.3) over two addresses."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from rostra.media.wire import Phase
from rostra.stage.ice import MediaAddresses
from rostra.stage.ice_restart import IcePath
from tests.integration.stage.conftest import Stage, until
from tests.integration.stage.phone import Phone, loudness

WIFI, MOBILE = "127.0.0.2", "127.0.0.3"


@pytest.fixture
async def phone(stage: Stage) -> AsyncIterator[Phone]:
    await stage.air(Phase.DOORS_OPEN)
    made = Phone(stage, address=WIFI)
    await made.join()
    yield made
    await made.close()


async def test_a_phone_that_leaves_the_wifi_keeps_its_session(stage: Stage, phone: Phone) -> None:
    """The old network goes silent, ICE restarts from another address, and both sides hear on: one session, one DTLS
    association, one seat, no second offer. The old tag is stale then, the new one counts."""
    await until(lambda: loudness(stage) > -20)
    old_tag, session = phone.etag, next(iter(stage.sessions._open.values())).session
    path = IcePath(phone.transport, MediaAddresses(addresses=(MOBILE,)), stage.clock)  # type: ignore[arg-type]
    phone.unplug(WIFI)
    await until(lambda: loudness(stage) < -80)
    answer = await phone.restart(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/trickle-ice-sdpfrag")
    assert "a=candidate:" in answer.text
    assert phone.etag not in ("", old_tag)
    await until(lambda: loudness(stage) > -20)
    heard = phone.heard
    await until(lambda: phone.heard > heard + 10)
    assert [each.session for each in stage.sessions._open.values()] == [session]
    assert phone.peer.connectionState == "connected"
    assert [seat.connected for seat in stage.state().speakers] == [True]
    late = "a=candidate:9 1 udp 1 127.0.0.9 50000 typ host\r\n"
    stale = await phone.stage.http.patch(phone.url, content=late, headers=phone.headers | {"If-Match": old_tag})
    assert stale.status_code == 412
    fresh = await phone.stage.http.patch(phone.url, content=late, headers=phone.headers | {"If-Match": phone.etag})
    assert fresh.status_code == 204
    await path.close()
    assert (await stage.http.delete(phone.url, headers=stage.bearer("anna"))).status_code == 200


async def test_a_restart_that_fails_leaves_the_session_as_it_was(stage: Stage, phone: Phone) -> None:
    """No new credentials, half of them, or forbidden ones: 422. A restart that nobody follows up: the old path stays,
    the next restart takes its place, and the end of the session leaves no socket behind."""
    await until(lambda: loudness(stage) > -20)
    old_ufrag = phone.transport._connection.local_username  # type: ignore[attr-defined]
    pwd = "a=ice-pwd:" + "p" * 22
    for body in (pwd, "a=ice-ufrag:neww", f"a=ice-ufrag:{old_ufrag}\r\n{pwd}", f"a=ice-ufrag:b@d!\r\n{pwd}"):
        answer = await stage.http.patch(phone.url, content=body + "\r\n", headers=phone.headers | {"If-Match": "*"})
        assert answer.status_code == 422
        assert answer.json()["code"] == "ice_restart_refused"
    for ufrag, any_tag in (("nobody", "*"), ("follows", '"*"')):  # as RFC 9110 has it, and as the example of RFC 9725
        body = f"a=ice-ufrag:{ufrag}\r\n{pwd}\r\na=candidate:1 1 udp 9 192.0.2.1 5000 typ host\r\n"
        answer = await stage.http.patch(phone.url, content=body, headers=phone.headers | {"If-Match": any_tag})
        assert answer.status_code == 200
    heard = phone.heard
    await until(lambda: phone.heard > heard + 25)
    await until(lambda: loudness(stage) > -20)
    [opened] = stage.sessions._open.values()
    path = opened.session._path
    assert path is not None
    assert path._next is not None
    await stage.http.delete(phone.url, headers=stage.bearer("anna"))
    assert path._next is None
