"""Voices in an open database: read, and refused where they are missing or in the way."""

from __future__ import annotations

from pathlib import Path

from attrs import evolve
from sqlite_utils import Database

from autovoice_core._errors import StorageError
from autovoice_core._wording import flag_name
from autovoice_core.voices import queries, serialization
from autovoice_core.voices.names import clean_name, taken_name, unknown_name
from autovoice_core.voices.profile import VoiceProfile


def read_profile(db: Database, name: str, path: Path) -> VoiceProfile:
    """Return the voice ``name`` of the database at ``path``.

    Raises
    ------
    StorageError
        There is no such voice, or its profile is damaged.
    """
    name = clean_name(name)
    data = queries.select_profile(db, name)
    if data is None:
        raise unknown_name(name, queries.select_names(db), path)
    profile = serialization.loads(data, f"voice {name!r} in {path}")
    # The name in the table counts: renaming a voice does not rewrite its profile.
    return evolve(profile, name=name)


def add_learnt(db: Database, learnt: VoiceProfile, path: Path) -> VoiceProfile:
    """Add the features that a voice has learnt to the one stored, and return that.

    What was changed since, such as its style, stays.

    Raises
    ------
    StorageError
        There is no such voice any more, or one of other recordings.
    """
    stored = read_profile(db, learnt.name, path)
    if stored.recordings != learnt.recordings:
        raise StorageError(f"voice {learnt.name!r} was replaced meanwhile; let it learn again")
    stored = evolve(
        stored,
        features=learnt.features,
        more_features={**stored.more_features, **learnt.more_features},
        made_by=learnt.made_by,
    )
    queries.update_profile(db, stored, serialization.dumps(stored))
    return stored


def require_known(db: Database, name: str, path: Path) -> None:
    """Refuse a name that no voice has.

    Raises
    ------
    StorageError
        There is no such voice.
    """
    if name not in queries.select_names(db):
        raise unknown_name(name, queries.select_names(db), path)


def require_free(db: Database, name: str) -> None:
    """Refuse a name that a voice has.

    Raises
    ------
    StorageError
        It is taken.
    """
    if name in queries.select_names(db):
        raise taken_name(name, f"replace it with {flag_name('replace')}")
