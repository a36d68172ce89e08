"""Deriving the columns of every case from its log again: what differed is named, and right afterwards.

Nothing of a case is decided by these columns. They say what lists show and where it stands in the queue, so a backup
that was put together by hand, or settings that call other things urgent, leave no case where nobody looks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from rostra.platform.database import Database
from rostra.platform.log import get_logger
from rostra.safety.cases import CaseId
from rostra.safety.deadlines import SafetyRules
from rostra.safety.reckoning import ReckoningStore

_log = get_logger(__name__)
BATCH: Final = 500


async def rebuild_cases(database: Database, rules: SafetyRules, found: Callable[[CaseId], Any] | None = None) -> int:
    """How many differed. found: is told of each. The house may run meanwhile: a case is put right under its lock."""
    above: int | None = 0
    count = 0
    while above is not None:
        async with database.reading(at_length=True) as session:
            above, wrong = await ReckoningStore(session, rules).page(above, limit=BATCH)
        for case_id in wrong:
            async with database.transaction() as session:
                right = await ReckoningStore(session, rules).put_right(case_id)
            if right:
                count += 1
                _log.warning("case_put_right", case_id=case_id, columns=sorted(right))
                if found is not None:
                    found(case_id)
    return count
