"""Notices as a flood of them comes: 200 a second for a minute, through the site's form, the site killed in the middle.

Each comes from a network of its own, names one of 2,000 posts, and asks for a receipt at an address of its own. What
got no answer is sent again, as people do. After the last one: whatever got an answer is there with its case, its
receipt has come to a real SMTP server, and the ledger is whole. Senders, mail server, site and database share the
machine.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from sqlalchemy import select

from bench.harness import Bench, Finding
from bench.law_site import LawSite
from bench.network_house import People, fill
from rostra.flows.keep_ledger import signer_of, verify
from rostra.flows.upgrade_database import upgrade_database
from rostra.network.posts.tables import PostRow
from rostra.platform.clock import SystemClock
from rostra.platform.database import Database
from rostra.platform.ids import IdSource
from rostra.platform.mail import BATCH
from rostra.platform.randomness import fingerprint
from rostra.platform.seal import Seal
from rostra.safety.tables import NoticeItemRow, NoticeRow
from tests.kit.postbox import Postbox, open_postbox
from tests.kit.servers import postgres

TITLE: Final = "A flood of notices, the site killed in the middle"
PEOPLE: Final = People(authors=200, posts=2_000, readers=1, follows=1)
A_SECOND: Final = 200
SECONDS: Final = 60
SENDERS: Final = 256
"""Notices under way at once, at the most: fewer would wait for each other, not for the site."""
ANSWER_S: Final = 30.0
RECEIPTS_S: Final = 600.0
ENGINES: Final = ("SQLite", "PostgreSQL")
WHY: Final = "This calls for violence against my neighbours, by name; they have told me that they are afraid."


@dataclass(slots=True)
class Sent:
    """answered: the secrets in the links of what was taken, by the address of the receipt. wrong: other answers."""

    answered: dict[str, str] = field(default_factory=dict)
    took_s: list[float] = field(default_factory=list)
    broken: int = 0
    wrong: int = 0
    seconds: float = 0.0


def run(bench: Bench) -> list[Finding]:
    findings: list[Finding] = []
    for engine in ENGINES:
        with ExitStack() as stack:
            url = f"sqlite:///{bench.folder / 'intake.sqlite3'}"
            if engine == "PostgreSQL":
                url = stack.enter_context(postgres(durable=True))
            postbox = stack.enter_context(open_postbox(Postbox()))
            site = LawSite(
                bench,
                url,
                bench.folder / engine,
                smtp_url=postbox.url,
                mail_from="rostra@site.test",
                trusted_proxies="127.0.0.1",
            )
            findings += asyncio.run(_measure(site, url, postbox, engine))
    return findings


async def _measure(site: LawSite, url: str, postbox: Postbox, engine: str) -> list[Finding]:
    database = Database(url)
    await upgrade_database(database)
    await fill(database, PEOPLE, IdSource(SystemClock()))
    async with database.reading() as session:
        posts = list(await session.scalars(select(PostRow.id)))
    await asyncio.to_thread(site.start)
    assert site.running is not None
    sent = Sent()
    killing = asyncio.create_task(_kill_in_the_middle(site))
    began_s = time.monotonic()
    await _flood(site, posts, sent, began_s)
    sent.seconds = time.monotonic() - began_s
    away_s = await killing
    receipts_s = await _until_all_have(postbox, sent)
    lost, without_case = await _lost(database, sent)
    missing = len(set(sent.answered) - {str(each["To"]) for each in postbox.letters})
    again = len(postbox.letters) - len({str(each["Message-ID"]) for each in postbox.letters})
    seal = await asyncio.to_thread(Seal.at, site.data / "secrets.key")
    report = await verify(database, signer_of(seal, site.url))
    await database.close()
    site.running.stop()
    rate = len(sent.answered) / (sent.seconds - away_s)
    took = sorted(sent.took_s)
    facts: dict[str, object] = {
        "taken": len(sent.answered), "seconds": round(sent.seconds, 1), "away_s": round(away_s, 1),
        "unanswered": sent.broken, "wrong_answers": sent.wrong, "median_ms": round(1e3 * took[len(took) // 2]),
        "p99_ms": round(1e3 * took[int(len(took) * 0.99)]), "receipts_after_s": round(receipts_s, 1),
        "letters": len(postbox.letters), "ledger": report.size, "ledger_whole": report.is_whole,
    }  # fmt: skip
    return [
        Finding(
            "intake", f"notices taken while the site was there, {engine}", round(rate), "a second",
            bar=f"at least {A_SECOND} for {SECONDS} s", kept=rate >= A_SECOND * 0.95 and sent.wrong == 0, facts=facts,
        ),
        Finding(
            "intake", f"notices lost that had an answer, {engine}", lost + without_case, "notices",
            bar="none", kept=lost + without_case == 0 and report.is_whole,
        ),
        Finding(
            "intake", f"receipts missing, {engine}", missing, "letters",
            bar="none", kept=missing == 0,
        ),
        Finding(
            "intake", f"receipts that came again, with the same Message-ID, {engine}", again, "letters",
            bar=f"at most {BATCH}, those under way when the site was killed", kept=again <= BATCH,
        ),
    ]  # fmt: skip


async def _kill_in_the_middle(site: LawSite) -> float:
    """SIGKILL, and another start; for how many seconds nobody answered."""
    await asyncio.sleep(SECONDS / 2)
    began_s = time.monotonic()
    site.kill()
    await asyncio.to_thread(site.start)
    return time.monotonic() - began_s


async def _flood(site: LawSite, posts: list[int], sent: Sent, began_s: float) -> None:
    """Each is sent when it is due, or as soon as a sender is free; what was not answered comes again, as people do."""
    numbers = iter(range(A_SECOND * SECONDS))

    async def sender() -> None:
        for number in numbers:
            await asyncio.sleep(max(0.0, began_s + number / A_SECOND - time.monotonic()))
            while not await _send(site, posts, number, sent):
                await asyncio.sleep(0.5)

    await asyncio.gather(*(sender() for _ in range(SENDERS)))


async def _send(site: LawSite, posts: list[int], number: int, sent: Sent) -> bool:
    """One form, over a connection of its own, as a proxy in front brings it. False while nobody answers."""
    email = f"n{number}@example.org"
    form = {
        "what": f"{site.url}/posts/{posts[number * 7919 % len(posts)]}",
        "why": "illegal",
        "about": "VIOLENCE",
        "explanation": WHY,
        "name": f"Nora {number}",
        "email": email,
        "bona_fide": "1",
    }
    body = urlencode(form).encode()
    head = (
        f"POST /flag HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nOrigin: {site.url}\r\nConnection: close\r\n"
        f"X-Forwarded-For: 10.{number >> 16}.{number >> 8 & 255}.{number & 255}\r\nAccept-Language: de\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    began_s = time.monotonic()
    try:
        async with asyncio.timeout(ANSWER_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
            writer.write(head.encode() + body)
            answer = await reader.read()
    except (OSError, TimeoutError):
        sent.broken += 1
        return False
    with suppress(OSError):
        writer.close()
    if not answer:
        sent.broken += 1
        return False
    head_lines = answer.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    location = next((line.partition(":")[2].strip() for line in head_lines if line.lower().startswith("location:")), "")
    if "/reports/" in location:
        sent.answered[email] = location.rpartition("/reports/")[2].partition("?")[0]
        sent.took_s.append(time.monotonic() - began_s)
    elif b" 503 " in answer[:20]:
        sent.broken += 1
        return False
    else:
        sent.wrong += 1
    return True


async def _until_all_have(postbox: Postbox, sent: Sent) -> float:
    """Until every receipt has come; seconds."""
    began_s = time.monotonic()
    while time.monotonic() - began_s < RECEIPTS_S:
        if len({str(each["To"]) for each in postbox.letters}) >= len(sent.answered):
            break
        await asyncio.sleep(1)
    return time.monotonic() - began_s


async def _lost(database: Database, sent: Sent) -> tuple[int, int]:
    """How many of those that had an answer are not there, and how many notices have no case."""
    async with database.reading(at_length=True) as session:
        there = set(await session.scalars(select(NoticeRow.fingerprint)))
        without = await session.scalars(select(NoticeItemRow.notice_id).where(NoticeItemRow.case_id.is_(None)))
        return len({fingerprint(each) for each in sent.answered.values()} - there), len(without.all())
