"""Guards against databases that others made: limits of work and size, and a layout that is ours.

SQLite runs what the layout of a database says: views and triggers in the place of our tables,
and queries that never end. So the layout must be ours to the letter.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from sqlite_utils import Database

MAX_STEPS = 1_000_000
"""Most steps of SQLite's machine in one statement; a listing takes some thirty for each voice."""
MAX_STEPS_TO_OPEN = 10_000
"""Most steps in one statement until the layout is known to be ours."""
MAX_COLUMNS = 32
"""Most columns of a table or a query; a layout of more is read for seconds."""
MAX_VALUE_BYTES = 1 << 20
"""Largest value, unless it is known to be large."""

_STATISTICS = frozenset(
    ("table", name, name, f"CREATE TABLE {name}({columns})")
    for name, columns in (
        ("sqlite_stat1", "tbl,idx,stat"),
        ("sqlite_stat4", "tbl,idx,neq,nlt,ndlt,sample"),
    )
)
"""The tables that ``ANALYZE`` adds, which SQLite reads to plan its queries, and nothing else."""

Migration = Callable[[Database], None]


def guard(connection: sqlite3.Connection) -> None:
    """Limit what any statement on a connection may do, before its first; see :func:`trust`."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
    connection.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, MAX_COLUMNS)
    connection.set_progress_handler(lambda: 1, MAX_STEPS_TO_OPEN)
    connection.execute("PRAGMA trusted_schema = off")
    connection.execute("PRAGMA cell_size_check = on")


def trust(connection: sqlite3.Connection) -> None:
    """Allow as much work as our queries need, on a layout that is ours."""
    connection.set_progress_handler(lambda: 1, MAX_STEPS)


@contextmanager
def large_values(db: Database, size: int) -> Iterator[None]:
    """Allow values of up to ``size`` bytes, and the rest of their rows, inside the block."""
    before = db.conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, size + MAX_VALUE_BYTES)
    try:
        yield
    finally:
        db.conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, before)


def has_layout(db: Database, migrations: tuple[Migration, ...]) -> bool:
    """Return whether a database has the layout that ``migrations`` make, and nothing else.

    SQLite's own tables of statistics may be there too.
    """
    expected = _layout_after(migrations)
    return _layout(db, len(expected | _STATISTICS) + 1) - _STATISTICS == expected


@cache
def _layout_after(migrations: tuple[Migration, ...]) -> frozenset[tuple[str, ...]]:
    db = Database(memory=True, execute_plugins=False)
    for migration in migrations:
        migration(db)
    layout = _layout(db, -1)
    db.close()
    return layout


def _layout(db: Database, most: int) -> frozenset[tuple[str, ...]]:
    query = "SELECT type, name, tbl_name, sql FROM sqlite_master LIMIT ?"
    return frozenset(db.execute(query, [most]).fetchall())
