"""The voices that are kept: one database file, used by any number of processes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self, Unpack

import attrs
from sqlite_utils import Database

from autovoice_core._errors import StorageError
from autovoice_core._style import StyleOptions
from autovoice_core.voices import serialization
from autovoice_core.voices.database import default_path, reading, writing
from autovoice_core.voices.names import clean_name, nearest
from autovoice_core.voices.profile import VoiceProfile
from autovoice_core.voices.summary import VoiceSummary, summaries


class VoiceProfileStorage:
    """Keeps voice profiles under their names.

    Several threads and processes may use one database at once, and one that is killed leaves it
    whole: every change happens entirely or not at all. Nothing stays open between two calls.

    Parameters
    ----------
    path
        The database file; made when something is first added. By default ``voices.db`` in the
        folder that the environment variable ``AUTOVOICE_HOME`` names, else in the platform's
        folder for the data of programs.

    Raises
    ------
    StorageError
        From any method: the file can't be made, written or read, is no voice database, is
        damaged, or was made by a newer version.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self._path = default_path() if path is None else Path(path)

    def __repr__(self) -> str:
        return f"VoiceProfileStorage({str(self._path)!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """The database file."""
        return self._path

    def add(self, profile: VoiceProfile, *, replace: bool = False) -> None:
        """Keep ``profile`` under its name.

        Raises
        ------
        StorageError
            There is a voice of that name, and ``replace`` is False.
        """
        data = serialization.dumps(profile)
        row = {
            "name": profile.name,
            "feature_id": profile.feature_id,
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
        with writing(self._path, create=True) as db:
            if replace:
                db.execute("DELETE FROM voices WHERE name = ?", [profile.name])
            _require_free(profile.name, db)
            columns = ", ".join(row)
            values = ", ".join(f":{column}" for column in row)
            db.execute(f"INSERT INTO voices ({columns}) VALUES ({values})", row)  # noqa: S608

    def get(self, name: str) -> VoiceProfile:
        """Return the voice ``name``.

        Raises
        ------
        StorageError
            There is no such voice (names the nearest), or its profile is damaged.
        """
        with reading(self._path) as db:
            return self._read(name, db)

    def list(self) -> tuple[VoiceSummary, ...]:
        """Return what is kept, by name, without reading features."""
        with reading(self._path) as db:
            return tuple(summaries(db, "ORDER BY name"))

    def summary(self, name: str) -> VoiceSummary:
        """Return what :meth:`list` says of the voice ``name``.

        Raises
        ------
        StorageError
            There is no such voice.
        """
        name = clean_name(name)
        with reading(self._path) as db:
            for summary in summaries(db, "WHERE name = ?", name):
                return summary
            raise self._unknown(name, _names(db))

    def require_free(self, name: str) -> None:
        """Refuse ``name`` if it is taken, as :meth:`add` would, before a long work.

        Raises
        ------
        StorageError
            There is a voice of that name.
        """
        with reading(self._path) as db:
            _require_free(clean_name(name), db)

    def set_style(self, name: str, **style: Unpack[StyleOptions]) -> VoiceProfile:
        """Keep how the voice ``name`` is sung in by default, and return it.

        ``style`` are attributes of :class:`~autovoice_core.Style`; those not given stay as they
        are.

        Raises
        ------
        InputError
            A value is out of range.
        StorageError
            There is no such voice, or its profile is damaged.
        """
        with writing(self._path, create=False) as db:
            profile = self._read(name, db)
            profile = attrs.evolve(profile, style=attrs.evolve(profile.style, **style))
            db.execute(
                "UPDATE voices SET profile = ? WHERE name = ?",
                [serialization.dumps(profile), profile.name],
            )
        return profile

    def rename(self, old: str, new: str) -> None:
        """Call the voice ``old`` by the name ``new``.

        Raises
        ------
        StorageError
            There is no voice ``old``, or there is one called ``new``.
        """
        old, new = clean_name(old), clean_name(new)
        with writing(self._path, create=False) as db:
            names = _names(db)
            if old not in names:
                raise self._unknown(old, names)
            if new in names and new != old:
                raise StorageError(
                    f"a voice called {new!r} is there already; remove it or choose another name"
                )
            db.execute("UPDATE voices SET name = ? WHERE name = ?", [new, old])

    def remove(self, name: str) -> None:
        """Forget the voice ``name``.

        Raises
        ------
        StorageError
            There is no such voice.
        """
        name = clean_name(name)
        with writing(self._path, create=False) as db:
            names = _names(db)
            if name not in names:
                raise self._unknown(name, names)
            db.execute("DELETE FROM voices WHERE name = ?", [name])

    def export(self, name: str, path: str | Path) -> None:
        """Write the voice ``name`` to a file ``*.voice``, for :meth:`import_` on any machine.

        Raises
        ------
        StorageError
            There is no such voice, or its profile is damaged.
        InputError
            The file's name does not end in ``.voice``, or it can't be written.
        """
        serialization.write(self.get(name), path)

    def import_(
        self, path: str | Path, *, name: str | None = None, replace: bool = False
    ) -> VoiceProfile:
        """Keep the voice in the file ``path``, under its own name or ``name``, and return it.

        Raises
        ------
        StorageError
            The file is no exported voice, is damaged or from a newer version; or there is a voice
            of that name, and ``replace`` is False.
        InputError
            The file can't be read.
        """
        profile = serialization.read(path)
        if name is not None:
            profile = attrs.evolve(profile, name=name)
        self.add(profile, replace=replace)
        return profile

    def close(self) -> None:
        """Do nothing, as nothing is open: here for ``with`` and for symmetry."""

    def _read(self, name: str, db: Database) -> VoiceProfile:
        name = clean_name(name)
        row = db.execute("SELECT profile FROM voices WHERE name = ?", [name]).fetchone()
        if row is None:
            raise self._unknown(name, _names(db))
        profile = serialization.loads(row[0], f"voice {name!r} in {self._path}")
        # The name in the table is the one that counts: a renamed voice is not written again.
        return attrs.evolve(profile, name=name)

    def _unknown(self, name: str, names: Sequence[str]) -> StorageError:
        if not names:
            return StorageError(
                f"unknown voice {name!r}: none is kept in {self._path} yet; "
                "add one with `autovoice voices add NAME FILE...`"
            )
        close = nearest(name, names)
        if close:
            return StorageError(
                f"unknown voice {name!r}; did you mean {' or '.join(map(repr, close))}?"
            )
        return StorageError(
            f"unknown voice {name!r}; `autovoice voices list` shows those there are"
        )


def _names(db: Database) -> list[str]:
    return [name for (name,) in db.execute("SELECT name FROM voices ORDER BY name")]


def _require_free(name: str, db: Database) -> None:
    if name in _names(db):
        raise StorageError(
            f"a voice called {name!r} is there already; "
            "replace it with replace=True (--replace) or choose another name"
        )
