"""The voice file format and the database layout, compared with what version 0.1 wrote."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from autovoice_core import Provenance, Style, VoiceProfile, VoiceProfileStorage
from autovoice_core.voices import serialization
from autovoice_core.voices.coverage import Coverage
from autovoice_core.voices.records import Embedding, Recording

STORED = Path(__file__).with_name("edith.voice")

LAYOUT = """CREATE TABLE voices (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            feature_id TEXT NOT NULL,
            f0_p5 REAL NOT NULL,
            f0_p50 REAL NOT NULL,
            f0_p95 REAL NOT NULL,
            loudness REAL NOT NULL,
            voiced_seconds REAL NOT NULL,
            recordings INTEGER NOT NULL,
            encoder TEXT,
            created TEXT NOT NULL,
            profile BLOB NOT NULL
        )"""
AUDIO_LAYOUT = """CREATE TABLE audio (
            voice INTEGER NOT NULL REFERENCES voices (id),
            sha256 TEXT NOT NULL,
            data BLOB NOT NULL,
            PRIMARY KEY (voice, sha256)
        )"""


@pytest.fixture
def edith() -> VoiceProfile:
    """The profile in ``edith.voice``, which uses everything that a profile can hold."""
    notes = [0.0] * 128
    notes[60], notes[64] = 2.5, 1.25
    return VoiceProfile(
        name="Édith",
        features={
            "frames": np.arange(12, dtype=np.float32).reshape(3, 4) / 8,
            "follows": np.array([True, False, True]),
            "wide": np.arange(3, dtype=">i4"),
        },
        feature_id="retrieval/1",
        f0_range=(180.0, 260.5, 410.25),
        loudness=-21.5,
        voiced_seconds=61.25,
        recordings=(Recording("take 1.flac", "ab" * 32, 40.5),),
        consent="the singer's own, by mail",
        provenance="a studio",
        made_by=(Provenance("pitch", "cpu/nccf", "autovoice-cpu 1", "cpu", "float32"),),
        embedding=Embedding("resemblyzer", "0.1.4", np.full(16, 0.25, np.float32)),
        heard=Coverage(notes, 12.5, 40.25),
        style=Style(formant=-1.0, breath="soften"),
        created="2026-01-02T03:04:05+00:00",
    )


def canonical(data: bytes) -> bytes:
    """Return a voice file with sorted metadata: safetensors writes them in any order."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    return data[:8] + json.dumps(header, sort_keys=True).encode() + data[8 + length :]


def test_a_profile_has_the_same_bytes(edith: VoiceProfile) -> None:
    data = serialization.dumps(edith)
    assert len(data) == STORED.stat().st_size
    assert canonical(data) == canonical(STORED.read_bytes())
    assert hashlib.sha256(canonical(data)).hexdigest() == (
        "a8617226114f851e5388fed87564e38bddbf09f9c0053f5eab7c5058e9acb5d6"
    )


def test_a_stored_voice_reads_as_it_was_made(edith: VoiceProfile) -> None:
    stored = serialization.read(STORED)
    assert canonical(serialization.dumps(stored)) == canonical(serialization.dumps(edith))
    assert stored.missing == edith.missing


def test_the_database_has_the_same_layout(
    storage: VoiceProfileStorage, edith: VoiceProfile
) -> None:
    storage.add(edith)
    with closing(sqlite3.connect(storage.path)) as connection:

        def pragma(name: str) -> object:
            return connection.execute(f"PRAGMA {name}").fetchone()[0]

        tables = connection.execute("SELECT sql FROM sqlite_master WHERE type = 'table'")
        assert tables.fetchall() == [(LAYOUT,), (AUDIO_LAYOUT,)]
        assert [pragma(name) for name in ("application_id", "user_version")] == [1096185443, 2]
        assert [pragma(name) for name in ("journal_mode", "auto_vacuum")] == ["wal", 1]
        *columns, profile = connection.execute("SELECT * FROM voices").fetchone()
        assert columns == [
            *(1, "Édith", "retrieval/1", 180.0, 260.5, 410.25, -21.5, 61.25, 1),
            *("resemblyzer", "2026-01-02T03:04:05+00:00"),
        ]
        assert canonical(profile) == canonical(STORED.read_bytes())
