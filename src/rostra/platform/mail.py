"""Letters by e-mail: written in the transaction that causes them, sent afterwards, kept while the mail server is away.

A letter is a row. The postman claims the rows that are due, gives one after another to the mail server over one
connection, and removes those that it has taken, some together. While there are more, it goes on at once. A claim is
short, and renewed while its letters are on their way: those of a postman who was killed are taken over within seconds,
and one who was only held up sees that they are no longer theirs. A server that does not answer is asked again after a
minute, then two, four … an hour at most, until the letter is of no use to anybody any more. A crash between the
server's yes and the removal sends some letters twice, with the same Message-ID; nothing sends one never.

The text is sealed in the database, because some letters carry links that sign somebody in.
"""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit

from sqlalchemy import String, Text, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from rostra.platform.clock import Clock
from rostra.platform.database import Base, Database, DatabaseUnavailable, UtcDateTime, rows_changed, table_of
from rostra.platform.envelopes import Envelope, envelope
from rostra.platform.log import get_logger
from rostra.platform.randomness import jittered
from rostra.platform.seal import Seal, SealBroken
from rostra.platform.tasks import Tasks

_log = get_logger(__name__)

POLL_S: Final = 2.0
BATCH: Final = 20
"""So many are removed together at most, and come twice when a site is killed before that."""
CLAIMED: Final = 5 * BATCH
"""So many are claimed at once."""
CLAIM: Final = timedelta(seconds=20)
"""How long a letter is one postman's who is not heard of. The clocks of sites on one database differ by less."""
RENEW_S: Final = 5.0
FIRST_WAIT_S: Final = 60.0
LONGEST_WAIT_S: Final = 3600.0
TIMEOUT_S: Final = 20.0
PERMANENT: Final = 500
"""From here on a reply is for good (RFC 5321, 4.2.1)."""
_PURPOSE: Final = "letter"
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


class LetterRow(Base):
    """A letter that has not gone out. sealed: its text. due_at: when it is tried next. problem: why not yet.

    unsubscribe_url: where such letters are ended with one click, for those that can be.
    """

    __tablename__ = "letters"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    to_address: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    sealed: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    useful_until: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int]
    problem: Mapped[str] = mapped_column(String(200))
    unsubscribe_url: Mapped[str | None] = mapped_column(Text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """to: one address. useful_for: after that it is thrown away unsent, such as when a link in it has expired.

    unsubscribe_url: takes a POST without a cookie and sends no such letters any more (RFC 8058).
    """

    to: str
    subject: str
    text: str
    useful_for: timedelta
    unsubscribe_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The letters that have not gone out. problem: why the newest that was tried did not."""

    count: int
    oldest_at: datetime | None
    problem: str


def put_letter(session: AsyncSession, seal: Seal, letter: Letter, *, now: datetime) -> None:
    """Send `letter` once this transaction has committed."""
    session.add(LetterRow(**_row(seal, letter, now)))


async def put_letters(session: AsyncSession, seal: Seal, letters: Sequence[Letter], *, now: datetime) -> None:
    """The same for many of them, in one statement."""
    if letters:
        await session.execute(insert(table_of(LetterRow)), [_row(seal, each, now) for each in letters])


def _row(seal: Seal, letter: Letter, now: datetime) -> dict[str, Any]:
    return {
        "to_address": letter.to,
        "subject": letter.subject,
        "sealed": seal.close(letter.text, _PURPOSE),
        "created_at": now,
        "due_at": now,
        "useful_until": now + letter.useful_for,
        "attempts": 0,
        "problem": "",
        "unsubscribe_url": letter.unsubscribe_url,
    }


async def waiting_letters(session: AsyncSession) -> Waiting:
    count, oldest_at = (await session.execute(select(func.count(), func.min(LetterRow.created_at)))).one()
    tried = select(LetterRow.problem).where(LetterRow.problem != "").order_by(LetterRow.id.desc()).limit(1)
    return Waiting(count=count, oldest_at=oldest_at, problem=await session.scalar(tried) or "")


class NotTaken(Exception):
    """The mail server did not take a letter. for_good: it will not take it later either (a reply of 5xx)."""

    def __init__(self, reason: str, *, for_good: bool = False) -> None:
        super().__init__(reason[:200])
        self.for_good = for_good


class MailServer(Protocol):
    async def deliver(self, letter: Envelope) -> None:
        """Raises NotTaken."""
        ...

    async def rest(self) -> None:
        """There is nothing more to deliver at the moment."""
        ...


class Smtp:
    """A server named by smtp://host:port (STARTTLS where it is offered) or smtps://host:port (TLS from the start).

    A user and a password in the address are sent only through TLS, or to this same machine.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._from_start = parts.scheme == "smtps"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (465 if self._from_start else 587)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._open: list[smtplib.SMTP] = []  # connections that nobody uses at this moment

    async def deliver(self, letter: Envelope) -> None:
        await asyncio.to_thread(self._deliver, letter)

    async def rest(self) -> None:
        if self._open:
            await asyncio.to_thread(self._hang_up)

    def _deliver(self, letter: Envelope) -> None:
        try:
            self._send(letter)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            for_good = all(code >= PERMANENT for code in codes)
            raise NotTaken(f"the address was refused ({codes[0]})", for_good=for_good) from error
        except smtplib.SMTPAuthenticationError as error:  # a wrong password is put right by the operator
            raise NotTaken(f"the mail server refuses the password ({error.smtp_code})") from error
        except smtplib.SMTPResponseException as error:
            raise NotTaken(f"the mail server answers {error.smtp_code}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise NotTaken(f"the mail server does not answer ({type(error).__name__})") from error

    def _send(self, letter: Envelope) -> None:
        """Over a connection that is open already; one that the server has closed meanwhile is replaced."""
        if self._open:
            server = self._open.pop()
            try:
                _hand_over(server, letter)
            except smtplib.SMTPServerDisconnected:
                server.close()
            else:
                self._open.append(server)
                return
        server = self._connect()
        try:
            _hand_over(server, letter)
        except BaseException:
            server.close()
            raise
        self._open.append(server)

    def _hang_up(self) -> None:
        while self._open:
            with suppress(smtplib.SMTPException, OSError):
                self._open.pop().quit()

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._from_start:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT_S, context=context)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_S)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            elif self._user and self._host not in _LOOPBACK:
                server.close()
                raise NotTaken("the mail server offers no TLS, so it does not get the password")
        if self._user:
            server.login(self._user, self._password)
        return server


def _hand_over(server: smtplib.SMTP, letter: Envelope) -> None:
    """An address beyond ASCII needs a server that knows them (RFC 6531)."""
    options = () if letter.to.isascii() and letter.sender.isascii() else ("SMTPUTF8", "BODY=8BITMIME")
    if options:
        server.ehlo_or_helo_if_needed()
        if not server.has_extn("smtputf8"):
            raise NotTaken("the mail server takes no address with such letters", for_good=True)
    server.sendmail(letter.sender, [letter.to], letter.content, mail_options=options)


@dataclass(slots=True)
class _Claim:
    """Letters that are one postman's: the rows say due at just `until`. renewed_s: when that was written, monotonic."""

    rows: list[LetterRow]
    until: datetime
    renewed_s: float


class Postman:
    """Carries letters to the mail server for ever. Several sites may each have one: a letter is claimed before it goes.

    sender: `Rostra <rostra@example.org>` or the bare address.
    """

    def __init__(self, database: Database, seal: Seal, server: MailServer, sender: Address, clock: Clock) -> None:
        self._database = database
        self._seal = seal
        self._server = server
        self._sender = sender
        self._clock = clock
        self._tasks = Tasks()

    async def run(self) -> None:
        while True:
            sent = 0
            try:
                sent = await self.round()
            except DatabaseUnavailable as error:
                _log.warning("letters_wait", reason=str(error))
            except Exception:  # noqa: BLE001  # the postman outlives a bug in one round; the log shows it
                _log.exception("postman_round_failed")
            if sent < CLAIMED:
                await self._server.rest()
                await self._clock.sleep(POLL_S)

    async def round(self) -> int:
        """Try each letter that is due; how many went out."""
        claim = await self._claim()
        sent, taken = 0, list[int]()
        try:
            while claim.rows:
                row = claim.rows.pop(0)
                try:
                    await self._deliver(row, claim)
                except SealBroken as error:
                    _log.error("letter_dropped", letter_id=row.id, reason=str(error))
                    await self._remove([row.id])
                except NotTaken as error:
                    await self._put_back(row, error)
                else:
                    sent += 1
                    taken.append(row.id)
                    _log.info("letter_sent", letter_id=row.id, attempts=row.attempts)
                is_late = self._clock.monotonic() - claim.renewed_s >= RENEW_S
                if is_late or len(taken) == BATCH:
                    await self._remove(taken)
                    taken = []
                if is_late:
                    await self._renew(claim, [])
        finally:
            await self._remove(taken)
        return sent

    async def _deliver(self, row: LetterRow, claim: _Claim) -> None:
        """Raises SealBroken, NotTaken. However long the server takes, the letter and those behind it stay ours."""
        delivery = self._tasks.spawn("letter", self._server.deliver(self._message(row)), awaited=True)
        try:
            while not (await asyncio.wait({delivery}, timeout=RENEW_S))[0]:
                await self._renew(claim, [row.id])
        finally:
            delivery.cancel()
        delivery.result()

    async def _claim(self) -> _Claim:
        """The oldest that are due, as ours for a while. Throws away what is of no use any more."""
        now = self._clock.now()
        claim = _Claim([], now + CLAIM, self._clock.monotonic())
        async with self._database.reading() as session:  # no write lock while there is nothing to do
            if await session.scalar(select(LetterRow.id).where(LetterRow.due_at <= now).limit(1)) is None:
                return claim
        async with self._database.transaction() as session:
            if dropped := await rows_changed(session, delete(LetterRow).where(LetterRow.useful_until <= now)):
                _log.warning("letters_expired", count=dropped)
            query = select(LetterRow).where(LetterRow.due_at <= now).order_by(LetterRow.id).limit(CLAIMED)
            claim.rows += await session.scalars(query.with_for_update(skip_locked=True))
            ids = [row.id for row in claim.rows]
            if ids:
                await session.execute(update(LetterRow).where(LetterRow.id.in_(ids)).values(due_at=claim.until))
        return claim

    async def _renew(self, claim: _Claim, under_way: Sequence[int]) -> None:
        """Hold what has not gone yet for longer. Leaves out what another postman has taken over: `until` is no longer
        what we wrote.
        """
        ids, until = [*under_way, *(row.id for row in claim.rows)], self._clock.now() + CLAIM
        table, held = table_of(LetterRow), set[int]()
        if ids:
            ours = update(table).where(table.c.id.in_(ids), table.c.due_at == claim.until)
            async with self._database.transaction() as session:
                held = set(await session.scalars(ours.values(due_at=until).returning(table.c.id)))
        if lost := len(ids) - len(held):
            _log.warning("letters_taken_over", count=lost)
        claim.rows = [row for row in claim.rows if row.id in held]
        claim.until, claim.renewed_s = until, self._clock.monotonic()

    async def _put_back(self, row: LetterRow, error: NotTaken) -> None:
        attempts = row.attempts + 1
        if error.for_good:
            _log.warning("letter_refused", letter_id=row.id, reason=str(error))
            await self._remove([row.id])
            return
        wait_s = jittered(wait_after(attempts), spread=0.1)
        _log.warning("letter_waits", letter_id=row.id, attempts=attempts, wait_s=round(wait_s), reason=str(error))
        due_at = self._clock.now() + timedelta(seconds=wait_s)
        async with self._database.transaction() as session:
            values = {"attempts": attempts, "problem": str(error), "due_at": due_at}
            await session.execute(update(LetterRow).where(LetterRow.id == row.id).values(**values))

    async def _remove(self, ids: Sequence[int]) -> None:
        if not ids:
            return
        async with self._database.transaction(brief=True) as session:
            table = table_of(LetterRow)
            await session.execute(delete(table).where(table.c.id.in_(ids)))

    def _message(self, row: LetterRow) -> Envelope:
        """Raises SealBroken."""
        more = {}
        if row.unsubscribe_url is not None:  # RFC 2369, and RFC 8058 for mail programs that do it with one click
            more["List-Unsubscribe"] = f"<{row.unsubscribe_url}>"
            more["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return envelope(
            sender=self._sender,
            to=row.to_address,
            subject=row.subject,
            at=row.created_at,
            letter_id=f"{row.id}.{int(row.created_at.timestamp())}",
            text=self._seal.open(row.sealed, _PURPOSE),
            more=more,
        )


def wait_after(attempts: int) -> float:
    """Seconds before a letter is tried again that failed `attempts` times: 60, 120, 240 … 3600."""
    return float(min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(attempts - 1, 10)))
