"""Letters: with the transaction or not at all, and not lost while the mail server is away."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from email.headerregistry import Address

import pytest
from sqlalchemy import func, select, text

from rostra.platform.database import Database
from rostra.platform.envelopes import Envelope
from rostra.platform.mail import (
    CLAIM,
    CLAIMED,
    Letter,
    LetterRow,
    Postman,
    Smtp,
    put_letter,
    wait_after,
    waiting_letters,
)
from rostra.platform.seal import Seal
from tests.kit.clock import FakeClock
from tests.kit.ending import call_off
from tests.kit.engines import on_sqlite
from tests.kit.postbox import Postbox, open_postbox

SEAL = Seal(bytes(32))
SENDER = Address("Rostra", "rostra", "example.org")


def a_letter(number: int = 1, *, useful_for: timedelta = timedelta(days=5)) -> Letter:
    return Letter(to=f"ada{number}@example.org", subject=f"Grüße {number}", text="The link: …\n", useful_for=useful_for)


async def write(database: Database, clock: FakeClock, letter: Letter) -> None:
    async with database.transaction() as session:
        put_letter(session, SEAL, letter, now=clock.now())


async def waiting(database: Database) -> tuple[int, str]:
    async with database.reading() as session:
        found = await waiting_letters(session)
    return found.count, found.problem


async def first_due(database: Database) -> datetime:
    async with database.reading() as session:
        found = await session.scalar(select(func.min(LetterRow.due_at)))
    assert found is not None
    return found


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def postman(database: Database, clock: FakeClock, postbox: Postbox) -> Postman:
    return Postman(database, SEAL, Smtp(postbox.url), SENDER, clock)


@on_sqlite
async def test_a_mail_server_that_is_gone_for_a_day_loses_nothing(
    database: Database, clock: FakeClock, postman: Postman, postbox: Postbox
) -> None:
    for number in range(3):
        await write(database, clock, a_letter(number))
    for _ in range(24 * 2):  # nobody listens on the port
        await postman.round()
        clock.jump(minutes=30)
    count, problem = await waiting(database)
    assert count == 3
    assert "does not answer" in problem
    with open_postbox(postbox):
        clock.jump(hours=2)
        assert await postman.round() == 3
        assert await postman.round() == 0
    assert [letter["To"] for letter in postbox.letters] == [f"ada{number}@example.org" for number in range(3)]
    first = postbox.letters[0]
    assert first["Subject"] == "Grüße 0"
    assert first["From"] == "Rostra <rostra@example.org>"
    assert first["Auto-Submitted"] == "auto-generated"
    assert "The link: …" in first.get_content()
    assert (await waiting(database))[0] == 0


async def test_a_letter_of_a_transaction_that_failed_is_never_sent(
    database: Database, clock: FakeClock, postman: Postman
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as session:
            put_letter(session, SEAL, a_letter(), now=clock.now())
            await session.flush()
            raise ZeroDivisionError
    assert (await waiting(database))[0] == 0
    assert await postman.round() == 0


async def test_what_is_of_no_use_any_more_is_thrown_away(
    database: Database, clock: FakeClock, postman: Postman, postbox: Postbox
) -> None:
    await write(database, clock, a_letter(useful_for=timedelta(minutes=30)))
    clock.jump(minutes=30)
    with open_postbox(postbox):
        assert await postman.round() == 0
    assert postbox.letters == []
    assert (await waiting(database))[0] == 0


@pytest.mark.parametrize(("reply", "stays"), [("450 full", 1), ("550 nobody here", 0)])
async def test_a_refusal_for_now_and_a_refusal_for_good(
    database: Database, clock: FakeClock, postman: Postman, postbox: Postbox, reply: str, stays: int
) -> None:
    await write(database, clock, a_letter())
    postbox.refuse = reply
    with open_postbox(postbox):
        assert await postman.round() == 0
    assert (await waiting(database))[0] == stays


async def test_two_postmen_send_a_letter_once(
    database: Database, clock: FakeClock, postman: Postman, postbox: Postbox
) -> None:
    for number in range(5):
        await write(database, clock, a_letter(number))
    with open_postbox(postbox):
        assert sum(await asyncio.gather(postman.round(), postman.round())) == 5
    assert len(postbox.letters) == 5


class Slow:
    """A mail server that takes a letter only when the test lets it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.goes_on = asyncio.Event()

    async def deliver(self, letter: Envelope) -> None:
        self.asked.append(letter.to)
        await self.goes_on.wait()

    async def rest(self) -> None:
        """Nothing is kept open."""


async def test_the_letters_of_a_killed_postman_are_taken_over_soon(
    database: Database, clock: FakeClock, postman: Postman, postbox: Postbox
) -> None:
    for number in range(3):
        await write(database, clock, a_letter(number))
    slow = Slow()
    killed = asyncio.create_task(Postman(database, SEAL, slow, SENDER, clock).round())
    while not slow.asked:
        await asyncio.sleep(0)
    await call_off(killed)
    with open_postbox(postbox):
        assert await postman.round() == 0
        clock.jump(seconds=CLAIM.total_seconds())
        assert await postman.round() == 3
    assert (await waiting(database))[0] == 0


async def test_letters_stay_with_whoever_is_at_them_however_slow_the_server(
    database: Database, clock: FakeClock, postman: Postman, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        await write(database, clock, a_letter(number))
    slow = Slow()
    monkeypatch.setattr("rostra.platform.mail.RENEW_S", 0.0)
    working = asyncio.create_task(Postman(database, SEAL, slow, SENDER, clock).round())
    due_at = clock.now() + CLAIM
    for _ in range(3):
        clock.jump(seconds=CLAIM.total_seconds() - 1)
        while await first_due(database) <= due_at:
            await asyncio.sleep(0)
        due_at = await first_due(database)
    with open_postbox(postbox):
        assert await postman.round() == 0
    slow.goes_on.set()
    assert await working == 2
    assert slow.asked == ["ada0@example.org", "ada1@example.org"]
    assert (await waiting(database))[0] == 0


async def test_whoever_was_held_up_sends_none_that_another_has_taken_over(
    database: Database, clock: FakeClock, postman: Postman, postbox: Postbox
) -> None:
    for number in range(3):
        await write(database, clock, a_letter(number))
    slow = Slow()
    held_up = asyncio.create_task(Postman(database, SEAL, slow, SENDER, clock).round())
    while not slow.asked:
        await asyncio.sleep(0)
    clock.jump(seconds=CLAIM.total_seconds())
    with open_postbox(postbox):
        assert await postman.round() == 3
    slow.goes_on.set()
    assert await held_up == 1
    assert slow.asked == ["ada0@example.org"]


async def test_many_letters_go_over_one_connection_and_without_a_pause(
    database: Database, clock: FakeClock, postman: Postman, postbox: Postbox
) -> None:
    """Thousands of receipts do not wait for the next look; a connection that the server has closed is replaced."""
    for number in range(CLAIMED + 5):
        await write(database, clock, a_letter(number))
    with open_postbox(postbox):
        working = asyncio.create_task(postman.run())
        while (await waiting(database))[0]:
            await asyncio.sleep(0)
        await call_off(working)
        assert postbox.greeted == 1
    await write(database, clock, a_letter())
    with open_postbox(postbox):
        assert await postman.round() == 1
    assert len(postbox.letters) == CLAIMED + 6


async def test_a_letter_lies_sealed(database: Database, clock: FakeClock) -> None:
    """A link that signs somebody in cannot be read from a copy of the database."""
    await write(database, clock, a_letter())
    async with database.reading() as session:
        assert "The link" not in str((await session.execute(text("SELECT * FROM letters"))).all())


def test_waits_grow_to_an_hour() -> None:
    assert [wait_after(attempts) for attempts in (1, 2, 3, 7, 50)] == [60, 120, 240, 3600, 3600]
