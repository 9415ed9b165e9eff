"""Waiting for other programs that use a voice database."""

from __future__ import annotations

import random
import sqlite3
import time

TIMEOUT_SECONDS = 30.0
"""Longest wait for another program that writes and does not come to an end."""


def begin_writing(connection: sqlite3.Connection) -> None:
    """Begin a transaction as soon as no other program writes.

    In SQLite's own waiting, those that come later try more often than those that have waited
    long, so that one of many may never get its turn. Here all try equally often, and wait as long
    as others come to an end.

    Raises
    ------
    sqlite3.OperationalError
        One other program writes for longer than ``TIMEOUT_SECONDS``.
    """
    seen, deadline = None, 0.0
    while True:
        connection.execute("PRAGMA busy_timeout = 0")
        try:
            connection.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            busy = error
        finally:
            connection.execute(f"PRAGMA busy_timeout = {1000 * TIMEOUT_SECONDS:.0f}")
        # It changes when another program has ended a transaction.
        version = connection.execute("PRAGMA data_version").fetchone()
        if version != seen:
            seen, deadline = version, time.monotonic() + TIMEOUT_SECONDS
        wait_or_raise(busy, deadline)


def use_wal(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging, in which readers and a writer don't wait for each other.

    Raises
    ------
    sqlite3.OperationalError
        Other programs use the database for longer than ``TIMEOUT_SECONDS``.
    """
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            # auto_vacuum can only be set while a database is empty.
            connection.execute("PRAGMA auto_vacuum = full")
            connection.execute("PRAGMA journal_mode = wal")
            # A file system without it keeps the old journal, which is as safe.
            return
        except sqlite3.OperationalError as error:
            # Here SQLite does not wait by itself when two programs make a database at once.
            wait_or_raise(error, deadline)


def wait_or_raise(error: sqlite3.OperationalError, deadline: float) -> None:
    """Wait for a moment before the next try, or raise what is no waiting or waited too long."""
    if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
        raise error
    time.sleep(random.uniform(0.005, 0.02))  # noqa: S311
