"""Accounts in the order of their ids on SQLite, which found each of them through an index beside its table until now.

SQLite cannot change the type of a column, so the table is made anew, within the transaction of all migrations: a
process that is killed meanwhile leaves what was there. Foreign keys must be off on this connection, as
`upgrade_database` has them, or dropping the old table would delete everything that belongs to an account.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"

_OLD, _NEW = "id BIGINT NOT NULL", "id INTEGER NOT NULL"


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    if connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one():
        raise ValueError("foreign keys are on: everything that belongs to an account would be deleted")
    table = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'accounts'").scalar_one()
    found = connection.exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE tbl_name = 'accounts' AND type IN ('index', 'trigger') AND sql IS NOT NULL"
    )
    beside = list(found.scalars())
    connection.exec_driver_sql(_in_order(table))
    connection.execute(sa.text("INSERT INTO accounts_in_order SELECT * FROM accounts ORDER BY id"))
    connection.execute(sa.text("DROP TABLE accounts"))
    connection.execute(sa.text("ALTER TABLE accounts_in_order RENAME TO accounts"))
    for statement in beside:
        connection.exec_driver_sql(statement)


def _in_order(table: str) -> str:
    """The statement that makes it. Raises ValueError for a table that is not what the migrations before have made."""
    _, name, columns = table.partition("accounts")
    columns = columns.removeprefix('"')
    if not name or columns.count(_OLD) != 1:
        raise ValueError(f"accounts is made in an unknown way: {table}")
    return f"CREATE TABLE accounts_in_order {columns.replace(_OLD, _NEW)}"
