"""Every query on an open voice database; a value that none of them wrote is damage."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from sqlite_utils import Database

from autovoice_core._errors import InputError
from autovoice_core.voices.guards import large_values
from autovoice_core.voices.limits import MAX_AUDIO_BYTES, MAX_LABEL_LENGTH, MAX_PROFILE_BYTES
from autovoice_core.voices.names import MAX_NAME_LENGTH
from autovoice_core.voices.profile import VoiceProfile
from autovoice_core.voices.summary import KINDS_SEPARATOR, VoiceSummary


def select_summaries(db: Database, name: str | None = None) -> Iterator[VoiceSummary]:
    """Yield a summary of each voice by name, or of the one called ``name``; reads no profile."""
    query = """
        SELECT name, feature_id AS feature_ids, f0_p5, f0_p50, f0_p95, loudness, voiced_seconds,
            recordings, encoder, created, length(profile) AS size,
            EXISTS (SELECT 1 FROM audio WHERE voice = voices.id) AS keeps_audio
        FROM voices WHERE name = ifnull(?, name) ORDER BY name
    """
    for row in db.query(query, [name]):
        f0_range = (row.pop("f0_p5"), row.pop("f0_p50"), row.pop("f0_p95"))
        keeps_audio = bool(row.pop("keeps_audio"))
        try:
            yield VoiceSummary(f0_range=f0_range, keeps_audio=keeps_audio, **row)
        except InputError as error:
            raise sqlite3.DataError(str(error)) from error


def select_names(db: Database) -> list[str]:
    """Return the names of all voices, sorted."""
    query = "SELECT substr(name, 1, ?) FROM voices ORDER BY name"  # whatever its length
    names = [name for (name,) in db.execute(query, [MAX_NAME_LENGTH + 1])]
    if not all(isinstance(name, str) for name in names):
        raise sqlite3.DataError("a name is not text")
    return names


def select_profile(db: Database, name: str) -> bytes | None:
    """Return the bytes of the profile ``name``; None if there is no such voice."""
    with large_values(db, MAX_PROFILE_BYTES):
        row = db.execute("SELECT profile FROM voices WHERE name = ?", [name]).fetchone()
    return None if row is None else _as_bytes(row[0])


def insert_voice(db: Database, profile: VoiceProfile, data: bytes) -> None:
    """Add a voice, ``data`` being its ``profile`` as bytes."""
    row = {
        "name": profile.name,
        "feature_id": _kinds(profile),
        "f0_p5": profile.f0_range.p5,
        "f0_p50": profile.f0_range.p50,
        "f0_p95": profile.f0_range.p95,
        "loudness": profile.loudness,
        "voiced_seconds": profile.voiced_seconds,
        "recordings": len(profile.recordings),
        "encoder": profile.embedding and profile.embedding.encoder,
        "created": profile.created,
        "profile": data,
    }
    columns = ", ".join(row)
    values = ", ".join(f":{column}" for column in row)
    with large_values(db, MAX_PROFILE_BYTES):
        db.execute(f"INSERT INTO voices ({columns}) VALUES ({values})", row)  # noqa: S608


def update_profile(db: Database, profile: VoiceProfile, data: bytes) -> None:
    """Replace the voice of the name of ``profile``, which ``data`` is as bytes."""
    query = "UPDATE voices SET profile = ?, feature_id = ? WHERE name = ?"
    with large_values(db, MAX_PROFILE_BYTES):
        db.execute(query, [data, _kinds(profile), profile.name])


def rename_voice(db: Database, old: str, new: str) -> None:
    """Change the name of a voice; its profile keeps the old one inside."""
    with large_values(db, MAX_PROFILE_BYTES):
        db.execute("UPDATE voices SET name = ? WHERE name = ?", [new, old])


def select_audio(db: Database, name: str) -> dict[str, bytes]:
    """Return the recordings that are kept of the voice ``name``, by their SHA-256."""
    kept = "FROM audio JOIN voices ON voice = id WHERE name = ?"
    size = db.execute(f"SELECT ifnull(sum(length(data)), 0) {kept}", [name]).fetchone()[0]
    if size > MAX_AUDIO_BYTES:
        raise sqlite3.DataError(f"{size / 1e6:.0f} MB of recordings are kept of {name!r}")
    with large_values(db, MAX_AUDIO_BYTES):
        rows = db.execute(f"SELECT sha256, data {kept}", [name]).fetchall()
    return {str(sha256): _as_bytes(data) for sha256, data in rows}


def insert_audio(db: Database, name: str, sha256: str, data: bytes) -> None:
    """Keep a recording of the voice ``name``."""
    query = "INSERT INTO audio SELECT id, ?, ? FROM voices WHERE name = ?"
    with large_values(db, MAX_AUDIO_BYTES):
        db.execute(query, [sha256, data, name])


def delete_voice(db: Database, name: str) -> None:
    """Delete the voice ``name`` and its recordings, if there is one."""
    db.execute("DELETE FROM audio WHERE voice IN (SELECT id FROM voices WHERE name = ?)", [name])
    db.execute("DELETE FROM voices WHERE name = ?", [name])


def _kinds(profile: VoiceProfile) -> str:
    """Return the kinds of features in one text, as many as there is room for in a label."""
    text, *others = profile.feature_ids
    for kind in others:
        if len(text) + len(KINDS_SEPARATOR) + len(kind) <= MAX_LABEL_LENGTH:
            text += KINDS_SEPARATOR + kind
    return text


def _as_bytes(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise sqlite3.DataError(f"it holds a value of type {type(value).__name__} for bytes")
    return value
