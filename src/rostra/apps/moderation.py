"""`rostra role`, `rostra ledger` and `rostra rebuild-cases`: what the operator does and reads on the server.

Needs the database, and the sealing key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path

import msgspec

from rostra.apps.opening import KEY_FILE, open_database, safety_rules
from rostra.apps.run_file import read_run
from rostra.apps.settings import Settings, WrongSetting
from rostra.apps.timestamps import authority_of, trusted_of
from rostra.flows.change_role import change_role
from rostra.flows.keep_ledger import newest_checkpoint, sign_at, signer_of, verify
from rostra.flows.read_ledger import impartiality, ledger_lines
from rostra.flows.rebuild_cases import rebuild_cases as rebuild
from rostra.flows.stamp_ledger import stamp_newest
from rostra.network.accounts import Role
from rostra.platform.clock import SystemClock
from rostra.platform.errors import RostraError
from rostra.platform.seal import Seal
from rostra.safety.ledger import Checkpoint, LedgerStore, Signer


class LedgerBroken(RostraError):
    status, code = HTTPStatus.CONFLICT, "ledger_broken"


class NotImpartial(RostraError):
    status, code = HTTPStatus.CONFLICT, "not_impartial"


class Unreadable(RostraError):
    code = "checkpoint_unreadable"


async def give_role(
    settings: Settings, handle: str, role: Role, reason: str, print_line: Callable[[str], None]
) -> None:
    """Raises NotFound, NoOwnerLeft."""
    async with open_database(settings) as database:
        was = await change_role(database, SystemClock(), handle.removeprefix("@"), role, reason)
    print_line(f"@{was.handle} was {was.role} and is {role} now.")


async def verify_ledger(settings: Settings, kept: Sequence[Path], print_line: Callable[[str], None]) -> None:
    """Read the whole ledger and say what is wrong. kept: files with checkpoints. Raises LedgerBroken, Unreadable."""
    checkpoints = [await asyncio.to_thread(_checkpoint_in, path) for path in kept]
    trusted = await trusted_of(settings)
    async with open_database(settings) as database:
        report = await verify(database, await _signer(settings), checkpoints, trusted=trusted)
    for fault in report.faults:
        print_line(f"{fault.flaw}: {fault.text}")
    if not report.is_whole:
        text = f"The ledger was changed: {report.faults_count} faults, {len(report.faults)} of them named."
        raise LedgerBroken(f"{report.faults_count} faults", user_message=text)
    print_line(
        f"The ledger is whole: {report.size} entries, root {report.root.hex()}. {report.checkpoints} signed "
        f"checkpoints hold, the newest over {report.signed} entries. {report.erased} personal details were erased."
    )
    if report.stamps:
        size, said_at = report.stamps[-1]
        print_line(
            f"{len(report.stamps)} of them have a time stamp of the outside authority: {size} entries were there at "
            f"{said_at:%Y-%m-%d %H:%M:%S} UTC, by its clock."
        )
    if report.unchecked:
        print_line(f"{report.unchecked} time stamps were not checked: name the authority's certificates.")


async def show_ledger(settings: Settings, case: str, last: int, print_line: Callable[[str], None]) -> None:
    async with open_database(settings) as database:
        for each in await ledger_lines(database, case=case, last=last) or ["The ledger has no such entries."]:
            print_line(each)


async def check_impartial(settings: Settings, print_line: Callable[[str], None]) -> None:
    """Whether anybody has decided about themselves. Raises NotImpartial, LedgerBroken."""
    async with open_database(settings) as database:
        try:
            found = await impartiality(database)
        except msgspec.DecodeError as error:
            text = "An entry cannot be read. `rostra ledger verify` says which one was changed."
            raise LedgerBroken(str(error), user_message=text) from error
    for each in found.breaches:
        print_line(each.text)
    if found.breaches:
        text = f"{len(found.breaches)} acts were by somebody who was involved."
        raise NotImpartial(f"{len(found.breaches)} breaches", user_message=text)
    print_line(
        f"{found.judged} acts of deciding and of looking at evidence: none by whom a case concerned, who had flagged "
        f"it, or who had decided in it before. Of {found.unknown} the name was erased."
    )


async def rebuild_cases(settings: Settings, print_line: Callable[[str], None]) -> None:
    async with open_database(settings) as database:
        rules = safety_rules(settings)
        count = await rebuild(database, rules, lambda case_id: print_line(f"Case {case_id} was put right."))
    print_line(f"{count} cases differed from their logs." if count else "Every case is what its log says.")


async def print_checkpoint(settings: Settings, print_line: Callable[[str], None]) -> None:
    """Sign what there is, and print it, to be kept somewhere else."""
    signer = await _signer(settings)
    async with open_database(settings) as database:
        made = await sign_at(database, SystemClock(), signer) or await newest_checkpoint(database, signer)
    print_line(made.note if made is not None else "The ledger has no entries yet.")


async def stamp_ledger(settings: Settings, folder: Path | None, print_line: Callable[[str], None]) -> None:
    """Sign what there is, have it stamped, and put both into the folder, as others can check them.

    Raises NoStamp, WrongSetting, RootsUnreadable.
    """
    authority = await authority_of(settings)
    if authority is None:
        text = "No time-stamp authority is set. Set timestamp_url and timestamp_roots."
        raise WrongSetting("no timestamp_url", user_message=text)
    signer, clock = await _signer(settings), SystemClock()
    async with open_database(settings) as database:
        await sign_at(database, clock, signer)
        await stamp_newest(database, clock, signer, authority)
        async with database.reading() as session:
            stamp = await LedgerStore(session).newest_stamp()
    if stamp is None:
        print_line("The ledger has no entries yet.")
        return
    print_line(f"{stamp.size} entries were there at {stamp.said_at:%Y-%m-%d %H:%M:%S} UTC, by the authority's clock.")
    if folder is not None:
        name = f"checkpoint-{stamp.size}"
        await asyncio.to_thread(_write, folder, {f"{name}.txt": stamp.note.encode(), f"{name}.tsr": stamp.answer})
        print_line(f"Keep {name}.txt and {name}.tsr of {folder} somewhere else.")


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        text = f"The folder {folder} cannot be written to ({error.strerror}). Check the path."
        raise Unreadable(str(error), user_message=text) from error


async def _signer(settings: Settings) -> Signer:
    """The same as the running house signs with, whatever its ports."""
    run = None if settings.site_url else read_run(settings.data_dir)
    seal = await asyncio.to_thread(Seal.at, settings.data_dir / KEY_FILE)
    return signer_of(seal, settings.site if run is None else run.site)


def _checkpoint_in(path: Path) -> Checkpoint:
    try:
        return Checkpoint.of_note(path.read_text())
    except OSError as error:
        text = f"The checkpoint {path} cannot be read ({error.strerror}). Check the path."
        raise Unreadable(str(error), user_message=text) from error
