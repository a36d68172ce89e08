"""The queue as an index: what a case weighs, and which broadcast it is about.

What waits is weighed with the settings of the house, which a migration does not know: the clock does it, as soon as a
site runs. Until then such a case comes after the others.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"

_LIGHTEST = "127"
_AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
_TO_DO = "status IN ('open', 'proposed', 'in_complaint')"


def upgrade() -> None:
    op.add_column("cases", sa.Column("broadcast_id", sa.BigInteger(), nullable=True))
    op.add_column("cases", sa.Column("weight", sa.SmallInteger(), nullable=False, server_default=sa.text(_LIGHTEST)))
    cases = sa.table(
        "cases",
        sa.column("id"),
        sa.column("subject"),
        sa.column("broadcast_id"),
        sa.column("due_at", sa.DateTime(timezone=True)),
    )
    connection = op.get_bind()
    on_air = sa.or_(cases.c.subject.startswith("broadcast:"), cases.c.subject.startswith("span:"))
    for case_id, subject in connection.execute(sa.select(cases.c.id, cases.c.subject).where(on_air)).all():
        of = sa.update(cases).where(cases.c.id == case_id)
        connection.execute(of.values(broadcast_id=int(subject.split(":")[1])))
    connection.execute(sa.update(cases).where(sa.text(_TO_DO)).values(due_at=_AT_ONCE))
    op.drop_index("ix_cases_to_do", table_name="cases")
    for name, columns in (
        ("", ()),
        ("_language", ("language",)),
        ("_category", ("category",)),
        ("_status", ("status",)),
    ):
        _queue(f"ix_cases_queue{name}", *columns, "weight", "answer_by", "id", where=_TO_DO)
    of_broadcast = f"{_TO_DO} AND broadcast_id IS NOT NULL"
    _queue("ix_cases_queue_broadcast", "broadcast_id", "weight", "answer_by", "id", where=of_broadcast)
    _queue("ix_cases_stuck", "opened_at", where=f"stuck AND {_TO_DO}")


def _queue(name: str, *columns: str, where: str) -> None:
    op.create_index(name, "cases", list(columns), sqlite_where=sa.text(where), postgresql_where=sa.text(where))
