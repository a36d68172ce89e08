"""Reading the ledger: what was done in a case, and whether anybody has decided about themselves."""

from __future__ import annotations

from rostra.platform.database import Database
from rostra.safety.ledger import Entry, LedgerStore
from rostra.safety.ledger.entries import decode
from rostra.safety.ledger.impartiality import Impartiality
from rostra.safety.ledger.reading import LedgerReader


async def ledger_lines(database: Database, *, case: str = "", last: int) -> list[str]:
    """The newest entries, oldest first, one a line. case: only those of this one; empty for all."""
    found: list[str] = []
    async with database.reading(at_length=True) as session:
        before: int | None = None
        while len(found) < last:
            page = await LedgerStore(session).entries(before)
            wanted = [each for each in page if not case or _is_about(each, case)]
            found += [_line_of(each) for each in wanted[: last - len(found)]]
            if not page or page[-1].number == 0:
                break
            before = page[-1].number
    return found[::-1]


async def impartiality(database: Database) -> Impartiality:
    """What the whole ledger says of it. Raises msgspec.DecodeError for an entry that cannot be read."""
    found = Impartiality()
    async with database.reading(at_length=True) as session:
        tree = await LedgerStore(session).tree()
        async for rows, details in LedgerReader(session).pages(below=tree.size):
            beside = {number: {name: value for name, _, value in each} for number, _, each in details}
            for number, content, _ in rows:
                found.take(decode(content), beside.get(number, {}))
    return found


def _is_about(entry: Entry, case: str) -> bool:
    facts = entry.content.facts
    return facts.get("case") == case or case in str(facts.get("cases", "")).split()


def _line_of(entry: Entry) -> str:
    """ "812 2026-05-04 18:00:00 decision_made case=7 … by=3 reason=…": with nothing that ends a line."""
    content = entry.content
    said = {name: value for name, value in content.facts.items() if value not in ("", None)} | entry.personal
    facts = " ".join(f"{name}={' '.join(str(value).split())}" for name, value in said.items())
    erased = [name for name in content.sealed if name not in entry.personal]
    gone = f" erased={','.join(erased)}" if erased else ""
    return f"{content.n} {content.at:%Y-%m-%d %H:%M:%S} {content.act} {facts}{gone}".rstrip()
