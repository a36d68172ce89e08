"""Time stamps of the ledger by an authority outside: OpenSSL's own, started here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from rfc3161_client import decode_timestamp_response
from sqlalchemy import text

from rostra.apps.moderation import LedgerBroken, give_role, stamp_ledger, verify_ledger
from rostra.apps.opening import open_database
from rostra.apps.settings import Settings
from rostra.flows.keep_ledger import sign_at, signer_of, verify
from rostra.flows.sign_in import ensure_owner
from rostra.flows.stamp_ledger import Authority, NoStamp, stamp_newest
from rostra.network.accounts import AccountStore, Role
from rostra.platform.clock import SystemClock
from rostra.platform.database import Database
from rostra.platform.ids import IdSource
from rostra.platform.seal import Seal
from rostra.safety.ledger import Act, LedgerStore, Signer
from rostra.safety.ledger.stamps import RootsUnreadable, StampBroken, Trusted, check
from rostra.safety.ledger.verifying import Flaw
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.timestamps import OwnAuthority, serving

SEAL = Seal(b"k" * 32)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> OwnAuthority:
    return OwnAuthority(tmp_path_factory.mktemp("authority") / "own")


@pytest.fixture(autouse=True)
def as_it_was(authority: OwnAuthority) -> None:
    authority.asked.clear()
    authority.answers, authority.status = None, "200 OK"


@pytest.fixture
def signer() -> Signer:
    return signer_of(SEAL, "https://rostra.test")


async def acts(database: Database, count: int) -> None:
    clock = SystemClock()
    async with database.transaction() as session:
        for number in range(count):
            await LedgerStore(session).add(Act.CASE_OPENED, {"case": str(number)}, {"by": "7"}, now=clock.now())


async def test_a_checkpoint_gets_a_stamp_that_anybody_can_check(
    database: Database, authority: OwnAuthority, signer: Signer, tmp_path: Path
) -> None:
    """Asked once for each checkpoint, with a hash and nothing else; verified with what OpenSSL says of it, too, and
    after somebody's personal details were erased.
    """
    trusted = Trusted.at(authority.roots)
    await acts(database, 3)
    made = await sign_at(database, SystemClock(), signer)
    assert made is not None
    async with serving(authority) as url:
        stamp = await stamp_newest(database, SystemClock(), signer, Authority(url, trusted))
        assert await stamp_newest(database, SystemClock(), signer, Authority(url, trusted)) is None
    assert stamp is not None
    assert len(authority.asked) == 1
    assert b"rostra" not in authority.asked[0]
    note, answer = tmp_path / "note.txt", tmp_path / "answer.tsr"
    note.write_text(stamp.note)
    answer.write_bytes(stamp.answer)
    assert authority.verifies(note, answer)

    async with database.transaction() as session:
        assert await LedgerStore(session).erase_person("7", limit=10) == 3
    report = await verify(database, signer, trusted=trusted)
    assert (report.is_whole, report.erased, report.unchecked) == (True, 3, 0)
    assert report.stamps == ((3, stamp.said_at),)
    without = await verify(database, signer)
    assert (without.is_whole, without.stamps, without.unchecked) == (True, (), 1)


@on_sqlite
async def test_an_authority_whose_own_certificate_is_there_sends_none(
    database: Database, authority: OwnAuthority, signer: Signer, tmp_path: Path
) -> None:
    await acts(database, 1)
    await sign_at(database, SystemClock(), signer)
    trusted = Trusted.at(authority.chain)
    async with serving(authority) as url:
        stamp = await stamp_newest(database, SystemClock(), signer, Authority(url, trusted))
    assert stamp is not None
    assert decode_timestamp_response(stamp.answer).signed_data.certificates == set()
    check(stamp, trusted)
    check(stamp, replace(trusted, own=(*Trusted.at(OwnAuthority(tmp_path / "o").chain).own, *trusted.own)))
    with pytest.raises(StampBroken):
        check(stamp, Trusted.at(authority.roots))


@on_sqlite
async def test_a_ledger_that_was_written_anew_meets_what_was_stamped(
    database: Database, authority: OwnAuthority, signer: Signer
) -> None:
    """Whoever has the server and its key writes another history and signs it: the stamp is of the first one."""
    trusted = Trusted.at(authority.roots)
    await acts(database, 3)
    await sign_at(database, SystemClock(), signer)
    async with serving(authority) as url:
        await stamp_newest(database, SystemClock(), signer, Authority(url, trusted))
    async with database.transaction() as session:
        for table in ("entries", "details", "head", "checkpoints"):
            await session.execute(text(f"DELETE FROM ledger_{table}"))
    await acts(database, 5)
    await sign_at(database, SystemClock(), signer)
    assert {each.flaw for each in (await verify(database, signer, trusted=trusted)).faults} == {Flaw.REWRITTEN}
    async with database.transaction() as session:
        for table in ("entries", "details", "head", "checkpoints"):
            await session.execute(text(f"DELETE FROM ledger_{table}"))
    await acts(database, 2)
    assert {each.flaw for each in (await verify(database, signer, trusted=trusted)).faults} == {Flaw.CUT}


@on_sqlite
async def test_what_is_no_stamp_is_not_kept(
    database: Database, authority: OwnAuthority, signer: Signer, tmp_path: Path
) -> None:
    """Another authority, an answer to another question, a clock far off, an error, a redirect, noise, too much."""
    trusted = Trusted.at(authority.roots)
    await acts(database, 1)
    await sign_at(database, SystemClock(), signer)
    stranger = OwnAuthority(tmp_path / "stranger", "Somebody else")
    async with serving(authority) as url:
        asked = Authority(url, trusted)

        async def refused(words: str) -> None:
            with pytest.raises(NoStamp, match=words):
                await stamp_newest(database, SystemClock(), signer, asked)

        with pytest.raises(NoStamp, match="verifying certificates"):
            await stamp_newest(database, SystemClock(), signer, replace(asked, trusted=Trusted.at(stranger.roots)))
        with pytest.raises(NoStamp, match="its clock says"):
            await stamp_newest(database, FakeClock(), signer, asked)
        authority.answers = authority.stamp(authority.asked[0])
        await refused("Nonce mismatch")
        authority.answers = b"no stamp at all"
        await refused(".")
        authority.answers = b"\0" * 70_000
        await refused("more than 65536 bytes")
        authority.status = "302 Found"
        await refused("status 302")
        authority.status = "500 Oh"
        await refused("status 500")
    await refused("ConnectError")
    async with database.reading() as session:
        assert await LedgerStore(session).stamps() == []


@on_sqlite
async def test_a_stamp_that_was_changed_is_named(database: Database, authority: OwnAuthority, signer: Signer) -> None:
    trusted = Trusted.at(authority.roots)
    await acts(database, 1)
    await sign_at(database, SystemClock(), signer)
    async with serving(authority) as url:
        stamp = await stamp_newest(database, SystemClock(), signer, Authority(url, trusted))
    assert stamp is not None
    check(stamp, trusted)
    with pytest.raises(StampBroken):
        check(replace(stamp, said_at=stamp.said_at.replace(year=2020)), trusted)
    with pytest.raises(StampBroken):
        check(replace(stamp, note=stamp.note.replace("rostra.test", "elsewhere.test")), trusted)
    async with database.transaction() as session:
        await session.execute(text("UPDATE ledger_stamps SET said_at = '2020-01-01 00:00:00.000000'"))
    report = await verify(database, signer, trusted=trusted)
    assert [(each.flaw, each.first) for each in report.faults] == [(Flaw.STAMP, 1)]


@on_sqlite
async def test_the_operator_has_it_stamped(database_url: str, authority: OwnAuthority, tmp_path: Path) -> None:
    """By the commands; what they put into a folder is what OpenSSL verifies."""
    async with serving(authority) as url:
        settings = Settings(
            data_dir=tmp_path,
            database_url=database_url,
            site_url="https://rostra.test",
            timestamp_url=url,
            timestamp_roots=str(authority.roots),
        )
        said: list[str] = []
        async with open_database(settings) as database:
            clock = SystemClock()
            await ensure_owner(database, clock, IdSource(clock))
            async with database.reading() as session:
                owner = await AccountStore(session).owner()
        assert owner is not None
        await stamp_ledger(settings, None, said.append)
        assert said[-1] == "The ledger has no entries yet."
        await give_role(settings, f"@{owner.handle}", Role.OWNER, "Still", said.append)
        await stamp_ledger(settings, tmp_path / "kept", said.append)
    assert said[-2].startswith("1 entries were there at ")
    assert authority.verifies(tmp_path / "kept" / "checkpoint-1.txt", tmp_path / "kept" / "checkpoint-1.tsr")
    await verify_ledger(settings, [tmp_path / "kept" / "checkpoint-1.txt"], said.append)
    assert "1 of them have a time stamp of the outside authority: 1 entries were there at" in said[-1]
    async with open_database(settings) as database, database.transaction() as session:
        await session.execute(text("UPDATE ledger_stamps SET answer = zeroblob(9)"))
    with pytest.raises(LedgerBroken):
        await verify_ledger(settings, [], said.append)
    assert said[-1].startswith("stamp: the time stamp of 1 entries does not hold")
    with pytest.raises(RootsUnreadable):
        await verify_ledger(replace(settings, timestamp_roots=str(tmp_path / "none.pem")), [], said.append)
