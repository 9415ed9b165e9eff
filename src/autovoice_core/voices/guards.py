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

MAX_STEPS = 2_000_000
"""Most steps of SQLite's machine in one statement; a listing takes some thirty for each voice."""
MAX_VALUE_BYTES = 1 << 20
"""Largest value, unless it is known to be large."""

Migration = Callable[[Database], None]


def guard(connection: sqlite3.Connection) -> None:
    """Limit what any statement on a connection may do, before its first."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
    connection.set_progress_handler(lambda: 1, MAX_STEPS)
    connection.execute("PRAGMA trusted_schema = off")
    connection.execute("PRAGMA cell_size_check = on")


@contextmanager
def large_values(db: Database, size: int) -> Iterator[None]:
    """Allow values of up to ``size`` bytes, and the rest of their rows, inside the block."""
    before = db.conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, size + MAX_VALUE_BYTES)
    try:
        yield
    finally:
        db.conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, before)


def has_layout(db: Database, migrations: tuple[Migration, ...]) -> bool:
    """Return whether a database has the layout that ``migrations`` make, and nothing else."""
    expected = _layout_after(migrations)
    return _layout(db, len(expected) + 1) == expected


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
