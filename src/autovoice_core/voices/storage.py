"""``VoiceProfileStorage``: voice profiles kept by name in one database file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self, Unpack

import attrs

from autovoice_core._arguments import PathLike, as_flag, as_instance, as_path
from autovoice_core._errors import InputError
from autovoice_core._style import StyleOptions
from autovoice_core.audio.atomic import is_same_file
from autovoice_core.voices import queries, serialization
from autovoice_core.voices.changes import SettingChanges, changed
from autovoice_core.voices.database import (
    default_path,
    open_for_reading,
    open_for_writing,
    require_writable,
)
from autovoice_core.voices.names import clean_name, taken_name, unknown_name
from autovoice_core.voices.profile import VoiceProfile
from autovoice_core.voices.recordings import Recordings, given_or_kept, kept_bytes
from autovoice_core.voices.rows import add_learnt, read_profile, require_free, require_known
from autovoice_core.voices.summary import VoiceSummary

if TYPE_CHECKING:
    from autovoice_core.voices.learning import LearningOptions

PROFILE_REMEDY = "give one, for example VoiceProfileStorage().get('iona')"


class VoiceProfileStorage:
    """Keeps voice profiles under their names.

    Several threads and processes may use one database at once, and one that is killed leaves it
    intact: every change happens entirely or not at all. Nothing stays open between two calls.

    Parameters
    ----------
    path
        The database file; made when a voice is first added. By default ``voices.db`` in the
        folder that the environment variable ``AUTOVOICE_HOME`` names, else in the platform's
        folder for application data.

    Raises
    ------
    StorageError
        From any method: the file can't be made, written or read, is not a voice database, is
        damaged, or was made by a newer version.
    InputError
        No path is given, and this user has no home folder.
    """

    def __init__(self, path: PathLike | None = None) -> None:
        self._path = default_path() if path is None else as_path("path", path)

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

    def add(
        self, profile: VoiceProfile, *, replace: bool = False, keep_audio: Recordings | None = None
    ) -> None:
        """Keep ``profile`` under its name.

        ``keep_audio`` are the recordings that it was made from, to be kept too, for :meth:`learn`.

        Raises
        ------
        StorageError
            The name is taken, and ``replace`` is False.
        InputError
            The recordings are others than those of the profile, or too large.
        """
        data = serialization.dumps(as_instance("profile", profile, VoiceProfile, PROFILE_REMEDY))
        replace = as_flag("replace", replace)
        kept = kept_bytes(profile.name, profile.recordings, keep_audio)
        with open_for_writing(self._path, create=True) as db:
            if replace:
                queries.delete_voice(db, profile.name)
            require_free(db, profile.name)
            queries.insert_voice(db, profile, data)
            for sha256, recording in kept.items():
                queries.insert_audio(db, profile.name, sha256, recording)

    def get(self, name: str) -> VoiceProfile:
        """Return the voice ``name``.

        Raises
        ------
        StorageError
            There is no such voice (names similar ones), or its profile is damaged.
        """
        with open_for_reading(self._path) as db:
            return read_profile(db, name, self._path)

    def list(self) -> tuple[VoiceSummary, ...]:
        """Return a summary of each voice, sorted by name, without reading its features."""
        with open_for_reading(self._path) as db:
            return tuple(queries.select_summaries(db))

    def summary(self, name: str) -> VoiceSummary:
        """Return the summary of the voice ``name``.

        Raises
        ------
        StorageError
            There is no such voice.
        """
        name = clean_name(name)
        with open_for_reading(self._path) as db:
            for summary in queries.select_summaries(db, name):
                return summary
            raise unknown_name(name, queries.select_names(db), self._path)

    def require_free(self, name: str, *, replace: bool = False) -> None:
        """Refuse what :meth:`add` would: a check before a long job.

        Raises
        ------
        StorageError
            The name is taken, and ``replace`` is False; or the file can't be written.
        """
        require_writable(self._path)
        if replace:
            return
        with open_for_reading(self._path) as db:
            require_free(db, clean_name(name))

    def set_style(
        self, name: str, *, settings: SettingChanges | None = None, **style: Unpack[StyleOptions]
    ) -> VoiceProfile:
        """Set the default style of the voice ``name``, and return the changed profile.

        ``style`` are attributes of :class:`~autovoice_core.Style`, ``settings`` those of converters
        by full name, where None removes one; those not given stay as they are.

        Raises
        ------
        InputError
            A value is out of range.
        StorageError
            There is no such voice, or its profile is damaged.
        """
        with open_for_writing(self._path, create=False) as db:
            profile = changed(read_profile(db, name, self._path), style, settings)
            queries.update_profile(db, profile, serialization.dumps(profile))
        return profile

    def learn(
        self, name: str, recordings: Recordings | None = None, **options: Unpack[LearningOptions]
    ) -> VoiceProfile:
        """Let one more converter learn the voice ``name``, and return the changed profile.

        See :meth:`VoiceProfile.learn`; ``recordings`` are not needed where they were kept.

        Raises
        ------
        StorageError
            There is no such voice, or no recordings of it are kept.
        """
        from autovoice_core.voices.learning import learn

        with open_for_reading(self._path) as db:
            profile = read_profile(db, name, self._path)
            kept = {} if recordings is not None else queries.select_audio(db, profile.name)
        files = given_or_kept(profile.name, profile.recordings, recordings, kept)
        learnt = profile.with_features(*learn(files, **options))
        with open_for_writing(self._path, create=False) as db:
            return add_learnt(db, learnt, self._path)

    def rename(self, old: str, new: str) -> None:
        """Rename the voice ``old`` to ``new``.

        Raises
        ------
        StorageError
            There is no voice ``old``, or the name ``new`` is taken.
        """
        old, new = clean_name(old, "old"), clean_name(new, "new")
        with open_for_writing(self._path, create=False) as db:
            require_known(db, old, self._path)
            if new != old and new in queries.select_names(db):
                raise taken_name(new, "remove it")
            queries.rename_voice(db, old, new)

    def remove(self, name: str) -> None:
        """Delete the voice ``name``; its bytes are overwritten in the file.

        Raises
        ------
        StorageError
            There is no such voice.
        """
        name = clean_name(name)
        with open_for_writing(self._path, create=False) as db:
            require_known(db, name, self._path)
            queries.delete_voice(db, name)

    def export(self, name: str, path: PathLike, *, overwrite: bool = True) -> None:
        """Write the voice ``name`` to a file ``*.voice``, for :meth:`import_` on any machine.

        A file that exists is replaced, or refused with ``overwrite`` False.

        Raises
        ------
        StorageError
            There is no such voice, or its profile is damaged.
        InputError
            The file's name does not end in ``.voice``, it is the database, or it can't be written.
        """
        path = as_path("path", path)
        if is_same_file(path, self._path):
            raise InputError(f"{path}: is the database of the voices; give another name")
        serialization.write(self.get(name), path, overwrite=overwrite)

    def import_(
        self, path: PathLike, *, name: str | None = None, replace: bool = False
    ) -> VoiceProfile:
        """Keep the voice in the file ``path``, under its own name or ``name``, and return it.

        Raises
        ------
        StorageError
            The file is not an exported voice, is damaged or from a newer version; or the name is
            taken, and ``replace`` is False.
        InputError
            The file can't be read.
        """
        profile = serialization.read(as_path("path", path))
        if name is not None:
            profile = attrs.evolve(profile, name=name)
        self.add(profile, replace=replace)
        return profile

    def close(self) -> None:
        """Do nothing, as nothing stays open: here for ``with`` and for symmetry."""
