"""A voice profile as a document of JSON and named arrays: the parts of the ``.voice`` format."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import attrs
from numpy.typing import NDArray

from autovoice_core._arguments import describe
from autovoice_core._provenance import Provenance
from autovoice_core._style import Style
from autovoice_core.voices.coverage import Coverage
from autovoice_core.voices.limits import MAX_ENTRIES, MAX_RECORDINGS
from autovoice_core.voices.profile import VoiceProfile
from autovoice_core.voices.records import Embedding, Recording

_FEATURES, _MORE = "feature", "more"
_EMBEDDING_NAME = "embedding"

Arrays = dict[str, NDArray[Any]]


def arrays_of(profile: VoiceProfile) -> Arrays:
    """Return all arrays of ``profile``, each by a name of its own."""
    arrays = _named(_FEATURES, profile.features)
    for number, features in enumerate(profile.more_features.values()):
        arrays |= _named(f"{_MORE}.{number}", features)
    if profile.embedding is not None:
        arrays[_EMBEDDING_NAME] = profile.embedding.vector
    return arrays


def document_of(profile: VoiceProfile) -> dict[str, Any]:
    """Return all of ``profile`` but its arrays as data of JSON."""
    embedding = profile.embedding
    more = {"more_features": list(profile.more_features)} if profile.more_features else {}
    return more | {
        "name": profile.name,
        "feature_id": profile.feature_id,
        "f0_range": list(profile.f0_range),
        "loudness": profile.loudness,
        "voiced_seconds": profile.voiced_seconds,
        "recordings": [attrs.asdict(recording) for recording in profile.recordings],
        "consent": profile.consent,
        "provenance": profile.provenance,
        # Without what is empty, so that earlier versions can read it.
        "made_by": [
            {name: value for name, value in attrs.asdict(made_by).items() if value != {}}
            for made_by in profile.made_by
        ],
        "embedding": embedding and {"encoder": embedding.encoder, "version": embedding.version},
        "heard": profile.heard and attrs.asdict(profile.heard),
        "style": attrs.asdict(profile.style),
        **({"settings": profile.settings} if profile.settings else {}),
        "created": profile.created,
    }


def profile_of(document: Any, arrays: Arrays) -> VoiceProfile:
    """Return the profile that a document and arrays describe.

    Raises
    ------
    KeyError, TypeError, ValueError
        They describe none; InputError is a ValueError.
    """
    if not isinstance(document, dict):
        raise TypeError("its profile is no object of JSON")
    embedding, heard = document.pop("embedding"), document.get("heard")
    more = _list(document.get("more_features", []), MAX_ENTRIES)
    sets = _sets(arrays)
    return VoiceProfile(
        **document
        | {
            "features": sets[_FEATURES],
            "more_features": {
                feature_id: sets[f"{_MORE}.{number}"] for number, feature_id in enumerate(more)
            },
            "recordings": tuple(
                Recording(**record) for record in _list(document["recordings"], MAX_RECORDINGS)
            ),
            "made_by": tuple(
                Provenance(**record) for record in _list(document["made_by"], MAX_ENTRIES)
            ),
            "embedding": None
            if embedding is None
            else Embedding(**embedding, vector=arrays[_EMBEDDING_NAME]),
            # Format 1 had neither of these.
            "heard": None if heard is None else Coverage(**heard),
            "style": Style(**document.get("style", {})),
        }
    )


def _list(values: Any, most: int) -> list[Any]:
    if not isinstance(values, list) or len(values) > most:
        raise ValueError(f"it holds {describe(values)} where a list of at most {most} belongs")
    return values


def _named(kind: str, arrays: Mapping[str, NDArray[Any]]) -> Arrays:
    return {f"{kind}.{name}": values for name, values in arrays.items()}


def _sets(arrays: Arrays) -> defaultdict[str, Arrays]:
    """Return the arrays by the set that they belong to, e.g. ``"feature"``, ``"more.0"``."""
    sets: defaultdict[str, Arrays] = defaultdict(dict)
    for name, values in arrays.items():
        kind, _, rest = name.partition(".")
        if kind == _MORE:
            number, _, rest = rest.partition(".")
            kind = f"{_MORE}.{number}"
        sets[kind][rest] = values
    return sets
