"""The voices: a database that can't be read or written, or that a newer version made."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from autovoice_core._errors import StorageError
from autovoice_core.backends.wording import describe_error
from autovoice_core.cli.doctor.finding import Finding
from autovoice_core.cli.doctor.import_errors import first_cause, known_remedy
from autovoice_core.cli.doctor.places import may_write

_UPGRADE = "pip install --upgrade autovoice-core"
_OTHER_HOME = "export AUTOVOICE_HOME=/path/to/another/folder"
_MOST_BYTES_CHECKED = 1 << 26
_VERSION = re.compile(rb'"format_version":"(\d{1,9})"')


def check_voices(path: Path) -> Iterator[Finding]:
    """Yield what keeps the voices of a database from being read or changed."""
    try:
        from autovoice_core.voices.database import require_writable
        from autovoice_core.voices.storage import VoiceProfileStorage
    except Exception as error:  # noqa: BLE001  # NumPy's extensions, which may be broken
        told = describe_error(first_cause(error))
        text = f"a package that autovoice-core needs can't be imported ({told})"
        reinstall = "pip install --force-reinstall autovoice-core"
        yield Finding("core-import", "problem", text, known_remedy(told, "numpy") or reinstall)
        return
    try:
        VoiceProfileStorage(path).list()
        if not path.exists():
            require_writable(path)
        elif path.stat().st_size <= _MOST_BYTES_CHECKED:
            _require_whole(path)
    except StorageError as error:
        is_newer = "made by a newer AutoVoice" in str(error)
        code, remedy = ("voices-newer", _UPGRADE) if is_newer else ("voices", _OTHER_HOME)
        yield Finding(code, "problem", str(error), remedy)
        return
    yield from _newer_voices(path)
    if path.exists() and not (may_write(path) and may_write(path.parent)):
        text = f"{path}: can't be written, so its voices are read, and none is added or changed"
        yield Finding("voices-read-only", "warning", text, _OTHER_HOME)


def _require_whole(path: Path) -> None:
    """Refuse a database that is damaged in parts that a list of its voices does not read."""
    from autovoice_core.voices.database import open_for_reading

    with open_for_reading(path) as db:
        db.conn.set_progress_handler(None, 0)  # its limit is for queries
        ((told,),) = db.execute("PRAGMA quick_check(1)").fetchall()
    if told != "ok":
        reason = " ".join(told.split())
        text = f"the voice database is damaged ({reason}); put back a copy, or move it away"
        raise StorageError(f"{path}: {text}")


def _newer_voices(path: Path) -> Iterator[Finding]:
    """Yield each voice whose format is newer than this version reads."""
    from autovoice_core.voices.database import open_for_reading
    from autovoice_core.voices.profile import FORMAT_VERSION
    from autovoice_core.voices.serialization import MAX_HEADER_BYTES

    with open_for_reading(path) as db:
        rows = list(db.execute("SELECT id, name FROM voices ORDER BY name"))
        headers = {name: _header(db.conn, row, MAX_HEADER_BYTES) for row, name in rows}
    for name, header in headers.items():
        found = _VERSION.search(header)
        if found and int(found[1]) > FORMAT_VERSION:
            text = (
                f"the voice {name!r} was written by a newer AutoVoice (voice format "
                f"{int(found[1])}, this one reads up to {FORMAT_VERSION}); upgrade autovoice-core"
            )
            yield Finding("voices-newer", "problem", text, _UPGRADE)


def _header(connection: sqlite3.Connection, row: int, limit: int) -> bytes:
    """Return the header of a voice; what follows, the features, may be large and is not read."""
    with connection.blobopen("voices", "profile", row, readonly=True) as profile:
        return profile.read(min(int.from_bytes(profile.read(8), "little"), limit))
