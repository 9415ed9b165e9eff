"""Forged databases: other layouts, other values and damaged pages are refused in one line."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import strategies as st

from autovoice_core import AutoVoiceError, VoiceProfile, VoiceProfileStorage
from autovoice_core.voices import serialization
from autovoice_core.voices.schema import APPLICATION_ID

Fuzz = Callable[..., None]

EDITH = Path(__file__).parents[1] / "voices" / "edith.voice"
LONGEST_LINE = 1000

_endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
_columns = st.sampled_from(
    [
        *("id", "name", "feature_id", "f0_p5", "f0_p50", "f0_p95", "loudness", "voiced_seconds"),
        *("recordings", "encoder", "created", "profile"),
    ]
)
_values = st.sampled_from(
    [
        *("NULL", "0", "-1", "1e308", "9e999", "-9e999", "5e-324", "0.1", "9223372036854775807"),
        *("''", "'x'", "char(27)", "char(8238)", "char(55296)", "x'00'", "x'ff'", "'a' || x'ff'"),
        *(
            "zeroblob(3000000)",
            "hex(zeroblob(600000))",
            "hex(zeroblob(3000))",
            "cast(x'ff' AS TEXT)",
        ),
    ]
)
_names = st.sampled_from(["voices", "audio", "sqlite_x", "extra"])
_bodies = st.sampled_from([_endless, "SELECT * FROM audio", "SELECT randomblob(1000000000)"])
_sql = st.one_of(
    st.builds("UPDATE voices SET {} = {}".format, _columns, _values),
    st.builds("INSERT INTO audio VALUES ({}, {}, {})".format, _values, _values, _values),
    st.builds(
        "INSERT INTO voices SELECT NULL, {}, feature_id, f0_p5, f0_p50, f0_p95, loudness, "
        "voiced_seconds, recordings, encoder, created, profile FROM voices".format,
        _values,
    ),
    st.builds("DROP TABLE {}".format, _names),
    st.builds("ALTER TABLE {} RENAME TO v".format, _names),
    st.builds("CREATE VIEW {} AS {}".format, _names, _bodies),
    st.builds("CREATE TABLE {} (x DEFAULT (randomblob(9)), y AS (x || x))".format, _names),
    st.builds("CREATE VIRTUAL TABLE {} USING fts5(name, profile)".format, _names),
    st.builds("CREATE INDEX extra ON voices ({})".format, _columns),
    st.builds(
        "CREATE TRIGGER t BEFORE {} ON {} BEGIN {}; END".format,
        st.sampled_from(["INSERT", "UPDATE", "DELETE"]),
        _names,
        _bodies,
    ),
    st.builds(
        "UPDATE sqlite_master SET {} = {}".format,
        st.sampled_from(["type", "name", "tbl_name", "sql", "rootpage"]),
        _values | st.sampled_from(["1", "2", "3", "'table'", "'view'", "'voices'"]),
    ),
    st.builds(
        "UPDATE sqlite_master SET sql = replace(sql, '{}', '{}')".format,
        st.sampled_from(
            ["NOT NULL", "UNIQUE", "REAL", "TEXT", "BLOB", "INTEGER", "voices", "name"]
        ),
        st.sampled_from(["", "TEXT", "CHECK (randomblob(9))", "COLLATE NOCASE", "x", ")", "("]),
    ),
    st.builds(
        "PRAGMA {} = {}".format,
        st.sampled_from(["user_version", "application_id", "encoding", "page_size"]),
        st.sampled_from(["-1", "0", "1", "2", "3", "2147483647", str(APPLICATION_ID), "'UTF-16'"]),
    ),
)
_bytes = st.lists(st.tuples(st.integers(0, 1 << 20), st.binary(min_size=1, max_size=8)), max_size=4)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database of two voices, one of which keeps a recording."""
    path = tmp_path_factory.mktemp("whole") / "voices.db"
    voices = VoiceProfileStorage(path)
    voices.import_(EDITH)
    voices.import_(EDITH, name="iona")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO audio VALUES (1, 'ab', zeroblob(9000))")
    return path.read_bytes()


def forge(path: Path, whole: bytes, statements: Sequence[str]) -> None:
    """Write a database that the statements have changed, as far as SQLite runs them."""
    for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        name.unlink(missing_ok=True)
    path.write_bytes(whole)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.set_progress_handler(lambda: 1, 100_000)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 10_000_000)
        for statement in ("PRAGMA writable_schema = on", "PRAGMA journal_mode = delete"):
            connection.execute(statement).fetchall()
        for statement in statements:
            with suppress(sqlite3.Error, UnicodeDecodeError):
                connection.execute(statement).fetchall()


def damage(path: Path, changes: Sequence[tuple[int, bytes]]) -> None:
    """Overwrite bytes of a file."""
    data = bytearray(path.read_bytes())
    for position, new in changes:
        position %= len(data)
        data[position : position + len(new)] = new
    path.write_bytes(data)


def require_lines(path: Path, profile: VoiceProfile) -> None:
    """Check that every use of a database works, or is refused in one line."""
    voices = VoiceProfileStorage(path)
    uses: list[Callable[[], object]] = [
        voices.list,
        lambda: voices.get("iona"),
        lambda: voices.summary("Édith"),
        lambda: voices.learn("Édith"),
        lambda: voices.require_free("new"),
        lambda: voices.set_style("iona", key=2.0),
        lambda: voices.rename("iona", "freya"),
        lambda: voices.add(profile, replace=True),
        lambda: voices.remove("Édith"),
        voices.list,
    ]
    for use in uses:
        try:
            use()
        except AutoVoiceError as error:
            line = str(error)
            assert len(line.splitlines()) == 1
            assert len(line) < LONGEST_LINE


def test_a_forged_database_is_refused_in_one_line(fuzz: Fuzz, whole: bytes, tmp_path: Path) -> None:
    profile, path = serialization.read(EDITH), tmp_path / "voices.db"

    def check(statements: list[str]) -> None:
        forge(path, whole, statements)
        require_lines(path, profile)

    fuzz(st.lists(_sql, min_size=1, max_size=4), check, examples=60)


def test_a_damaged_database_is_refused_in_one_line(
    fuzz: Fuzz, whole: bytes, tmp_path: Path
) -> None:
    profile, path = serialization.read(EDITH), tmp_path / "voices.db"

    def check(changes: list[tuple[int, bytes]]) -> None:
        forge(path, whole, [])
        damage(path, changes)
        require_lines(path, profile)

    fuzz(_bytes, check, examples=60)
