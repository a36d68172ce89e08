"""`rostra role`, `rostra ledger` and `rostra rebuild-cases`: what the operator does on the server.

Needs the database, and the sealing key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from http import HTTPStatus
from pathlib import Path

from rostra.apps.run_file import read_run
from rostra.apps.settings import Settings
from rostra.apps.site import KEY_FILE, open_database, safety_rules
from rostra.flows.change_role import change_role
from rostra.flows.keep_ledger import newest_checkpoint, sign_at, signer_of, verify
from rostra.flows.rebuild_cases import rebuild_cases as rebuild
from rostra.network.accounts import Role
from rostra.platform.clock import SystemClock
from rostra.platform.errors import RostraError
from rostra.platform.seal import Seal
from rostra.safety.ledger import Checkpoint, Signer


class LedgerBroken(RostraError):
    status, code = HTTPStatus.CONFLICT, "ledger_broken"


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
    async with open_database(settings) as database:
        report = await verify(database, await _signer(settings), checkpoints)
    for fault in report.faults:
        print_line(f"{fault.flaw}: {fault.text}")
    if not report.is_whole:
        text = f"The ledger was changed: {report.faults_count} faults, {len(report.faults)} of them named."
        raise LedgerBroken(f"{report.faults_count} faults", user_message=text)
    print_line(
        f"The ledger is whole: {report.size} entries, root {report.root.hex()}. {report.checkpoints} signed "
        f"checkpoints hold, the newest over {report.signed} entries. {report.erased} personal details were erased."
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
